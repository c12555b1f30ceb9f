// SPDX-License-Identifier: GPL-2.0-only
/*
 * smp-selftest: two processors at one list, right or wrong in a chosen way, so
 * that tests/vm/smp.sh can be seen to notice. TEST ONLY.
 *
 * fault=none	all under the lock
 *	race	a counter is changed without it
 *	order	the two take two locks in different orders
 *	sleep	one sleeps under the lock
 *	after	one reads an element that it has freed
 *	leak	one forgets an element
 *	hang	one never ends
 *
 * "smp: done" in the kernel's log is the last word of a test module here.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#define ROUNDS 20000
#define THREADS 2

struct element {
	struct list_head list;
	unsigned long value;
};

static char *fault = "none";
module_param(fault, charp, 0400);

static LIST_HEAD(elements);
static DEFINE_SPINLOCK(lock);
static DEFINE_SPINLOCK(other_lock);
static struct task_struct *thread[THREADS];
static atomic_t running = ATOMIC_INIT(THREADS);
static unsigned long counter;

static bool is(const char *what)
{
	return !strcmp(fault, what);
}

static void both_locks(bool turned)
{
	spinlock_t *first = turned ? &other_lock : &lock;
	spinlock_t *second = turned ? &lock : &other_lock;

	/* never at the same time: that they could be is enough */
	if (!spin_trylock(first))
		return;
	spin_lock(second);
	spin_unlock(second);
	spin_unlock(first);
}

static struct element *put_and_take(struct element *e)
{
	spin_lock(&lock);
	counter++;
	list_add(&e->list, &elements);
	e = list_last_entry(&elements, struct element, list);
	list_del(&e->list);
	spin_unlock(&lock);
	return e;
}

static void go_wrong(unsigned long nr, struct element *e)
{
	if (is("race"))
		counter++;
	if (is("order") && e->value == 100 + nr * 100)
		both_locks(nr);
	if (is("sleep") && e->value == 100) {
		spin_lock(&lock);
		msleep(20);
		spin_unlock(&lock);
	}
	if (is("leak") && e->value == 100)
		e->list.next = kmalloc(sizeof(*e), GFP_KERNEL);
	while (is("hang") && nr && !kthread_should_stop())
		cpu_relax();
}

static int run(void *data)
{
	unsigned long nr = (unsigned long)data;
	unsigned long round;

	for (round = 0; round < ROUNDS && !kthread_should_stop(); round++) {
		struct element *e = kzalloc(sizeof(*e), GFP_KERNEL);

		if (!e)
			break;
		e->value = round;
		e = put_and_take(e);
		go_wrong(nr, e);
		kfree(e);
		if (is("after") && round == 100)
			counter += READ_ONCE(e->value);
		cond_resched();
	}
	if (atomic_dec_and_test(&running))
		pr_info("smp: done\n");
	while (!kthread_should_stop())
		msleep_interruptible(20);
	return 0;
}

static void stop(void)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		if (thread[i])
			kthread_stop(thread[i]);
}

static int __init selftest_init(void)
{
	unsigned long i;

	for (i = 0; i < THREADS; i++) {
		struct task_struct *t = kthread_create(run, (void *)i, "smp-selftest/%lu", i);

		if (IS_ERR(t)) {
			stop();
			return PTR_ERR(t);
		}
		kthread_bind(t, i % num_online_cpus());
		thread[i] = t;
		wake_up_process(t);
	}
	return 0;
}

static void __exit selftest_exit(void)
{
	stop();
}

module_init(selftest_init);
module_exit(selftest_exit);

MODULE_DESCRIPTION("Two processors at one list, for tests");
MODULE_AUTHOR("The dm-remap developers");
MODULE_LICENSE("GPL");
