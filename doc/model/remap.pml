/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commit and load protocol of dm-remap, see README.md.
 *
 * One process is the machine: the target while it is up, and what befalls it.
 * The order of the steps and the choice between copies come from src/core
 * itself (glue.h); this file is what src/kernel does around them, function by
 * function; the names are in the comments.
 *
 * Sizes, all by -D, and how often something may happen in one run:
 */
#ifndef COPIES
#define COPIES	2		/* of the metadata, at most 5 */
#endif
#ifndef SLOTS
#define SLOTS	2		/* for data */
#endif
#ifndef PER_BLK
#define PER_BLK	1		/* slots to a table block; there are two table blocks */
#endif
#ifndef MARK
#define MARK	2		/* table blocks below the mark at first */
#endif
#ifndef WRITES
#define WRITES	2		/* writes by the user */
#endif
#ifndef CRASHES
#define CRASHES	1		/* power cuts and resets */
#endif
#ifndef RESETS
#define RESETS	0		/* resets: the drive's cache survives; each counts as a crash too */
#endif
#ifndef FAULTS
#define FAULTS	0		/* writes with a verdict, failed flushes, the spare away */
#endif
#define ANY	0
#define VERDICT	1
#ifndef SOLE_FAULT
#define SOLE_FAULT	ANY	/* or VERDICT: only those */
#endif
#ifndef UNREADS
#define UNREADS	0		/* copies (or blocks of one) that cannot be read at one load */
#endif
#ifndef LOSSES
#define LOSSES	0		/* copies (or blocks of one) that become garbage */
#endif
#ifndef CLOSES
#define CLOSES	0
#endif
#ifndef THAWS
#define THAWS	0
#endif
#ifndef MOVES
#define MOVES	0		/* at most 1: a copy is built anew in the alternate */
#endif
#ifndef BROKEN
#define BROKEN	0		/* copies whose anchor takes no write but perhaps a tombstone */
#endif
#include "mistakes.h"
#ifndef MISTAKE
#define MISTAKE	NONE
#endif

#define BLOCKS	2
#define SPOTS	(COPIES + MOVES)	/* the anchors, and the alternate */
#define PLACES	(3 * SPOTS)
#define CELLS	(2 * PER_BLK)
#define ALL	((1 << COPIES) - 1)
#define META	((1 << PLACES) - 1)

#include "image.h"

c_decl {
\#include "glue.h"
	/* what pan.c has further down */
	extern int readtrail;
	extern unsigned char *_this;
};

#define HOST	((P0 *)_this)
#define SAY(...) \
	do { \
		if (readtrail) \
			printf(__VA_ARGS__); \
	} while (0)

/* modes, as far as they matter here: frozen is rw without new verdicts */
#define M_RW		0
#define M_MAP_RO	1
#define M_READONLY	2
#define M_FAIL		3

/* a request: a write of a block on its way to a slot */
#define Q_NONE		0
#define Q_QUEUED	1	/* its data is written, not flushed */
#define Q_BATCH		2	/* in the commit that runs */
#define Q_DOUBT		3

#define BLK_OF(s)	((s) / PER_BLK)
#define FEW(mask)	(((mask) & ((mask) - 1)) == 0)

/* Image of table block k with the words of the batch. */
#define TABLE_IMG(k) \
	(IMG_STAMP(epoch, at, nonce) | IMG_PUT(word[(k) * PER_BLK], 0) | \
	 IMG_PUT(word[(k) * PER_BLK + PER_BLK - 1], PER_BLK - 1))
#define SUPER_IMG \
	(IMG_STAMP(epoch, x_counter, nonce) | IMG_SUPER(x_named, x_mark, x_clean) | \
	 IMG_AWAY(x_moved))

/* How often it may still happen. */
byte writes = WRITES;
byte crashes = CRASHES;
byte resets = RESETS;
byte faults = FAULTS;
byte unreads = UNREADS;
byte losses = LOSSES;
byte closes = CLOSES;
byte thaws = THAWS;
byte moves = MOVES;

byte boots;			/* activations so far: the nonce */
byte lost;			/* copies with garbage in them, not yet written again */
bool calm;			/* it went down with all copies alike and nothing on its way */

