/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spare: what is on the medium, what is only in the drive's volatile cache, and
 * what becomes of the latter.
 *
 * Nothing here writes the cache back. What a drive may have written back in the
 * meantime is decided when it matters: at a power cut, at a flush that fails,
 * and when a place is written again. So every order and every subset of
 * unflushed writes is covered, at no step of its own.
 *
 * What may stand at the begin of an option must not itself begin with a choice:
 * spin would take the two for one, "else" and all. Hence the first statements.
 */

int  disk[PLACES];		/* metadata on the medium, see image.h */
int  cache[PLACES];		/* the unflushed write, where dirty says so */
byte cell[CELLS];		/* slots: CELL() whose data, which of it; 0: old, or nobody's */
byte ccell[CELLS];
int  dirty;			/* bit p: place p; bit PLACES + s: slot s */

#define CELL(b, v)	(8 * (b) + (v))
#define DIRTY(p)	(dirty >> (p) & 1)
#define IS_SUPER(p)	((p) % 3 == 0)

/* Where copy c is: its anchor, or the alternate; and where the superblock on its way has it. */
#define SPOT(c)		(moved == (c) + 1 -> COPIES : (c))
#define X_SPOT(c)	(x_moved == (c) + 1 -> COPIES : (c))
#define STUCK(q)	(BROKEN >> (q) & 1)

c_code {
	/* what reading gives */
	static int read_place(int p)
	{
		return now.dirty >> p & 1 ? now.cache[p] : now.disk[p];
	}

	/* where copy c is, if this is the one that moved, plus 1 */
	static int spot(int moved, int c)
	{
		return moved == c + 1 ? COPIES : c;
	}

	static int read_cell(int s)
	{
		return now.dirty >> (PLACES + s) & 1 ? now.ccell[s] : now.cell[s];
	}
}

/* A write that is not flushed; of an earlier one the medium may have anything. */
inline put(p, img)
{
	skip;
	if
	:: DIRTY(p) ->
		if
		:: skip
		:: disk[p] = cache[p]
		:: !IS_SUPER(p) -> disk[p] = 0
		fi
	:: else
	fi;
	cache[p] = img;
	dirty = dirty | 1 << (p)
}

inline put_cell(s, v)
{
	skip;
	if
	:: DIRTY(PLACES + (s)) ->
		if
		:: skip
		:: cell[s] = ccell[s]
		fi
	:: else
	fi;
	ccell[s] = v;
	dirty = dirty | 1 << (PLACES + (s))
}

/* A write that was cut short: neither the old image nor the new one. */
inline tear(p)
{
	disk[p] = 0;
	cache[p] = 0;
	dirty = dirty & ~(1 << (p))
}

/* The cache is lost: each unflushed write took place, or did not, or in part. */
inline drop_cache()
{
	i = 0;
	do
	:: dirty ->
		c_code { Phost->i = __builtin_ctz(now.dirty); };
		if
		:: i >= PLACES ->
			if
			:: skip
			:: cell[i - PLACES] = ccell[i - PLACES]
			fi;
			ccell[i - PLACES] = 0
		:: else ->
			if
			:: skip
			:: disk[i] = cache[i]
			:: !IS_SUPER(i) -> disk[i] = 0
			fi;
			cache[i] = 0
		fi;
		dirty = dirty & (dirty - 1)
	:: else ->
		break
	od;
	i = 0
}

inline flush_cache()
{
	i = 0;
	do
	:: dirty ->
		c_code { Phost->i = __builtin_ctz(now.dirty); };
		if
		:: i >= PLACES ->
			cell[i - PLACES] = ccell[i - PLACES];
			ccell[i - PLACES] = 0
		:: else ->
			disk[i] = cache[i];
			cache[i] = 0
		fi;
		dirty = dirty & (dirty - 1)
	:: else ->
		break
	od;
	i = 0
}
