// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a reader must make of a case.
 */
#include "expect.h"
#include "rules.h"

const char *expect_name(enum expect e)
{
	static const char *const name[] = {
		[EXPECT_KEEP] = "opened as it was", [EXPECT_REFUSE] = "refused",
		[EXPECT_EITHER] = "refused, or opened as it was",
		[EXPECT_SAID] = "opened as it says, or refused if that cannot be",
	};

	return name[e];
}

/**
 * enum effect - what has become of the block in one copy
 * @EFFECT_NONE: a reader does not see the change
 * @EFFECT_GONE: there is no such block any more
 * @EFFECT_NEWER: it must not be touched
 * @EFFECT_ALIEN: it is of another set
 * @EFFECT_ORDER: another generation
 * @EFFECT_OTHER: it says something else
 */
enum effect {
	EFFECT_NONE,
	EFFECT_GONE,
	EFFECT_NEWER,
	EFFECT_ALIEN,
	EFFECT_ORDER,
	EFFECT_OTHER,
};

static const u8 *block_of(const struct sweep_case *c, const u8 *image, u32 copy)
{
	return image + golden_slot(c->g, c->kind, copy, c->blk).v * DMR_BLK_BYTES;
}

static bool bit(u32 set, u32 i)
{
	return set >> i & 1;
}

/* May the content be, whoever wrote it? */
static bool possible(const struct sweep_case *c, const u8 *blk)
{
	const u8 *super = golden_at(c->g, golden_slot(c->g, BLOCK_SUPER, 0, 0));

	return c->kind == BLOCK_SUPER ? rules_super(blk) : rules_table(super, blk, c->blk);
}

/* Roles that depend on what else the superblock says. */
static bool idle(const struct sweep_case *c)
{
	switch (c->f.role) {
	case ROLE_IDLE:
		return true;
	case ROLE_NONCE:
		return c->kind != BLOCK_TABLE;
	case ROLE_COPY_SLOT:
		return c->f.nr >= c->g->sb.copies;
	case ROLE_WITNESS_CRC:
		return !c->g->sb.witness[c->f.nr].valid;
	default:
		return false;
	}
}

/* Entries of copies' places that lag behind are read as what they must be. */
static bool settles(const struct sweep_case *c, const u8 *blk, const u8 *was)
{
	const u8 *super = golden_at(c->g, golden_slot(c->g, BLOCK_SUPER, 0, 0));

	/* the header, but for the checksum */
	return c->kind == BLOCK_TABLE && !memcmp(blk, was, 12) && !memcmp(blk + 16, was + 16, 48) &&
	       possible(c, blk) && rules_same(super, blk, was, c->blk);
}

static enum effect effect_sealed(const struct sweep_case *c, const u8 *blk, const u8 *was)
{
	const struct dmr_disk_header *h = (const struct dmr_disk_header *)blk;
	const u16 type = le16_to_cpu(h->type);

	if (idle(c))
		return EFFECT_NONE;
	switch (c->f.role) {
	case ROLE_MAGIC:
	case ROLE_PLACE:
		return EFFECT_GONE;
	case ROLE_VERSION:
	case ROLE_NEWER:
		return EFFECT_NEWER;
	case ROLE_TYPE:
		return type >= DMR_TYPE_SUPER && type <= DMR_TYPE_TOMBSTONE ? EFFECT_GONE :
									      EFFECT_NEWER;
	case ROLE_SET:
		return c->kind == BLOCK_SUPER ? EFFECT_ALIEN : EFFECT_GONE;
	case ROLE_ORDER:
		return possible(c, blk) ? EFFECT_ORDER : EFFECT_GONE;
	default:
		if (settles(c, blk, was))
			return EFFECT_NONE;
		return possible(c, blk) ? EFFECT_OTHER : EFFECT_GONE;
	}
}