c_state "struct dmr_proto proto" "Local host"

#include "spare.pml"
#include "oracle.pml"
#include "story.pml"
#include "steps.pml"
#include "commit.pml"
#include "load.pml"
#include "move.pml"

active proctype host()
{
	/* struct remap: what is in memory while the target is up */
	bool up;
	byte mode, whole, torn, super_torn;
	byte named, mark;			/* r->sb */
	byte epoch, counter, nonce;		/* r->gen */
	byte entry[CELLS];			/* r->table */
	byte taken, lazy, doubt;		/* slots; table blocks: r->dirty, r->doubt */
	byte away;				/* spots that could not be read at load */
	byte moved;				/* copy in the alternate, plus 1: r->sb */
	byte rebuild, filled;			/* copy on its way there, plus 1; table blocks */
	bool spoilt;				/* a flush failed since the first of them */
	byte req[BLOCKS];
	byte req_slot[BLOCKS];
	byte req_old[BLOCKS];			/* a move: the slot that is left, plus 1 */
	byte req_ver[BLOCKS];
	bool req_void[BLOCKS];

	/* struct remap_exec: the run of the protocol */
	byte job, op, mask, bad, res;
	byte batch;				/* table blocks */
	byte at;				/* counter of their generation */
	byte word[CELLS];			/* their content */
	byte x_gen, x_counter, x_named, x_mark;	/* x->super_gen, x->sb */
	byte x_moved;
	bool x_clean, data_void, stale, gone, lone;
	byte same[2];
	byte behind, fill;

	/* scratch, zero between steps */
	byte i, b, c, k, q, s, v;
	byte was;
	bool done;
	int unread, img;

	c_code { format(); };
DOWN:
	atomic {
		c_code { wipe(); };
	}
end_down:
	if
	:: atomic {
		dirty && crashes ->
		crashes--;
		c_code { SAY("the power fails\n"); };
		drop_cache();
		goto end_down
	}
	:: atomic {
		losses ->
		lose_copy();
		goto end_down
	}
	:: atomic {
		choose_unreadable();
		c_code { HOST->res = load(); };
		if
		:: res ->
			c_code { HOST->v = must_load(); };
			assert(!v);	/* R4, R5: refused without a cause */
			goto DOWN
		:: else
		fi;
		boots++;
		nonce = boots;
		assert(epoch <= EPOCH_MAX && epoch % 8 < 7 && nonce <= NONCE_MAX);
		calm = 0;
		unread = 0;
		c_code {
			begin(J_ACTIVATE, DMR_PROTO_ACTIVATE, HOST->whole, 0, HOST->fill, 0);
		};
		goto RUN
	}
	fi;

	/* remap_exec_run() */
RUN:
	if
	:: atomic {
		crashes && dirty ->
		crash();
		goto DOWN
	}
	:: atomic {
		c_code { next_step(); };
#if MISTAKE == ACK_EARLY
		c_code { HOST->v = ack_due(); };
		if
		:: v ->
			c_code { acknowledge(); };
			op = 0;
			mask = 0;
			v = 0;
			goto RUN
		:: else
		fi;
#endif
		if
		:: op >= OP_DONE -> goto OVER
		:: op == OP_FLUSH -> flush()
		:: op == OP_DATA -> write_data()
		:: op < OP_DONE && op != OP_FLUSH && op != OP_DATA -> write_copies()
		fi;
		c_code {
			say_step();
			dmr_proto_result(&HOST->proto, HOST->res, HOST->bad);
		};
		op = 0;
		mask = 0;
		bad = 0;
		res = 0;
		goto RUN
	}
	fi;

	/* What the run was for. */
OVER:
	atomic {
		c_code {
			say_over();
			settle();
			HOST->was = HOST->job;
			HOST->done = HOST->op == OP_DONE || HOST->lone;
		};
		if
		:: was == J_ACTIVATE && done -> activated()
		:: was <= J_SETTLE && done -> c_code { publish(); }; follow()
		:: was == J_MOVE -> move_over()
		:: was <= J_SETTLE && !done -> c_code { batch_failed(); }
		:: was == J_RAISE && done && MISTAKE == MARK_FIRST -> empty_late()
		:: was == J_CLOSE -> c_code { note_calm(); }
		:: else
		fi;
		c_code { run_over(); };
		if
		:: was == J_CLOSE || (was == J_ACTIVATE && !done) ->
			goto DOWN
		:: was == J_ACTIVATE && done && lazy && mode == M_RW ->
			c_code { build(J_LOAD_LAZY, HOST->lazy); };
			goto RUN
		:: was == J_CLOSE_LAZY ->
			goto CLOSE
		:: was == J_SETTLE && done ->
			c_code { settled(); fill_others(); };
			goto RUN
		:: was == J_FILL && done && !FEW(whole) ->
			mode = M_RW;
			lost = lost & ~whole;
			observe(1);
			goto UP
		:: was == J_MARK && done ->
			c_code { raise_mark(); };
			goto RUN
		:: else ->
			goto UP
		fi
	}

CLOSE:
	atomic {
		was = 0;
		done = 0;
		if
		:: mode == M_READONLY || mode == M_FAIL ||
		   ((doubt || (named & ~whole)) && MISTAKE != FALSE_CLEAN) ->
			c_code { SAY("closed, not clean\n"); note_calm(); };
			goto DOWN
		:: else ->
			c_code {
				begin(J_CLOSE, DMR_PROTO_SUPER, HOST->whole, 0, 0, 0);
				HOST->x_clean = 1;
			};
			goto RUN
		fi
	}

	/* Up: the user, the worker's own initiative, the administrator, the power. */
UP:
	atomic {
		/* or the sizes are too large for an image */
		assert(counter < COUNTER_MAX - 8);
		was = 0;
		done = 0;
		observe(0)
	}
end_up:
	if
	:: atomic {
		writes ->
		write_block()
	}
	:: atomic {
		(req[0] == Q_QUEUED || req[1] == Q_QUEUED) && mode == M_RW ->
		if
		:: req[0] == Q_QUEUED -> req[0] = Q_BATCH
		:: req[1] == Q_QUEUED -> req[1] = Q_BATCH
		:: req[0] == Q_QUEUED && req[1] == Q_QUEUED ->
			req[0] = Q_BATCH;
			req[1] = Q_BATCH
		fi;
		c_code { HOST->v = MISTAKE != TWO_MOVES && moves(); };
		if
		:: lazy && v ->
			/* an earlier move's loss comes first: or three entries could be durable */
			c_code { unbatch(); build(J_LAZY, HOST->lazy); }
		:: else ->
			c_code { build(J_COMMIT, 0); }
		fi;
		goto RUN
	}
	:: atomic {
		(req[0] == Q_QUEUED || req[1] == Q_QUEUED) && mode != M_RW ->
		c_code { release(Q_QUEUED); };
		goto UP
	}
	:: atomic {
		lazy && mode == M_RW ->
		c_code { build(J_LAZY, HOST->lazy); };
		goto RUN
	}
	:: atomic {
		mark < 2 && mode == M_RW && !FEW(whole) ->
		c_code {
			if (HOST->super_torn && MISTAKE != RAISE_AGAIN)
				begin(J_MARK, DMR_PROTO_SUPER, HOST->whole, 0, 0, 0);
			else
				raise_mark();
		};
		goto RUN
	}
	:: atomic {
		MOVES && MOVE_MAY ->
		move_on()
	}
	:: atomic {
		thaws && (mode == M_MAP_RO || mode == M_FAIL || (mode == M_RW && named != ALL)) ->
		thaws--;
		c_code { thaw(); };
		goto RUN
	}
	:: atomic {
		closes && req[0] != Q_QUEUED && req[1] != Q_QUEUED ->
		closes--;
		if
		:: lazy && mode == M_RW ->
			c_code { build(J_CLOSE_LAZY, HOST->lazy); };
			goto RUN
		:: else ->
			goto CLOSE
		fi
	}
	:: atomic {
		crashes ->
		c_code { note_calm(); };
		crash();
		goto DOWN
	}
	fi
}
