/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps: what the target does when dmr_proto_next() has said what comes next:
 * src/kernel/commit-io.c. A write has one of three ends: it is in the drive's
 * cache; it has a verdict against it, and left the old content, the new one, or
 * a torn block; or the spare did not answer, and it arrived or did not.
 */

c_code {
	/* remap_fill_read(): a copy whose image of table block k is good for copy "to" */
	static int source_of(int from, int to, int k)
	{
		int c;

		for (c = 0; c < COPIES; c++) {
			int img = read_place(TABLE(spot(HOST->moved, c), k));

			if (c == to || !(from >> c & 1) || !img)
				continue;
			HOST->img = img;
			return c;
		}
		return COPIES;
	}

	static int fill_from(int k)
	{
		return HOST->job == J_ACTIVATE ? HOST->same[k] : HOST->proto.insync;
	}

	/* What the protocol says; and where it is not what a mistake wants. */
	static void next_step(void)
	{
		struct dmr_step step = dmr_proto_next(&HOST->proto);
		const int low = (1 << COPIES / 2) - 1;

		if ((step.op == DMR_OP_TABLE && MISTAKE == BOTH_ROUNDS) ||
		    (step.op == DMR_OP_FILL && MISTAKE == FILL_AT_ONCE))
			step.mask = HOST->proto.table.todo;
		if (step.op == DMR_OP_TABLE && MISTAKE == FIXED_ROUNDS)
			step.mask = HOST->proto.table.todo & low ? HOST->proto.table.todo & low :
								   HOST->proto.table.todo;
		HOST->proto.mask = step.mask;
		HOST->op = step.op;
		HOST->mask = step.mask;
		if (step.op != DMR_OP_FLUSH)
			HOST->stale = 0;
	}
}

/*
 * Copy c, in spot q, may have a verdict against it: one fault each; none for one
 * that is away, or in a place that takes no write.
 */
#define MAY_FAIL	(!gone && (faults || ((away | BROKEN) >> q & 1)))

inline failed()
{
	if
	:: (away | BROKEN) >> q & 1
	:: else -> faults--
	fi;
	bad = bad | 1 << c
}

/* remap_table_to(): the batch's blocks, in order, to copy c */
inline write_tables()
{
	q = SPOT(c);
	for (k : 0 .. 1) {
		if
		:: !(batch >> k & 1)
		:: else ->
			if
			:: !STUCK(q) -> put(TABLE(q, k), TABLE_IMG(k))
			:: STUCK(q) && gone
			:: MAY_FAIL ->
				failed();
				if
				:: skip
				:: !STUCK(q) -> tear(TABLE(q, k))
				:: !STUCK(q) -> put(TABLE(q, k), TABLE_IMG(k))
				fi;
				break
			fi
		fi
	}
	k = 0;
	q = 0
}

/* remap_fill_copy(): to copy c what others have; at load, where it differs from the choice */
inline fill_copy()
{
	q = SPOT(c);
	for (k : 0 .. mark - 1) {
		c_code { HOST->s = source_of(fill_from(HOST->k), HOST->c, HOST->k); };
		if
		:: job == J_ACTIVATE && (same[k] >> c & 1)
		:: else ->
			if
			:: s == COPIES -> bad = bad | 1 << c; break
			:: s < COPIES && !STUCK(q) -> put(TABLE(q, k), img)
			:: STUCK(q) && gone
			:: s < COPIES && MAY_FAIL ->
				failed();
				if
				:: skip
				:: !STUCK(q) -> tear(TABLE(q, k))
				fi;
				lost = lost | 1 << c;
				break
			fi
		fi
	}
	k = 0;
	q = 0;
	s = 0;
	img = 0
}

inline write_super()
{
	q = X_SPOT(c);
	if
	:: !STUCK(q) -> put(PLACE(q, 0), SUPER_IMG)
	:: STUCK(q) && gone
	:: MAY_FAIL ->
		failed();
		if
		:: skip
		:: !STUCK(q) -> put(PLACE(q, 0), SUPER_IMG)
		fi
	fi;
	q = 0
}

/*
 * remap_evidence_spare(): a copy is only given up when another write of the
 * spare succeeds: zeros to some free slot, or, when no slot is free for sure, to
 * an auxiliary block, which nobody reads.
 */