/* Copies in which the case has changed a byte. */
static u32 touched(const struct sweep_case *c, const u8 *image)
{
	u32 out = 0;
	u32 i;

	for (i = 0; i < c->g->sb.copies; i++)
		if (memcmp(block_of(c, image, i), block_of(c, c->g->bytes, i), DMR_BLK_BYTES))
			out |= 1u << i;
	return out;
}

/* The worst of it; @copies: without those to which nothing was done that counts. */
static enum effect effect_of(const struct sweep_case *c, const u8 *image, u32 *copies)
{
	enum effect worst = EFFECT_NONE;
	u32 i;

	for (i = 0; i < c->g->sb.copies; i++) {
		enum effect e = EFFECT_GONE;

		if (!bit(*copies, i))
			continue;
		if (c->sealed)
			e = effect_sealed(c, block_of(c, image, i),
					  block_of(c, c->g->bytes, i));
		else if (c->f.role == ROLE_VERSION)
			e = EFFECT_NEWER;
		if (e == EFFECT_NONE)
			*copies &= ~(1u << i);
		if (e > worst)
			worst = e;
	}
	return worst;
}

static bool all_of(u32 set, u32 of)
{
	return (set & of) == of;
}

static enum expect expect_super(const struct sweep_case *c, enum effect e, u32 copies)
{
	const u32 insync = c->g->insync;

	switch (e) {
	case EFFECT_NONE:
		return EXPECT_KEEP;
	case EFFECT_GONE:
		return all_of(copies, insync) ? EXPECT_REFUSE : EXPECT_KEEP;
	case EFFECT_NEWER:
	case EFFECT_ALIEN:
		return EXPECT_REFUSE;
	case EFFECT_ORDER:
		return c->g->state == GOLDEN_BEHIND ? EXPECT_EITHER : EXPECT_KEEP;
	case EFFECT_OTHER:
		break;
	}
	if (!(copies & insync))
		return EXPECT_KEEP;
	return all_of(copies, insync) ? EXPECT_SAID : EXPECT_REFUSE;
}

static enum expect expect_table(const struct sweep_case *c, enum effect e, u32 copies)
{
	const u32 insync = c->g->insync;
	const bool ahead = c->g->ahead && !c->blk;

	switch (e) {
	case EFFECT_NONE:
		return EXPECT_KEEP;
	case EFFECT_NEWER:
		return EXPECT_REFUSE;
	case EFFECT_GONE:
	case EFFECT_ALIEN:
		return all_of(copies, insync) ? EXPECT_REFUSE : EXPECT_KEEP;
	case EFFECT_ORDER:
		return ahead ? EXPECT_EITHER : EXPECT_KEEP;
	case EFFECT_OTHER:
		break;
	}
	if (!(copies & insync))
		return EXPECT_KEEP;
	if (ahead)
		return copies & 1 ? EXPECT_SAID : EXPECT_KEEP;
	return all_of(copies, insync) ? EXPECT_SAID : EXPECT_REFUSE;
}

enum expect expect_of(const struct sweep_case *c, const u8 *image)
{
	u32 copies = touched(c, image);
	const enum effect e = effect_of(c, image, &copies);

	switch (c->kind) {
	case BLOCK_SUPER:
		return expect_super(c, e, copies);
	case BLOCK_TABLE:
		return expect_table(c, e, copies);
	default:
		return e == EFFECT_NEWER ? EXPECT_REFUSE : EXPECT_KEEP;
	}
}

/* ---- the map ---- */

/* Is @word block @blk as a copy in sync has it in @image, whatever is around it? */
static bool held_by_one(const struct golden *g, const u8 *image, u32 blk, const u64 *word)
{
	const u8 *super = golden_at(g, golden_slot(g, BLOCK_SUPER, 0, 0));
	u8 has[DMR_BLK_BYTES] = { 0 };
	u32 i, k;

	for (k = 0; k < DMR_ENTRIES_PER_BLK; k++)
		((struct dmr_disk_table *)has)->entry[k] = cpu_to_le64(word[k]);
	for (i = 0; i < g->sb.copies; i++) {
		const struct dmr_slot at = golden_slot(g, BLOCK_TABLE, i, blk);

		if (bit(g->insync, i) &&
		    rules_same(super, image + at.v * DMR_BLK_BYTES, has, blk))
			return true;
	}
	return false;
}

