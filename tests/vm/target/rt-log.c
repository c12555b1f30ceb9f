// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log: one sequence of all I/O of all devices, in debugfs dm-remap-test/log.
 * One line per I/O, in the order of submission:
 *
 *	<submit> <complete> <key> <op> <sector> <nr> <flags> <status>
 *
 * submit, complete: numbers from one counter, so that "was B submitted after A
 * was complete" is a comparison; complete and status are "-" while in flight.
 * op: R W F(lush) D(iscard) Z(eroes), or M for a mark (sector = its number).
 * flags: of fua meta sync ra failfast nowait polled, joined with commas, or "-".
 * The last line is "# lost N" if N I/Os found the log full, or its data.
 */
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/vmalloc.h>

#include "rt.h"

#define RT_NOT_LOGGED U64_MAX

static unsigned int log_entries = 65536;
module_param(log_entries, uint, 0444);
MODULE_PARM_DESC(log_entries, "Size of the log, in I/Os");

struct rt_entry {
	u64 submit;
	u64 complete;		/* 0: in flight */
	sector_t sector;
	unsigned int nr;
	blk_opf_t opf;
	blk_status_t status;
	char op;
	char key[RT_KEY_MAX];
};

/* All of it under rt_lock. */
static struct {
	struct rt_entry *entries;
	u64 used;
	u64 lost;
	u64 seq;
	u64 era;		/* an I/O of before a `log clear` is not in it */
	bool on;
} rt_log;

static struct rt_entry *rt_log_new_locked(struct rt_dev *dev, char op)
{
	struct rt_entry *e;

	if (rt_log.used == log_entries) {
		rt_log.lost++;
		return NULL;
	}
	e = &rt_log.entries[rt_log.used++];
	memset(e, 0, sizeof(*e));
	e->submit = ++rt_log.seq;
	e->op = op;
	strscpy(e->key, dev->key, sizeof(e->key));
	return e;
}

static char rt_log_op(unsigned int ops)
{
	if (ops & RT_READ)
		return 'R';
	if (ops & RT_WRITE)
		return 'W';
	if (ops & RT_DISCARD)
		return 'D';
	return ops & RT_ZEROES ? 'Z' : 'F';
}

void rt_log_submit_locked(struct rt_io *io)
{
	struct rt_entry *e;

	lockdep_assert_held(&rt_lock);
	io->log_slot = RT_NOT_LOGGED;
	if (!rt_log.on)
		return;
	e = rt_log_new_locked(io->dev, rt_log_op(io->ops));
	if (!e)
		return;
	e->sector = io->first;
	e->nr = io->nr;
	e->opf = io->bio->bi_opf;
	if (!rt_log_data_put_locked(io, e->submit))
		rt_log.lost++;
	io->log_slot = e - rt_log.entries;
	io->log_era = rt_log.era;
}

void rt_log_complete_locked(struct rt_io *io, blk_status_t status)
{
	struct rt_entry *e;

	lockdep_assert_held(&rt_lock);
	if (io->log_slot == RT_NOT_LOGGED || io->log_era != rt_log.era)
		return;
	e = &rt_log.entries[io->log_slot];
	e->complete = ++rt_log.seq;
	e->status = status;
}

void rt_log_mark(struct rt_dev *dev, u64 number)
{
	struct rt_entry *e;

	spin_lock_irq(&rt_lock);
	e = rt_log.on ? rt_log_new_locked(dev, 'M') : NULL;
	if (e) {
		e->sector = number;
		e->complete = e->submit;
	}
	spin_unlock_irq(&rt_lock);
}

/* Process context, under the devices' mutex. */
int rt_log_on(void)
{
	struct rt_entry *entries = rt_log.entries;

	if (!entries)
		entries = vzalloc(array_size(log_entries, sizeof(*entries)));
	if (!entries)
		return -ENOMEM;
	spin_lock_irq(&rt_lock);
	rt_log.entries = entries;
	rt_log.on = true;
	spin_unlock_irq(&rt_lock);
	return 0;
}

/* Under the devices' mutex, so it stays as it is. */
bool rt_log_is_on(void)
{
	return rt_log.on;
}

void rt_log_off(void)
{
	spin_lock_irq(&rt_lock);
	rt_log.on = false;
	spin_unlock_irq(&rt_lock);
}

void rt_log_clear(void)
{
	spin_lock_irq(&rt_lock);
	rt_log.used = 0;
	rt_log.lost = 0;
	rt_log.era++;
	spin_unlock_irq(&rt_lock);
	rt_log_data_clear();
}

/* One line past the last entry: the loss. */
static void *rt_log_start(struct seq_file *m, loff_t *pos)
{
	u64 used;

	spin_lock_irq(&rt_lock);
	used = rt_log.used;
	spin_unlock_irq(&rt_lock);
	return *pos <= used ? pos : NULL;
}

static void *rt_log_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return rt_log_start(m, pos);
}

static void rt_log_stop(struct seq_file *m, void *v)
{
}

static void rt_log_show_flags(struct seq_file *m, blk_opf_t opf)
{
	static const struct {
		blk_opf_t flag;
		const char *name;
	} names[] = {
		{ REQ_FUA, "fua" },
		{ REQ_META, "meta" },
		{ REQ_SYNC, "sync" },
		{ REQ_RAHEAD, "ra" },
		{ REQ_FAILFAST_MASK, "failfast" },
		{ REQ_NOWAIT, "nowait" },
		{ REQ_POLLED, "polled" },
	};
	const char *comma = "";
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(opf & names[i].flag))
			continue;
		seq_printf(m, "%s%s", comma, names[i].name);
		comma = ",";
	}
	if (!*comma)
		seq_puts(m, "-");
}

static int rt_log_show(struct seq_file *m, void *v)
{
	u64 slot = *(loff_t *)v;
	struct rt_entry e = {};
	u64 lost;

	spin_lock_irq(&rt_lock);
	if (slot < rt_log.used)
		e = rt_log.entries[slot];
	lost = rt_log.lost;
	spin_unlock_irq(&rt_lock);

	if (!e.op) {
		if (lost)
			seq_printf(m, "# lost %llu\n", lost);
		return 0;
	}
	seq_printf(m, "%llu ", e.submit);
	if (e.complete)
		seq_printf(m, "%llu", e.complete);
	else
		seq_puts(m, "-");
	seq_printf(m, " %s %c %llu %u ", e.key, e.op,
		   (unsigned long long)e.sector, e.nr);
	rt_log_show_flags(m, e.opf);
	seq_printf(m, " %s\n", e.complete ? rt_status_name(e.status) : "-");
	return 0;
}

static const struct seq_operations rt_log_sops = {
	.start = rt_log_start,
	.next = rt_log_next,
	.stop = rt_log_stop,
	.show = rt_log_show,
};

static int rt_log_open(struct inode *inode, struct file *file)
{
	return seq_open(file, &rt_log_sops);
}

const struct file_operations rt_log_fops = {
	.owner = THIS_MODULE,
	.open = rt_log_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release,
};

void rt_log_exit(void)
{
	rt_log_data_clear();
	vfree(rt_log.entries);
}