inline evidence()
{
	if
	:: !bad || ((job == J_ACTIVATE || (named & ~whole)) && MISTAKE != EVIDENCE_AT_LOAD)
	:: else ->
		for (s : 0 .. SLOTS - 1) {
			if
			:: skip
			:: BLK_OF(s) < mark && entry[s] == E_FREE && !(taken >> s & 1) &&
			   (cell[s] || ccell[s]) ->
				put_cell(s, 0);
				break
			fi
		}
	fi;
	s = 0
}

/* remap_super_stamp() */
inline stamp()
{
	if
	:: c_expr { HOST->x_gen == HOST->proto.super_gen }
	:: else ->
		counter++;
		c_code {
			HOST->x_gen = HOST->proto.super_gen;
			HOST->x_named = dmr_copies_named(HOST->proto.insync, HOST->named);
		};
		x_counter = counter
	fi
}

/*
 * remap_lone_behind(): one copy is left, and another, still named in sync, may
 * lack what was selected: nothing more is written.
 */
inline stop_lone()
{
	c_code {
		HOST->lone = HOST->job == J_ACTIVATE && HOST->op == OP_SUPER &&
			     MISTAKE != LONE_WRITES && FEW(HOST->proto.insync) &&
			     (HOST->behind & ~HOST->proto.insync);
	};
	if
	:: lone -> mask = 0; gone = 1
	:: else
	fi
}

/* A step that writes: every copy of the mask; if the spare is gone, some of them. */
inline write_copies()
{
	stop_lone();
	if
	:: skip
	:: faults && !lone && SOLE_FAULT != VERDICT -> faults--; gone = 1
	fi;
	if
	:: (op == OP_SUPER && !lone) || op == OP_TOMBSTONE -> stamp()
	:: else
	fi;
	if
	:: (op == OP_SUPER && job == J_COMMIT && MISTAKE == EXPEL_LATE) ||
	   (op == OP_TOMBSTONE && (MISTAKE == EXPEL_LATE || MISTAKE == UNTOLD)) -> v = 0
	:: else -> v = mask
	fi;
	do
	:: v ->
		c_code { HOST->c = __builtin_ctz(HOST->v); };
		v = v & (v - 1);
		if
		:: op == OP_FILL && job != J_MOVE -> fill_copy()
		:: op == OP_FILL && job == J_MOVE -> fill_moved()
		:: op == OP_SUPER || op == OP_TOMBSTONE -> write_super()
		:: op == OP_TABLE || op == OP_EMPTY -> write_tables()
		:: gone
		fi
	:: else -> break
	od;
	c = 0;
	evidence();
	if
	:: op == OP_TOMBSTONE -> bad = 0; res = RES_OK
	:: else -> res = (gone -> RES_GONE : (bad -> RES_COPIES : RES_OK))
	fi;
	gone = 0
}

/* remap_step_data(): the data of the batch once more */
inline write_data()
{
	data_void = 0;
	for (b : 0 .. BLOCKS - 1) {
		if
		:: req[b] == Q_BATCH && MISTAKE != VOID_DATA ->
			put_cell(req_slot[b], CELL(b, req_ver[b]));
			req_void[b] = 0
		:: else
		fi
	}
	b = 0;
	if
	:: res = RES_OK
	:: faults && SOLE_FAULT != VERDICT -> faults--; res = RES_GONE
	fi
}

/* A flush fails; the drive may drop what it holds. What waits for the worker is void. */
inline fail_flush()
{
	faults--;
	stale = 1;
	spoilt = (rebuild != 0);
	for (b : 0 .. BLOCKS - 1) {
		req_void[b] = (req[b] == Q_QUEUED)
	}
	b = 0;
	if
	:: drop_cache()
	:: skip
	fi;
	res = (job == J_ACTIVATE && MISTAKE == VOID_IGNORED -> RES_OK : RES_FLUSH)
}

/* remap_step_flush() */
inline flush()
{
	if
	:: data_void && MISTAKE != VOID_DATA -> data_void = 0; res = RES_FLUSH
	:: else ->
		c_code {
			HOST->v = MISTAKE == NO_FLUSH ||
				  (MISTAKE == RESUME_UNFLUSHED && HOST->job == J_ACTIVATE &&
				   !HOST->proto.based) ||
				  (MISTAKE == SWITCH_UNFLUSHED && HOST->job == J_MOVE &&
				   !HOST->proto.super_gen);
		};
		if
		:: v -> res = RES_OK
		:: !v ->
			flush_cache();
			res = (stale -> RES_FLUSH : RES_OK)
		:: faults && SOLE_FAULT != VERDICT -> fail_flush()
		:: faults && SOLE_FAULT != VERDICT -> faults--; res = RES_GONE
		fi;
		v = 0
	fi
}
