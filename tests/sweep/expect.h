/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a reader must make of a case, from doc/format.md.
 *
 * "Wrong data never" means: a spare is refused, or it is opened with a map that
 * is right. Which map is right depends on what a reader can know:
 *
 * The version is another one, in whatever block: a later release wrote it, and
 * its checksum is not ours to judge: EXPECT_REFUSE.
 *
 * The checksum does not fit: there is no such block. As long as one copy in sync
 * is whole, the spare must open, and each table block must be one that a copy in
 * sync had before: EXPECT_KEEP. With none left: EXPECT_REFUSE.
 *
 * The checksum fits, but not the content (place, set, impossible values): the same.
 *
 * The checksum fits and the content is possible: somebody wrote that. In some
 * of the copies: two histories of one generation, and nothing says which is
 * true: EXPECT_REFUSE. That is why no case of this kind can yield a wrong map:
 * a field is changed, but its generation is not. Or the generation alone is
 * changed: then the order of the copies is another, but what they say is not:
 * EXPECT_KEEP; where copies differ, the change may have made a tie of them:
 * EXPECT_EITHER. In a copy that was left behind: nobody asks it: EXPECT_KEEP.
 *
 * The same in all copies, or in the only one that has the newest image of a
 * table block: nothing on the spare contradicts it, and nobody can know better.
 * It is opened as it says, to the letter, or refused if it says what cannot be
 * or does not fit the devices: EXPECT_SAID.
 *
 * What a copy says is read a second time, by rules.c, which knows the format from
 * its document and not from the core.
 */
#ifndef SWEEP_EXPECT_H
#define SWEEP_EXPECT_H

#include "cases.h"
#include "load.h"

enum expect {
	EXPECT_KEEP,
	EXPECT_REFUSE,
	EXPECT_EITHER,
	EXPECT_SAID,
};

const char *expect_name(enum expect e);

/** expect_of() - @image: the case applied */
enum expect expect_of(const struct sweep_case *c, const u8 *image);

/**
 * expect_check() - is @l what the case allows?
 * Return: NULL, or what is wrong.
 */
const char *expect_check(const struct sweep_case *c, const u8 *image, const struct load *l);

#endif
