/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Just enough of a kernel to run src/kernel's load path as a program: load.c,
 * load-table.c, commit.c, commit-io.c, raise.c, grow.c, thaw.c, index.c, as they are.
 *
 * One thread, so locks, barriers and RCU are nothing; memory comes from malloc
 * and can be made to run out; pages of the spare go through struct fake_disk.
 * Every <linux/...> header of those files is a line that includes this one.
 */
#ifndef DMR_FAKE_KERNEL_H
#define DMR_FAKE_KERNEL_H

#include <stdlib.h>

#include "plat.h"

#define __rcu
#define __percpu
#define likely(x) (x)
#define unlikely(x) (x)
#define prefetchw(p) ((void)(p))
#define noinline __attribute__((__noinline__))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min_t(t, a, b) ((t)(a) < (t)(b) ? (t)(a) : (t)(b))
#define swap(a, b) do { __typeof__(a) tmp_ = (a); (a) = (b); (b) = tmp_; } while (0)
#define container_of(p, type, member) ((type *)(void *)((char *)(p) - offsetof(type, member)))
#define offsetofend(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))
#define U32_MAX (~0u)
#define PAGE_SIZE 4096u
#define SECTOR_SHIFT 9
#define HZ 1000ul
#define jiffies 4711ul
#define time_after(a, b) ((long)((b) - (a)) < 0)
#define cond_resched() ((void)0)
#define lockdep_is_held(l) ((void)(l), 1)
#define lockdep_assert_held(l) ((void)(l))
#define smp_load_acquire(p) READ_ONCE(*(p))
#define smp_store_release(p, v) WRITE_ONCE(*(p), v)
#define memalloc_noio_save() 0u
#define memalloc_noio_restore(f) ((void)(f))

/* ---- lists ---- */

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD(name) struct list_head name = { &(name), &(name) }
#define list_entry(p, type, member) container_of(p, type, member)
#define list_for_each_entry(pos, head, member) \
	for (pos = list_entry((head)->next, __typeof__(*pos), member); \
	     &pos->member != (head); \
	     pos = list_entry(pos->member.next, __typeof__(*pos), member))
#define list_for_each_entry_safe(pos, n, head, member) \
	for (pos = list_entry((head)->next, __typeof__(*pos), member), \
	     n = list_entry(pos->member.next, __typeof__(*pos), member); \
	     &pos->member != (head); \
	     pos = n, n = list_entry(n->member.next, __typeof__(*n), member))

#define __ffs(x)	((u32)__builtin_ctzl(x))
#define __ffs64(x)	((u32)__builtin_ctzll(x))
#define ilog2(x)	(63 - (u32)__builtin_clzll(x))

static inline void INIT_LIST_HEAD(struct list_head *l)
{
	l->next = l;
	l->prev = l;
}

static inline bool list_empty(const struct list_head *l)
{
	return l->next == l;
}

static inline void list_del(struct list_head *l)
{
	l->next->prev = l->prev;
	l->prev->next = l->next;
}

static inline void list_add_tail(struct list_head *l, struct list_head *head)
{
	l->prev = head->prev;
	l->next = head;
	l->prev->next = l;
	head->prev = l;
}

static inline void list_move_tail(struct list_head *l, struct list_head *head)
{
	list_del(l);
	list_add_tail(l, head);
}

/* ---- bitmaps ---- */

#define BITS_PER_LONG 64u
#define BITS_TO_LONGS(n) (((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)

static inline bool test_bit(u32 i, const unsigned long *map)
{
	return map[i / BITS_PER_LONG] >> (i % BITS_PER_LONG) & 1;
}

static inline void __set_bit(u32 i, unsigned long *map)
{
	map[i / BITS_PER_LONG] |= BIT(i % BITS_PER_LONG);
}

static inline void __clear_bit(u32 i, unsigned long *map)
{
	map[i / BITS_PER_LONG] &= ~BIT(i % BITS_PER_LONG);
}

static inline bool __test_and_set_bit(u32 i, unsigned long *map)
{
	const bool was = test_bit(i, map);

	__set_bit(i, map);
	return was;
}

static inline bool __test_and_clear_bit(u32 i, unsigned long *map)
{
	const bool was = test_bit(i, map);

	__clear_bit(i, map);
	return was;
}

static inline bool bitmap_empty(const unsigned long *map, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (test_bit(i, map))
			return false;
	return true;
}

static inline void bitmap_or(unsigned long *to, const unsigned long *a, const unsigned long *b,
			     u32 n)
{
	u32 i;

	for (i = 0; i < BITS_TO_LONGS(n); i++)
		to[i] = a[i] | b[i];
}

static inline void bitmap_copy(unsigned long *to, const unsigned long *from, u32 n)
{
	memcpy(to, from, BITS_TO_LONGS(n) * sizeof(long));
}

#define for_each_set_bit(bit, map, n) \
	for ((bit) = 0; (bit) < (n); (bit)++) \
		if (test_bit(bit, map))

/* ---- what one thread does not need ---- */

typedef struct { int n; } atomic_t;
typedef struct { int n; } spinlock_t;
typedef struct { int n; } wait_queue_head_t;
typedef struct { int n; } mempool_t;
struct mutex { int n; };
struct completion { int n; };
struct bio_vec { int n; };
struct kmem_cache;
struct shrinker;
struct rcu_head { int n; };
struct workqueue_struct { int n; };
struct work_struct { int n; };
struct delayed_work { struct work_struct work; };

