// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load: the module's own code over an image, and what must hold afterwards for
 * all that runs on top of it.
 *
 *   - refused, or out of memory: no memory is left behind; before activation
 *     nothing was written; a read-only load never writes
 *   - every write goes to a metadata slot of the chosen set, and is flushed
 *   - loaded: every word is one this slot may have; each block has one entry at
 *     most, and the index finds it; sums add up; only free slots are on offer
 *   - activated: the copies said to be whole hold exactly what is in memory, and
 *     superblocks of a higher epoch say so (R14); a thaw brings back the others
 */
#include "../../src/kernel/index.h"
#include "../../src/kernel/load.h"
#include "fake-load.h"

/* struct loader - a remap device as ctr makes it, as far as load looks at it */
struct loader {
	struct remap r;
	struct dm_table table;
	struct dm_target ti;
	struct block_device main;
	struct block_device spare;
	struct dmr_counters n;
	struct fake_load fake;
	u64 epoch_before;
	u32 faults_before;
};

static void loader_init(struct loader *l, struct image *im, u8 flags, u32 fail_alloc)
{
	struct remap *r = &l->r;
	u32 i;

	memset(l, 0, sizeof(*l));
	l->fake.disk = &im->disk;
	l->fake.main_sect = im->main_sect;
	l->fake.random = 4711;
	fake_load_begin(&l->fake);
	l->main = (struct block_device){ im->main_sect, im->main_lbs };
	l->spare = (struct block_device){ im->disk.slots * DMR_BLK_SECTS, im->spare_lbs };
	l->ti = (struct dm_target){ .table = &l->table, .len = im->main_sect };
	r->ti = &l->ti;
	r->main = &l->main;
	r->spare = &l->spare;
	r->n = &l->n;
	r->mode = DMR_MODE_INACTIVE;
	r->suspending = true;
	dmr_args_init(&r->args);
	r->args.force_readonly = flags & IMAGE_FORCE;
	r->readonly = flags & (IMAGE_FORCE | IMAGE_READONLY);
	INIT_LIST_HEAD(&r->queue);
	INIT_LIST_HEAD(&r->doubtful);
	r->meta_page = kmalloc_array(REMAP_META_PAGES * DMR_COPIES_MAX, sizeof(*r->meta_page), 0);
	for (i = 0; i < REMAP_META_PAGES * DMR_COPIES_MAX; i++)
		r->meta_page[i] = alloc_page(0);
	r->batch_word = kmalloc_array(DMR_ENTRIES_PER_BLK, sizeof(u64), 0);
	r->exec = kzalloc(sizeof(*r->exec), 0);
	l->fake.allocs = 0;
	l->fake.fail_alloc = fail_alloc;
}

static void loader_free(struct loader *l)
{
	struct remap *r = &l->r;
	u32 i;

	remap_load_forget(r);
	for (i = 0; i < REMAP_META_PAGES * DMR_COPIES_MAX; i++)
		__free_page(r->meta_page[i]);
	kfree(r->meta_page);
	kfree(r->batch_word);
	kfree(r->exec);
	FUZZ_MUST(!l->fake.live);
	fake_load_begin(NULL);
}

/* As remap_probe_spare() in ctr.c: whatever it finds, it writes nothing. */
static int loader_probe(struct loader *l)
{
	struct remap_supers *s = kvzalloc(sizeof(*s), 0);
	const bool force = l->r.args.force_readonly;
	char *text = NULL;
	u32 i;
	int err;

	if (!s)
		return -ENOMEM;
	err = remap_load_supers(&l->r, s, force, &text);
	for (i = 0; i < s->find.n; i++)
		if (s->find.seen[i].st == DMR_BLK_OK &&
		    s->find.seen[i].sb.gen.epoch > l->epoch_before)
			l->epoch_before = s->find.seen[i].sb.gen.epoch;
	if (!err) {
		l->r.sb = s->find.seen[s->v.best].sb;
		err = remap_load_check(&l->r, &l->r.sb, &text);
	}
	if (!err && !force)
		err = remap_load_witness(&l->r, &l->r.sb, &text);
	FUZZ_MUST(err == -ENOMEM || !err == !text);
	FUZZ_MUST(!err || !text || fuzz_sentence(text));
	kvfree(s);
	return err;
}

/* ---- what was loaded ---- */

