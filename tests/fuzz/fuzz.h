/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all fuzz targets share: properties, a reader of the input, counts of
 * what became of the inputs, and the header of a block made right.
 */
#ifndef DMR_FUZZ_H
#define DMR_FUZZ_H

#include <stdlib.h>

#include "layout.h"

/* A property: where it does not hold the run ends here, and libFuzzer keeps the input. */
#define FUZZ_MUST(cond) \
	do { \
		if (!(cond)) \
			fuzz_broken(__FILE__, __LINE__, #cond); \
	} while (0)

__attribute__((noreturn)) void fuzz_broken(const char *file, int line, const char *what);

/** fuzz_log() - a line for who wants to understand an input: shown with FUZZ_LOG=1 */
void fuzz_log(const char *fmt, ...) __printf(1, 2);

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* ---- counts, printed at the end ---- */

/** fuzz_accepted() - one more input that came through to the inside */
void fuzz_accepted(void);

/** fuzz_refused() - one more that did not, and why: a constant word or two */
void fuzz_refused(const char *why);

/* ---- the input, from its start; zeros follow its end ---- */

struct fuzz_in {
	const u8 *p;
	size_t len;
};

static inline u64 fuzz_take(struct fuzz_in *in, unsigned int bytes)
{
	u64 v = 0;
	unsigned int i;

	for (i = 0; i < bytes && in->len; i++, in->p++, in->len--)
		v |= (u64)*in->p << (8 * i);
	return v;
}

/** fuzz_text() - the rest of the input as a string of its own size, for free() */
char *fuzz_text(const struct fuzz_in *in);

/**
 * fuzz_words() - cut @text at its blanks, in place
 * @argv: @max places
 * Return: number of words; a word beyond @max is dropped
 */
unsigned int fuzz_words(char *text, char **argv, unsigned int max);

/** fuzz_sentence() - is this fit for ti->error and for a user's eyes? */
bool fuzz_sentence(const char *text);

/* ---- blocks: little-endian numbers at the offsets of doc/format.md ---- */

static inline u64 fuzz_get(const u8 *blk, size_t at, unsigned int bytes)
{
	struct fuzz_in in = { blk + at, bytes };

	return fuzz_take(&in, bytes);
}

static inline void fuzz_put(u8 *blk, size_t at, unsigned int bytes, u64 v)
{
	unsigned int i;

	for (i = 0; i < bytes; i++)
		blk[at + i] = (u8)(v >> (8 * i));
}

/** fuzz_seal() - put the checksum of a block right */
void fuzz_seal(u8 *blk);

/* what fuzz_header() leaves as the input has it; everything else is put right */
#define FUZZ_KEEP_MAGIC		0x01
#define FUZZ_KEEP_VERSION	0x02
#define FUZZ_KEEP_TYPE		0x04
#define FUZZ_KEEP_CRC		0x08
#define FUZZ_KEEP_PLACE		0x10	/* the block is read from another slot than it says */

/**
 * fuzz_header() - the fix-up stage: what stands before the content is made right
 * @keep: FUZZ_KEEP_*, from the input
 * Return: the slot to read the block from
 */
struct dmr_slot fuzz_header(u8 *blk, u16 type, u8 keep);

/**
 * fuzz_header_verdict() - doc/format.md, section 4, up to the type
 * @index: the one expected, negative for any
 */
enum dmr_blk_status fuzz_header_verdict(const u8 *blk, struct dmr_slot at, u16 type, s64 index);

/** fuzz_anchor() - doc/format.md, section 2; all ones: there is no such copy */
u64 fuzz_anchor(u64 slots, u64 copy);

/** fuzz_epoch_possible() - the rule of section 4 that is about content, of whatever block */
bool fuzz_epoch_possible(const u8 *blk);

#endif