#define atomic_read(a) ((a)->n)
#define atomic_set(a, v) ((a)->n = (v))
#define atomic_inc(a) ((void)(a)->n++)
#define atomic_dec(a) ((void)(a)->n--)
#define atomic_dec_and_test(a) (!--(a)->n)
#define mutex_lock(m) ((void)(m))
#define mutex_unlock(m) ((void)(m))
#define spin_lock_irqsave(l, f) ((void)(l), (f) = 0)
#define spin_unlock_irqrestore(l, f) ((void)(l), (void)(f))
#define complete(c) ((void)(c))
#define wake_up(w) ((void)(w))
#define rcu_dereference_protected(p, c) ((void)(c), (p))
#define rcu_assign_pointer(p, v) ((p) = (v))
#define RCU_INIT_POINTER(p, v) ((p) = (v))
#define synchronize_rcu() ((void)0)
#define data_race(x) (x) /* data_race: one thread */
#define this_cpu_inc(x) ((void)(x)++)
#define this_cpu_add(x, k) ((void)((x) += (k)))

/* Nothing here may wait, or run beside the load. */
void fake_unexpected(const char *what) __attribute__((noreturn));
#define queue_work(q, w) ((void)(q), (void)(w))
#define system_unbound_wq NULL
#define cancel_work_sync(w) ((void)(w))
#define queue_delayed_work(q, w, d) ((void)(q), (void)(w), (void)(d))

/* ---- memory ---- */

typedef unsigned int gfp_t;

#define GFP_NOIO 1u
#define GFP_KERNEL 2u
#define __GFP_NORETRY 4u
#define __GFP_NOWARN 8u
#define __GFP_ZERO 16u
#define ZERO_SIZE_PTR ((void *)16)	/* what memory of no bytes is: not NULL, and not memory */

void *fake_alloc(size_t n, size_t size);
void fake_free(const void *p);

#define kmalloc(size, gfp) ((void)(gfp), fake_alloc(1, size))
#define kzalloc(size, gfp) kmalloc(size, gfp)
#define kvzalloc(size, gfp) kmalloc(size, gfp)
#define kvmalloc(size, gfp) kmalloc(size, gfp)
#define kmalloc_array(n, size, gfp) ((void)(gfp), fake_alloc(n, size))
#define kvmalloc_array(n, size, gfp) kmalloc_array(n, size, gfp)
#define kvcalloc(n, size, gfp) kmalloc_array(n, size, gfp)
#define __vmalloc(bytes, gfp) kmalloc(bytes, gfp)
#define kfree(p) fake_free(p)
#define kvfree(p) fake_free(p)

struct page {
	u8 byte[PAGE_SIZE];
	unsigned long private;
};

#define alloc_page(gfp) ((struct page *)kmalloc(sizeof(struct page), gfp))
#define __free_page(p) fake_free(p)
#define __get_free_page(gfp) ((unsigned long)kmalloc(PAGE_SIZE, gfp))
#define free_page(p) fake_free((void *)(p))
#define page_address(p) ((void *)(p)->byte)
#define copy_page(to, from) memcpy(to, from, PAGE_SIZE)
#define page_private(p) ((p)->private)

#define sort(base, n, size, cmp, swp) \
	((void)(swp), (n) ? qsort(base, n, size, cmp) : (void)0)

/* ---- devices ---- */

typedef u32 blk_opf_t;
typedef u8 blk_status_t;
typedef unsigned int fmode_t;

#define REQ_OP_READ 0u
#define REQ_OP_WRITE 1u
#define REQ_SYNC 0x100u
#define REQ_META 0x200u
#define REQ_PRIO 0x400u
#define REQ_FUA 0x800u
#define REQ_RAHEAD 0x1000u
#define REQ_FAILFAST_MASK 0xe000u

#define BLK_STS_OK 0
#define BLK_STS_IOERR 10
#define BLK_STS_MEDIUM 7

struct block_device {
	u64 sects;
	u32 lbs;
};

#define bdev_nr_sectors(b) ((b)->sects)
#define bdev_logical_block_size(b) ((b)->lbs)
#define blkdev_issue_flush(b) ((void)(b), 0)

struct bvec_iter {
	u64 bi_sector;
	u32 bi_size;
};

struct bio {
	void *bi_private;
};

struct dm_dev {
	const char *name;
};

struct dm_table {
	int n;
};

struct dm_target {
	struct dm_table *table;
	u64 len;
};

#define dm_table_device_name(t) ((void)(t), "fuzz")
#define dm_per_bio_data(bio, size) ((void)(size), (bio)->bi_private)
#define dm_bio_from_per_bio_data(data, size) ((void)(size), (struct bio *)(void *)(data))

u32 get_random_u32(void);

/* in fuzz.c */
void fuzz_log(const char *fmt, ...) __printf(1, 2);
#define DMERR(...) fuzz_log(__VA_ARGS__)
#define DMWARN(...) fuzz_log(__VA_ARGS__)
#define DMINFO(...) fuzz_log(__VA_ARGS__)

#endif