static void check_masks(const struct remap *r, bool faults)
{
	const u32 all = BIT(r->sb.copies) - 1;
	const enum dmr_mode mode = r->readonly ? DMR_MODE_READONLY :
				   hweight32(r->whole) < 2 ? DMR_MODE_MAP_RO : DMR_MODE_RW;

	FUZZ_MUST(r->sb.copies >= 2 && r->sb.copies <= DMR_COPIES_MAX);
	FUZZ_MUST(!(r->whole & ~all) && !(r->unread & ~all) && !(r->expelled & ~all));
	FUZZ_MUST(r->sb.insync && !(r->sb.insync & ~all));
	FUZZ_MUST(r->sb.spare_sect <= r->spare->sects && r->sb.main_sect <= r->main->sects);
	FUZZ_MUST(r->sb.hwm_blk && r->sb.hwm_blk <= r->sb.table_blk);
	if (!r->readonly)
		FUZZ_MUST(r->whole && (r->whole == r->sb.insync || hweight32(r->whole) < 2));
	FUZZ_MUST(faults ? r->mode >= mode : r->mode == mode);
}

static void check_words(const struct remap *r, struct image_view *v)
{
	const u64 below = (u64)r->sb.hwm_blk * DMR_ENTRIES_PER_BLK;
	struct remap_hit hit;
	u64 s;

	v->slots = below;
	FUZZ_MUST(below <= IMAGE_SLOTS_MAX + DMR_ENTRIES_PER_BLK);
	for (s = 0; s < below; s++) {
		const u64 w = dmr_table_get(&r->table, dmr_slot(s));

		FUZZ_MUST(!dmr_codec_entry_valid(&r->sb, dmr_slot(s), w));
		if (s < IMAGE_SLOTS_MAX)
			v->word[s] = w;
		if (!dmr_entry_maps(w))
			continue;
		/* two entries for one block: only one of them would be found */
		FUZZ_MUST(remap_index_lookup(r->index, dmr_entry_mblk(w), &hit));
		FUZZ_MUST(hit.slot.v == s && hit.word == w);
		FUZZ_MUST(!remap_index_quiet(r->index, dmr_mblk_sect(hit.b), 1));
	}
}

static void check_sums(const struct remap *r)
{
	const struct dmr_table_sums *sums = &r->table.sums;
	u64 kinds[8] = { 0 };
	u64 s;

	for (s = 0; s < r->sb.slots; s++)
		kinds[dmr_entry_kind(dmr_table_get(&r->table, dmr_slot(s)))]++;
	FUZZ_MUST(sums->total == r->sb.slots);
	FUZZ_MUST(sums->free == kinds[0] && sums->meta == kinds[1] && sums->used == kinds[2]);
	FUZZ_MUST(sums->pending == kinds[3] && sums->bad == kinds[4]);
}

/* R3: what is on offer is free, exists, and is no metadata. Spoils the table. */
static void check_offers(struct remap *r)
{
	struct dmr_slot s;
	u64 n = 0;

	while (s = dmr_alloc_take(&r->table), !dmr_slot_is_none(s)) {
		FUZZ_MUST(s.v < r->sb.slots && !dmr_layout_is_meta(&r->sb, s));
		FUZZ_MUST(!dmr_table_get(&r->table, s));
		n++;
	}
	FUZZ_MUST(n <= r->table.sums.free && !r->table.left);
}

/* ---- what was written ---- */

static void check_super(const struct loader *l, u32 c)
{
	const struct dmr_super *want = &l->r.sb;
	const struct dmr_slot at = dmr_layout_super_slot(want, c);
	u8 blk[DMR_BLK_BYTES];
	struct dmr_super sb;

	FUZZ_MUST(!l->fake.disk->unflushed[at.v]);
	FUZZ_MUST(!fake_disk_read(l->fake.disk, at.v, blk));
	FUZZ_MUST(dmr_codec_super_decode(blk, at, &sb, NULL) == DMR_BLK_OK);
	FUZZ_MUST(sb.copy == c && (sb.insync >> c & 1 || hweight32(l->r.whole) < 2));
	if (l->r.doubt_blk)
		return;		/* what superblocks say is in doubt as well, until a thaw */
	FUZZ_MUST(dmr_copies_same(&sb, want));
	FUZZ_MUST(!dmr_codec_gen_cmp(&sb.gen, &want->gen) && sb.activity == DMR_ACTIVITY_IN_USE);
}

