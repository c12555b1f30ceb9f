// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: see glue.h.
 */
#include "check.h"
#include "glue.h"
#include "image.h"

static_assert(OP_DATA == (int)DMR_OP_DATA && OP_FLUSH == (int)DMR_OP_FLUSH &&
	      OP_TABLE == (int)DMR_OP_TABLE && OP_EMPTY == (int)DMR_OP_EMPTY &&
	      OP_FILL == (int)DMR_OP_FILL && OP_SUPER == (int)DMR_OP_SUPER &&
	      OP_TOMBSTONE == (int)DMR_OP_TOMBSTONE && OP_DONE == (int)DMR_OP_DONE &&
	      OP_ABORT == (int)DMR_OP_ABORT && OP_DOUBT == (int)DMR_OP_DOUBT, "enum dmr_op");
static_assert(RES_OK == (int)DMR_RES_OK && RES_COPIES == (int)DMR_RES_COPIES &&
	      RES_FLUSH == (int)DMR_RES_FLUSH && RES_GONE == (int)DMR_RES_GONE,
	      "enum dmr_result");

static u64 epoch_of(int small)
{
	return (u64)(small / GLUE_GAP) * DMR_EPOCH_GAP + small % GLUE_GAP;
}

int glue_epoch(int epoch, u32 unread)
{
	const u64 next = dmr_copies_epoch(epoch_of(epoch), unread);

	return (int)(next / DMR_EPOCH_GAP * GLUE_GAP + next % DMR_EPOCH_GAP);
}

static struct dmr_gen gen_of(int img)
{
	return (struct dmr_gen){
		.epoch = epoch_of(IMG_EPOCH(img)),
		.counter = IMG_COUNTER(img),
		.nonce = IMG_NONCE(img),
	};
}

static enum dmr_blk_status status_of(const struct glue_spare *sp, u32 place)
{
	if (sp->unread >> place & 1)
		return DMR_BLK_UNREAD;
	return sp->img[place] ? DMR_BLK_OK : DMR_BLK_CRC;
}

static void super_of(const struct glue_spare *sp, u32 c, struct dmr_super_seen *seen)
{
	const int img = sp->img[PLACE(c, 0)];

	memset(seen, 0, sizeof(*seen));
	seen->st = status_of(sp, PLACE(c, 0));
	if (seen->st != DMR_BLK_OK)
		return;
	seen->sb.copy = c;
	seen->sb.gen = gen_of(img);
	seen->sb.copies = sp->copies;
	seen->sb.insync = IMG_NAMED(img);
	seen->sb.table_blk = GLUE_TABLES;
	seen->sb.hwm_blk = IMG_MARK(img);
	seen->sb.slots = sp->slots;
	seen->sb.activity = IMG_CLEAN(img);
}

/* The mistake: what the highest superblock names is believed without a witness. */
static int believe(const struct glue_spare *sp, struct dmr_verdict_copies *v)
{
	u32 c;

	for (c = 0; c < sp->copies; c++)
		if (status_of(sp, PLACE(c, 0)) == DMR_BLK_OK &&
		    IMG_NAMED(sp->img[PLACE(v->best, 0)]) >> c & 1)
			v->candidates |= 1u << c;
	return v->candidates ? 0 : -ESTALE;
}

static int judge(const struct glue_spare *sp, struct glue_loaded *out)
{
	struct dmr_super_seen seen[DMR_COPIES_MAX];
	struct dmr_verdict_copies v;
	int err;
	u32 c;

	for (c = 0; c < sp->copies; c++)
		super_of(sp, c, &seen[c]);
	err = dmr_copies_judge(seen, sp->copies, &v);
	if (sp->believe && (!err || err == -ESTALE))
		err = believe(sp, &v);
	if (err)
		return err;
	out->super = sp->img[PLACE(v.best, 0)];
	out->best = v.best;
	out->candidates = v.candidates;
	out->rebuild = v.rebuild;
	out->unread = v.unread;
	return 0;
}

static u64 word_of(int entry)
{
	if (entry == E_BAD)
		return dmr_entry_make(DMR_KIND_BAD, dmr_mblk(0), 0, 0);
	if (!E_MAPS(entry))
		return 0;
	return dmr_entry_make(DMR_KIND_USED, dmr_mblk(E_BLOCK(entry)), DMR_STATE_SLOT,
			      E_SERIAL(entry));
}

static void take_in(struct glue_loaded *out, u32 s, int e)
{
	out->entry[s] = e;
	if (e != E_FREE)
		out->taken |= 1u << s;
}

static int choose(const struct glue_spare *sp, u32 k, struct glue_loaded *out)
{
	static u64 word[DMR_COPIES_MAX][DMR_ENTRIES_PER_BLK];
	struct dmr_table_seen seen[DMR_COPIES_MAX];
	u32 best, c, i;
	int err;

	for (c = 0; c < sp->copies; c++) {
		const int img = sp->img[TABLE(c, k)];

		seen[c].st = status_of(sp, TABLE(c, k));
		seen[c].gen = gen_of(img);
		for (i = 0; i < sp->per_blk; i++)
			word[c][i] = word_of(IMG_ENTRY(img, i));
		seen[c].word = word[c];
	}
	err = dmr_copies_pick(seen, sp->copies, out->candidates, &best, &out->same[k]);
	if (err)
		return err;
	out->img[k] = sp->img[TABLE(best, k)];
	for (i = 0; i < sp->per_blk && k * sp->per_blk + i < sp->slots; i++)
		take_in(out, k * sp->per_blk + i, IMG_ENTRY(out->img[k], i));
	return 0;
}

/* Two entries for one block: the next serial counts; three: nothing does. */
static int resolve(const struct glue_spare *sp, struct glue_loaded *out)
{
	u32 held[2] = { GLUE_SLOTS, GLUE_SLOTS };
	bool doubled[2] = { false, false };
	u32 s;

	for (s = 0; s < sp->slots; s++) {
		const int e = out->entry[s];
		const int b = E_BLOCK(e);
		u32 loser = held[b];
		int winner;

		if (!E_MAPS(e))
			continue;
		held[b] = s;
		if (loser == GLUE_SLOTS)
			continue;
		winner = dmr_check_winner(word_of(out->entry[loser]), word_of(e));
		if (winner < 0 || doubled[b])
			return -EUCLEAN;
		doubled[b] = true;
		if (!winner) {
			held[b] = loser;
			loser = s;
		}
		out->entry[loser] = E_FREE;
		out->dirty |= 1u << loser / sp->per_blk;
	}
	return 0;
}

void glue_load(const struct glue_spare *sp, struct glue_loaded *out)
{
	u32 k;

	memset(out, 0, sizeof(*out));
	out->err = judge(sp, out);
	for (k = 0; !out->err && k < (u32)IMG_MARK(out->super); k++)
		out->err = choose(sp, k, out);
	if (!out->err)
		out->err = resolve(sp, out);
}
