// SPDX-License-Identifier: GPL-2.0-only
/*
 * What logged writes carried, after `log data`: debugfs dm-remap-test/log-data,
 * for each write in the order of submission
 *
 *	u64 submit	its number in the log
 *	u64 nr		sectors
 *	u8 data[nr * 512]
 *
 * in the byte order of the machine. It can be read while the log is off. A write
 * for which there was no room counts as lost in the log.
 */
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "rt.h"

static unsigned int log_data_sects = 262144;
module_param(log_data_sects, uint, 0444);
MODULE_PARM_DESC(log_data_sects, "Size of the log's data, in sectors");

struct rt_payload {
	struct list_head list;
	/* as in the file */
	struct {
		u64 submit;
		u64 nr;
	} head;
	u8 data[];
};

/* Under rt_lock; taken off the list under the devices' mutex, too. */
static LIST_HEAD(rt_payloads);
static u64 rt_payload_sects;
static bool rt_payload_on;

void rt_log_data_set(bool on)
{
	WRITE_ONCE(rt_payload_on, on);
}

/* Process context, before rt_lock is taken. What is not logged then is freed there. */
void rt_log_data_take(struct rt_io *io)
{
	struct bvec_iter iter;
	struct bio_vec bv;
	u8 *to;

	if (!READ_ONCE(rt_payload_on) || !(io->ops & RT_WRITE))
		return;
	io->wants_payload = true;
	io->payload = kmalloc(struct_size(io->payload, data, io->nr * SECTOR_SIZE),
			      GFP_NOIO | __GFP_NOWARN);
	if (!io->payload)
		return;
	to = io->payload->data;
	bio_for_each_segment(bv, io->bio, iter) {
		memcpy_from_page(to, bv.bv_page, bv.bv_offset, bv.bv_len);
		to += bv.bv_len;
	}
}

/* The write is in the log. False: what it carried will not be. */
bool rt_log_data_put_locked(struct rt_io *io, u64 submit)
{
	struct rt_payload *p = io->payload;

	if (!io->wants_payload)
		return true;
	if (!p || rt_payload_sects + io->nr > log_data_sects)
		return false;
	p->head.submit = submit;
	p->head.nr = io->nr;
	rt_payload_sects += io->nr;
	list_add_tail(&p->list, &rt_payloads);
	io->payload = NULL;
	return true;
}

void rt_log_data_drop(struct rt_io *io)
{
	kfree(io->payload);
	io->payload = NULL;
}

/* Under the devices' mutex, with the log cleared. */
void rt_log_data_clear(void)
{
	struct rt_payload *p;
	struct rt_payload *next;
	LIST_HEAD(old);

	spin_lock_irq(&rt_lock);
	list_splice_init(&rt_payloads, &old);
	rt_payload_sects = 0;
	spin_unlock_irq(&rt_lock);
	list_for_each_entry_safe(p, next, &old, list) {
		kfree(p);
		cond_resched();
	}
}

static void *rt_log_data_start(struct seq_file *m, loff_t *pos)
{
	mutex_lock(&rt_devs_mutex);
	return rt_log_is_on() ? ERR_PTR(-EBUSY) : seq_list_start(&rt_payloads, *pos);
}

static void *rt_log_data_next(struct seq_file *m, void *v, loff_t *pos)
{
	return seq_list_next(v, &rt_payloads, pos);
}

static void rt_log_data_stop(struct seq_file *m, void *v)
{
	mutex_unlock(&rt_devs_mutex);
}

static int rt_log_data_show(struct seq_file *m, void *v)
{
	const struct rt_payload *p = list_entry(v, struct rt_payload, list);

	seq_write(m, &p->head, sizeof(p->head));
	seq_write(m, p->data, p->head.nr * SECTOR_SIZE);
	return 0;
}

static const struct seq_operations rt_log_data_sops = {
	.start = rt_log_data_start,
	.next = rt_log_data_next,
	.stop = rt_log_data_stop,
	.show = rt_log_data_show,
};

static int rt_log_data_open(struct inode *inode, struct file *file)
{
	return seq_open(file, &rt_log_data_sops);
}

const struct file_operations rt_log_data_fops = {
	.owner = THIS_MODULE,
	.open = rt_log_data_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release,
};