/* Does copy @c hold what is in memory, durably? Where it is damaged or not readable: @otherwise. */
static bool has_images(const struct loader *l, u32 c, bool otherwise)
{
	const struct remap *r = &l->r;
	u64 word[DMR_ENTRIES_PER_BLK];
	u8 blk[DMR_BLK_BYTES];
	struct dmr_gen gen;
	struct dmr_slot at;
	u32 b;

	for (b = 0; b < r->sb.hwm_blk; b++) {
		if (test_bit(b, r->dirty))
			continue;
		at = dmr_layout_table_slot(&r->sb, c, b);
		if (l->fake.disk->unflushed[at.v])
			return false;
		if (fake_disk_read(l->fake.disk, at.v, blk) ||
		    dmr_codec_table_decode(blk, at, &r->sb, b, word, &gen, NULL)) {
			if (!otherwise)
				return false;
			continue;
		}
		if (memcmp(word, r->table.page[b]->word, sizeof(word)))
			return false;
	}
	return true;
}

/* A copy that reads back as garbage does not come back; one that cannot be read may. */
static bool may_be_believed(const struct loader *l, u32 c)
{
	const struct dmr_slot at = dmr_layout_super_slot(&l->r.sb, c);
	u8 blk[DMR_BLK_BYTES];
	struct dmr_super sb;

	return fake_disk_read(l->fake.disk, at.v, blk) ||
	       dmr_codec_super_decode(blk, at, &sb, NULL) == DMR_BLK_OK;
}

static void check_activated(const struct loader *l)
{
	const struct remap *r = &l->r;
	u32 c;

	FUZZ_MUST(r->sb.gen.epoch > l->epoch_before);
	for (c = 0; c < r->sb.copies; c++) {
		if (r->whole >> c & 1) {
			check_super(l, c);
			FUZZ_MUST(has_images(l, c, false));
		} else if ((r->sb.insync >> c & 1) && may_be_believed(l, c)) {
			/* writes to slots must not depend on who is read next time: R5, R9 */
			FUZZ_MUST(has_images(l, c, true));
		}
	}
}

static void check_loaded(struct loader *l, struct image_view *v)
{
	struct remap *r = &l->r;

	FUZZ_MUST(r->loaded);
	check_masks(r, l->fake.disk->faults);
	check_words(r, v);
	check_sums(r);
	if (v->sealed || !l->fake.disk->meta)
		FUZZ_MUST(r->readonly && !l->fake.disk->writes && !l->fake.disk->flushes);
	else if (!r->readonly)
		check_activated(l);
}

/* Without faults a thaw brings back everything, and changes nothing. */
static void check_thaw(struct loader *l, const struct image_view *before)
{
	static struct image_view v;
	struct remap *r = &l->r;

	memset(&v, 0, sizeof(v));
	fake_disk_heal(l->fake.disk);
	l->fake.fail_alloc = 0;
	r->thaw_asked = true;
	remap_thaw(r);
	FUZZ_MUST(r->mode == DMR_MODE_RW && !r->doubt_blk && !r->expelled && !r->unread);
	FUZZ_MUST(r->whole == BIT(r->sb.copies) - 1 && bitmap_empty(r->dirty, r->sb.hwm_blk));
	check_words(r, &v);
	check_sums(r);
	FUZZ_MUST(!memcmp(before->word, v.word, sizeof(v.word)));
	check_activated(l);
}

void image_load(struct image *im, u8 flags, u32 fail_alloc, struct image_view *v)
{
	const bool readonly = flags & (IMAGE_FORCE | IMAGE_READONLY);
	static struct loader l;

	memset(v, 0, sizeof(*v));
	loader_init(&l, im, flags, fail_alloc);
	im->disk.meta = NULL;
	im->disk.writes = 0;
	im->disk.flushes = 0;
	v->err = loader_probe(&l);
	if (!v->err) {
		/* load chooses again: what it chooses must be what was probed */
		const struct dmr_super probed = l.r.sb;

		im->disk.meta = readonly ? NULL : &probed;
		v->sealed = probed.ro_compat;
		v->err = remap_load(&l.r);
		v->readonly = l.r.readonly;
		if (!v->err)
			check_loaded(&l, v);
		if (!v->err && (flags & IMAGE_THAW) && !v->readonly)
			check_thaw(&l, v);
		if (!v->err)
			check_offers(&l.r);
		FUZZ_MUST(l.r.loaded == !v->err);
		im->disk.meta = NULL;
	}
	fuzz_log("open, flags 0x%x: %s", flags, strerror(-v->err));
	loader_free(&l);
}
