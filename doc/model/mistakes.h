/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mistakes that can be seeded, one at a time: -DMISTAKE=ACK_EARLY. The model must
 * find each of them; run.sh knows sizes that are enough for it.
 */
#define NONE			0

/* of the commit */
#define ACK_EARLY		1	/* acknowledged before the last flush */
#define NO_FLUSH		2	/* flushes are answered, not done */
#define VOID_DATA		3	/* a failed flush, and the data is not written again */
#define BOTH_ROUNDS		4	/* all copies written in one round */
#define FIXED_ROUNDS		5	/* the same halves whoever is in sync */
#define TWO_BLOCKS		6	/* what a move gains and what it loses in one commit */
#define TWO_MOVES		7	/* a second move before the first one's loss is durable */
#define EXPEL_LATE		8	/* acknowledged before the expulsion is durable */
#define UNTOLD			9	/* the expelled copy is not told */

/* of a commit in doubt */
#define DOUBT_FREES		10	/* taken as undone: its slots are free again */
#define DOUBT_OPENS		11	/* writes to its blocks are let through */
#define FREE_EARLY		12	/* slots free before the roll back is durable */
#define TORN_FORGOTTEN		13	/* the roll back does not begin with the torn copies */
#define FALSE_CLEAN		14	/* closed as clean while copies differ */
#define UNFILLED		15	/* thaw counts a copy as in sync that nobody filled */

/* of the high-water mark */
#define MARK_FIRST		16	/* the mark before its blocks */
#define RAISE_AGAIN		17	/* empty blocks below a mark in doubt, all at once */
#define MARK_FORGOTTEN		18	/* a raise that failed, but whose mark is durable */

/* of the activation */
#define RESUME_EARLY		19	/* bios before the copies agree */
#define RESUME_UNFLUSHED	20	/* what was chosen is not flushed first */
#define VOID_IGNORED		21	/* that flush failed, and it goes on */
#define FILL_AT_ONCE		22	/* several copies filled at a time */
#define GEN_REUSED		23	/* no new epoch */
#define EPOCH_ONE		24	/* no gap for a copy that cannot be read */
#define EPOCH_TWO		25	/* a gap for one dead activation only */
#define BELIEVE			26	/* no witness asked for with two superblocks unreadable */
#define LONE_WRITES		27	/* writes on the strength of one copy while another lags */
#define EVIDENCE_AT_LOAD	28	/* zeros written to a slot that is not free for sure */

/* of the copy that moves */
#define SWITCH_EARLY		29	/* superblocks name the new place before it is filled */
#define SWITCH_UNFLUSHED	30	/* what was filled is not flushed before that */
#define NOT_FOLLOWED		31	/* commits are not written to what is filled already */
#define NOT_RESTARTED		32	/* a flush fails, and the filling goes on (A41) */
#define ANCHORS_ONLY		33	/* a load looks where the copies were at first (A38) */