/* The copy that a superblock which all agree on has us believe; none: all are left behind. */
static u32 believed(const struct sweep_case *c, const u8 *image)
{
	const struct dmr_disk_super *speaks = (const void *)(image + golden_slot(c->g, BLOCK_SUPER,
								0, 0).v * DMR_BLK_BYTES);
	u32 i;

	for (i = 0; i < c->g->sb.copies; i++)
		if (bit(le32_to_cpu(speaks->insync), i) &&
		    rules_super(image + golden_slot(c->g, BLOCK_SUPER, i, 0).v * DMR_BLK_BYTES))
			break;
	return i;
}

static bool same_map(const struct rules_map *m, const struct load *l)
{
	u64 block;

	for (block = 0; block < GOLDEN_BLOCKS; block++) {
		u64 slot = 0;
		const u64 word = load_find(l, block, &slot);

		if (word != m->word[block] || slot != m->slot[block])
			return false;
	}
	return l->sb.hwm_blk == m->hwm_blk;
}

static const char *said_wrong(const struct sweep_case *c, const u8 *image, const struct load *l)
{
	const u32 copy = believed(c, image);
	struct rules_map m = { .refused = true };

	if (copy < c->g->sb.copies)
		rules_read(c->g, image, copy, &m);
	if (m.refused != !!l->err)
		return l->err ? "refused, and nothing is wrong with what it says" :
				"opened, and what it says cannot be";
	return l->err || same_map(&m, l) ? NULL : "another map than it says";
}

/* A map that a copy in sync had before. */
static const char *kept_wrong(const struct golden *g, const struct load *l)
{
	struct rules_map m;
	u32 i;

	for (i = 0; i < g->sb.copies; i++) {
		if (!bit(g->insync, i))
			continue;
		rules_read(g, g->bytes, i, &m);
		if (!m.refused && same_map(&m, l))
			return NULL;
	}
	return "a map that no copy in sync had";
}

static bool tables_held(const struct golden *g, const u8 *image, const struct load *l)
{
	u32 blk;

	for (blk = 0; blk < l->sb.hwm_blk; blk++)
		if (!held_by_one(g, image, blk, l->table[blk]))
			return false;
	return true;
}

/* A refusal that is due has its reason. */
static bool right_reason(const struct sweep_case *c, const u8 *image, int err)
{
	u32 copies = touched(c, image);

	switch (effect_of(c, image, &copies)) {
	case EFFECT_NEWER:
		return err == -EPROTONOSUPPORT;
	case EFFECT_OTHER:
		/* a copy that is looked for elsewhere contradicts nobody; the table does */
		return err == -EUCLEAN || (c->f.role == ROLE_COPY_SLOT && err == -ENODATA);
	case EFFECT_ALIEN:
		return err == -EMEDIUMTYPE || err == -ENODATA;
	default:
		return err == -EBADMSG || err == -ENODATA;
	}
}

const char *expect_check(const struct sweep_case *c, const u8 *image, const struct load *l)
{
	const enum expect e = expect_of(c, image);

	switch (e) {
	case EXPECT_REFUSE:
		if (!l->err)
			return "opened";
		return right_reason(c, image, l->err) ? NULL : "refused for another reason";
	case EXPECT_SAID:
		if (!l->err && !tables_held(c->g, image, l))
			return "a table that no copy has";
		return said_wrong(c, image, l);
	default:
		if (l->err)
			return e == EXPECT_KEEP ? "refused" : NULL;
		if (!tables_held(c->g, c->g->bytes, l))
			return "a table that no copy in sync had";
		return kept_wrong(c->g, l);
	}
}
