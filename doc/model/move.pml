/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Move: a copy that was left behind is built anew in the alternate:
 * src/kernel/rebuild.c. One table block at a time is filled, so that commits
 * come between; with the last one the superblocks follow at once.
 */

/* remap_rebuild_may(), and remap_rebuild_begin() finds a copy and the place */
#define MOVE_MAY \
	(mode == M_RW && !FEW(whole) && !doubt && !(named & ~whole) && \
	 (rebuild || (moves && !moved && whole != ALL)))

c_code {
	static int moving(void)
	{
		return HOST->rebuild - 1;
	}

	/* remap_rebuild_leave() */
	static void move_leave(void)
	{
		HOST->rebuild = 0;
		HOST->filled = 0;
		HOST->spoilt = 0;
	}

	/* remap_rebuild_run(), what comes before the filling */
	static void move_begin(void)
	{
		if (!HOST->rebuild) {
			now.moves--;
			HOST->rebuild = 1 + __builtin_ctz(ALL & ~HOST->whole);
			SAY("copy %d is built anew\n", moving());
		} else if (HOST->whole >> moving() & 1) {
			/* thaw could write it where it is */
			move_leave();
		} else if (HOST->spoilt && MISTAKE != NOT_RESTARTED) {
			HOST->filled = 0;
		}
		HOST->spoilt = 0;
	}

	/* remap_rebuild_undone() */
	static void move_undone(int tried)
	{
		if (!tried)
			return;
		/* some superblocks may name the new place: super_torn has them all (A39) */
		HOST->whole &= ~(1 << moving());
		HOST->named &= ~(1 << moving());
		if (HOST->proto.gone)
			worsen(M_FAIL);
	}
}

/* remap_fill_block(): table block k to the alternate; no place is left if it fails */
inline fill_alternate()
{
	c_code {
		HOST->s = source_of(HOST->whole, COPIES, HOST->k);
		SAY("  table block %d to the alternate\n", HOST->k);
	};
	if
	:: s < COPIES -> put(TABLE(COPIES, k), img)
	:: s == COPIES || faults ->
		if
		:: s < COPIES -> faults--; tear(TABLE(COPIES, k))
		:: else
		fi;
		c_code { move_leave(); }
	fi;
	s = 0;
	img = 0
}

/* remap_rebuild_follow() */
inline follow()
{
	for (k : 0 .. 1) {
		if
		:: k < filled && (batch >> k & 1) && MISTAKE != NOT_FOLLOWED -> fill_alternate()
		:: else
		fi
	}
	k = 0
}

/* remap_rebuild_switch(), remap_rebuild_bury(): the anchor may take its tombstone, or not */
inline move_switch()
{
	c_code {
		begin(J_MOVE, DMR_PROTO_ACTIVATE, HOST->whole, 0, 1 << moving(), 0);
		HOST->x_moved = HOST->rebuild;
	};
	counter++;
	x_counter = counter;
	if
	:: skip
	:: put(PLACE(rebuild - 1, 0), SUPER_IMG | IMG_BURIED)
	fi;
	x_counter = 0
}

/* remap_rebuild_run(), remap_rebuild_fill() */
inline move_on()
{
	c_code { move_begin(); };
	if
	:: rebuild ->
		k = filled;
		filled++;
		fill_alternate();
		k = 0
	:: else
	fi;
	if
	:: rebuild && (filled == mark || MISTAKE == SWITCH_EARLY) ->
		move_switch();
		goto RUN
	:: else ->
		goto UP
	fi
}

/* remap_fill_copy() when it moves: the auxiliary block, which nobody reads */
inline fill_moved()
{
	q = X_SPOT(c);
	if
	:: skip
	:: MAY_FAIL -> failed()
	fi;
	q = 0
}

/* What a move leaves in memory. */
inline move_over()
{
	c_code {
		if (!HOST->done)
			move_undone(HOST->x_gen);
		else if (FEW(HOST->whole))
			worsen(M_MAP_RO);
		move_leave();
	};
	if
	:: done ->
#if MISTAKE == NONE
		c_code { HOST->v = all_alike(); };
		assert(v);	/* R14, for a move as for an activation */
		v = 0;
#endif
		lost = lost & ~whole
	:: else
	fi
}
