/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Image: a metadata block of the model in one int; for Promela and C alike, so
 * nothing but #defines. A block that is torn or destroyed is 0.
 *
 *   bit 0        valid
 *   bit 1..8     table block: two entries of four bits
 *                superblock: copies in sync (1..5), two table blocks exist (6), clean (7)
 *   bit 9..13    counter  } the generation: compared as one number
 *   bit 14..19   epoch    }
 *   bit 20..23   nonce: the number of the activation
 *   bit 24..26   superblock: the copy, plus 1, that lives in the alternate place; 0: none
 *   bit 27       it is a tombstone
 */
#define IMG_ENTRY(img, i)	(((img) >> (1 + 4 * (i))) & 15)
#define IMG_PUT(e, i)		((e) << (1 + 4 * (i)))
#define IMG_NAMED(img)		(((img) >> 1) & 31)
#define IMG_MARK(img)		(1 + (((img) >> 6) & 1))
#define IMG_CLEAN(img)		(((img) >> 7) & 1)
#define IMG_COUNTER(img)	(((img) >> 9) & 31)
#define IMG_EPOCH(img)		(((img) >> 14) & 63)
#define IMG_NONCE(img)		(((img) >> 20) & 15)
#define IMG_GEN(img)		(((img) >> 9) & 2047)
#define IMG_MOVED(img)		(((img) >> 24) & 7)
#define IMG_TOMB(img)		(((img) >> 27) & 1)

#define IMG_STAMP(epoch, counter, nonce) \
	(1 | (counter) << 9 | (epoch) << 14 | (nonce) << 20)
#define IMG_SUPER(named, mark, clean) \
	((named) << 1 | ((mark) - 1) << 6 | (clean) << 7)
#define IMG_AWAY(moved)		((moved) << 24)
#define IMG_BURIED		(1 << 27)

#define COUNTER_MAX		31
#define EPOCH_MAX		63
#define NONCE_MAX		15

/* An entry: of a slot that is free, bad, or holds block b; serial in bits 2 and 3. */
#define E_FREE			0
#define E_BAD			1
#define E_USED(b, serial)	(2 + (b) | ((serial) & 3) << 2)
#define E_MAPS(e)		((e) & 2)
#define E_BLOCK(e)		((e) & 1)
#define E_SERIAL(e)		((e) >> 2 & 3)

/* Places of copy c, or of what is in the alternate: superblock, table blocks 0 and 1. */
#define PLACE(c, i)		(3 * (c) + (i))
#define TABLE(c, k)		(3 * (c) + 1 + (k))

/* enum dmr_op, enum dmr_result, enum dmr_proto_kind: glue.c holds them to protocol.h */
#define OP_DATA			0
#define OP_FLUSH		1
#define OP_TABLE		2
#define OP_EMPTY		3
#define OP_FILL			4
#define OP_SUPER		5
#define OP_TOMBSTONE		6
#define OP_DONE			7
#define OP_ABORT		8
#define OP_DOUBT		9

#define RES_OK			0
#define RES_COPIES		1
#define RES_FLUSH		2
#define RES_GONE		3
