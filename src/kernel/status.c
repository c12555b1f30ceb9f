// SPDX-License-Identifier: GPL-2.0-only
/*
 * Status: see status.h; the grammar is core/statusline.c's.
 */
#include "job.h"
#include "status.h"

void remap_status_counters(struct remap *r, struct dmr_counters *sum)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct dmr_counters *n = per_cpu_ptr(r->n, cpu);

#define REMAP_SUM(name, help) sum->name += n->name;
		DMR_COUNTERS(REMAP_SUM)
#undef REMAP_SUM
	}
}

static enum dmr_copy_state remap_status_copy(struct remap *r, u32 c)
{
	if (r->whole & BIT(c))
		return DMR_COPY_INSYNC;
	if (r->unread & BIT(c))
		return DMR_COPY_UNREAD;
	if (r->sb.insync & BIT(c))
		return DMR_COPY_FAILED;
	return DMR_COPY_EXPELLED;
}

static void remap_status_table(struct remap *r, struct dmr_status *s)
{
	u32 c;

	memcpy(s->uuid, r->sb.uuid, sizeof(s->uuid));
	if (!r->loaded)
		return;
	s->main_sect = r->sb.main_sect;
	s->spare_sect = r->sb.spare_sect;
	s->main_lbs_bytes = r->sb.main_lbs_bytes;
	s->slots_total = r->sb.slots;
	s->slots_used = r->table.sums.used;
	s->slots_pending = r->table.sums.pending;
	s->slots_free = r->table.sums.free;
	s->slots_bad = r->table.sums.bad;
	s->slots_meta = r->table.sums.meta;
	s->pending_sect = r->table.sums.pending_sect;
	s->room = r->room;
	s->lost_sect = r->table.sums.lost_sect;
	s->hwm_slots = min_t(u64, (u64)r->sb.hwm_blk * DMR_ENTRIES_PER_BLK, r->sb.slots);
	s->doubt_blk = r->doubt_blk;
	s->epoch = r->gen.epoch;
	remap_job_status(r, s);
	s->copies = r->sb.copies;
	for (c = 0; c < s->copies; c++) {
		s->copy_slot[c] = r->sb.copy_slot[c];
		s->copy_state[c] = remap_status_copy(r, c);
	}
}

static void remap_status_info(struct remap *r, char *result, unsigned int maxlen)
{
	/* on the stack, 700 bytes: what is to say that memory is short must not need any */
	struct dmr_status s = {};
	unsigned long flags;

	mutex_lock(&r->map_lock);
	remap_status_table(r, &s);
	mutex_unlock(&r->map_lock);
	spin_lock_irqsave(&r->lock, flags);
	s.mode = r->mode;
	s.why = r->why;
	s.held = r->held;
	s.allowance = r->breaker.allowance;
	s.allowance_left = r->breaker.left;
	spin_unlock_irqrestore(&r->lock, flags);
	s.policy = READ_ONCE(r->policy);
	s.memory = remap_scarce(r) ? DMR_MEMORY_EMERGENCY : DMR_MEMORY_OK;
	s.forced = r->forced;
	remap_status_counters(r, &s.n);
	dmr_status_format(&s, result, maxlen);
}

static void remap_status_line(struct remap *r, char *result, unsigned int maxlen)
{
	struct dmr_args args = r->args;
	unsigned int sz = 0;

	args.policy = READ_ONCE(r->policy);
	DMEMIT("%s %s ", r->main_dev->name, r->spare_dev->name);
	if (!dmr_args_format(&args, result + sz, maxlen - sz) && sz)
		result[sz - 1] = 0;
}

void remap_status(struct dm_target *ti, status_type_t type, unsigned int flags, char *result,
		  unsigned int maxlen)
{
	struct remap *r = ti->private;
	unsigned int sz = 0;

	switch (type) {
	case STATUSTYPE_INFO:
		remap_status_info(r, result, maxlen);
		break;
	case STATUSTYPE_TABLE:
		remap_status_line(r, result, maxlen);
		break;
	case STATUSTYPE_IMA:
		DMEMIT_TARGET_NAME_VERSION(ti->type);
		DMEMIT(",main_device_name=%s,spare_device_name=%s;", r->main_dev->name,
		       r->spare_dev->name);
		break;
	}
}
