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

/* Where the superblock of a spot is on a real spare; the alternate comes after the copies. */
static struct dmr_slot slot_of(const struct glue_spare *sp, u32 spot)
{
	struct dmr_layout lay;

	if (spot == sp->copies)
		return dmr_layout_alternate(GLUE_SPARE_SLOTS, 0);
	dmr_layout_compute(GLUE_SPARE_SLOTS * DMR_BLK_SECTS, &lay);
	return lay.copy_slot[spot];
}

static u32 spots(const struct glue_spare *sp)
{
	return sp->copies + sp->alternate;
}

/* The spot that has its superblock in this slot; there is none: spots() */
static u32 spot_of(const struct glue_spare *sp, struct dmr_slot at)
{
	u32 spot;

	for (spot = 0; spot < spots(sp); spot++)
		if (slot_of(sp, spot).v == at.v)
			break;
	return spot;
}

static enum dmr_blk_status super_of(const struct glue_spare *sp, u32 spot, struct dmr_super *sb)
{
	const int img = sp->img[PLACE(spot, 0)];
	const enum dmr_blk_status st = status_of(sp, PLACE(spot, 0));
	u32 c;

	memset(sb, 0, sizeof(*sb));
	if (st != DMR_BLK_OK)
		return st;
	sb->copy = spot < sp->copies ? spot : (u32)IMG_MOVED(img) - 1;
	sb->gen = gen_of(img);
	sb->copies = sp->copies;
	sb->insync = IMG_NAMED(img);
	sb->table_blk = GLUE_TABLES;
	sb->hwm_blk = IMG_MARK(img);
	sb->slots = GLUE_SPARE_SLOTS;
	sb->activity = IMG_CLEAN(img);
	for (c = 0; c < sp->copies; c++)
		sb->copy_slot[c] = slot_of(sp, (u32)IMG_MOVED(img) == c + 1 ? sp->copies : c);
	return IMG_TOMB(img) ? DMR_BLK_TOMBSTONE : DMR_BLK_OK;
}

/* A spare of this size has five copies; those of the model are the first of them. */
static void search(const struct glue_spare *sp, struct dmr_search *find)
{
	struct dmr_super sb;
	struct dmr_slot at;

	dmr_search_begin(find, GLUE_SPARE_SLOTS * DMR_BLK_SECTS);
	find->n = sp->copies;
	find->probed = sp->anchors_only;
	for (at = dmr_search_next(find); !dmr_slot_is_none(at); at = dmr_search_next(find)) {
		const u32 spot = spot_of(sp, at);

		dmr_search_gave(find, spot < spots(sp) ? super_of(sp, spot, &sb) :
						       DMR_BLK_NOT_OURS, &sb);
	}
}

/* The mistake: what the highest superblock names is believed without a witness. */
static int believe(const struct dmr_search *find, struct dmr_verdict_copies *v)
{
	u32 c;

	for (c = 0; c < find->n; c++)
		if (find->seen[c].st == DMR_BLK_OK && find->seen[v->best].sb.insync >> c & 1)
			v->candidates |= 1u << c;
	return v->candidates ? 0 : -ESTALE;
}

static int judge(const struct glue_spare *sp, struct glue_loaded *out)
{
	struct dmr_search find;
	struct dmr_verdict_copies v;
	int err;
	u32 c;

	search(sp, &find);
	err = dmr_copies_judge(find.seen, find.n, &v);
	if (sp->believe && (!err || err == -ESTALE))
		err = believe(&find, &v);
	if (err)
		return err;
	for (c = 0; c < sp->copies; c++)
		out->spot[c] = spot_of(sp, find.at[c]);
	out->super = sp->img[PLACE(out->spot[v.best], 0)];
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
		const int img = sp->img[TABLE(out->spot[c], k)];

		seen[c].st = status_of(sp, TABLE(out->spot[c], k));
		seen[c].gen = gen_of(img);
		for (i = 0; i < sp->per_blk; i++)
			word[c][i] = word_of(IMG_ENTRY(img, i));
		seen[c].word = word[c];
	}
	err = dmr_copies_pick(seen, sp->copies, out->candidates, &best, &out->same[k]);
	if (err)
		return err;
	out->img[k] = sp->img[TABLE(out->spot[best], k)];
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
