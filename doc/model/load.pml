/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Load: src/kernel/load.c, up to the run of the protocol.
 */

c_code {
	/* dmremap format: a clean set of epoch 1 */
	static void format(void)
	{
		int b, c;

		for (c = 0; c < COPIES; c++) {
			now.disk[PLACE(c, 0)] = IMG_STAMP(1, 0, 0) | IMG_SUPER(ALL, MARK, 1);
			now.disk[TABLE(c, 0)] = IMG_STAMP(1, 0, 0);
			now.disk[TABLE(c, 1)] = MARK > 1 ? IMG_STAMP(1, 0, 0) : 0;
		}
		for (b = 0; b < BLOCKS; b++) {
			now.main[b] = 1;
			now.may[b] = 1 << 1;
		}
		now.calm = 1;
	}

	/* Superblocks, tables, duplicates, by the core; then remap_load_activate(). */
	static int load(void)
	{
		int img[PLACES];
		struct glue_spare sp = {
			.copies = COPIES,
			.slots = SLOTS,
			.per_blk = PER_BLK,
			.img = img,
			.alternate = MOVES,
			.unread = HOST->unread,
			.believe = MISTAKE == BELIEVE,
			.anchors_only = MISTAKE == ANCHORS_ONLY,
		};
		struct glue_loaded got;
		int p;
		int k;

		for (p = 0; p < PLACES; p++)
			img[p] = read_place(p);
		glue_load(&sp, &got);
		if (got.err) {
			SAY("load: refused, %d\n", got.err);
			return 1;
		}
		memcpy(HOST->entry, got.entry, CELLS);
		HOST->named = IMG_NAMED(got.super);
		HOST->mark = IMG_MARK(got.super);
		HOST->moved = IMG_MOVED(got.super);
		HOST->lazy = got.dirty;
		HOST->whole = got.candidates;
		HOST->behind = IMG_CLEAN(got.super) ? 0 : got.unread;
		for (k = 0; k < HOST->mark; k++) {
			HOST->same[k] = got.same[k];
			HOST->whole &= got.same[k];
			HOST->behind |= got.candidates & ~got.same[k];
		}
		HOST->behind &= HOST->named;
		HOST->fill = (got.candidates | got.rebuild | got.unread) & ~HOST->whole;
		HOST->epoch = glue_epoch(IMG_EPOCH(got.super), got.unread);
		if (got.unread && (MISTAKE == EPOCH_ONE || MISTAKE == EPOCH_TWO))
			HOST->epoch = IMG_EPOCH(got.super) + (MISTAKE == EPOCH_ONE ? 1 : 2);
		if (MISTAKE == RESUME_EARLY) {
			HOST->whole = got.candidates;
			HOST->fill &= ~got.candidates;
		}
		HOST->counter = 0;
		if (MISTAKE == GEN_REUSED) {
			HOST->epoch = IMG_EPOCH(got.super);
			HOST->counter = IMG_COUNTER(got.super);
		}
		HOST->taken = got.taken;
		return 0;
	}

	/* the superblock of the highest generation there is, whoever can read it */
	static int top_super(void)
	{
		int top = 0;
		int q;

		for (q = 0; q < SPOTS; q++) {
			int sb = read_place(PLACE(q, 0));

			if (sb && !IMG_TOMB(sb) && (!top || IMG_GEN(sb) > IMG_GEN(top)))
				top = sb;
		}
		return top;
	}

	/*
	 * A limit (doc/design.md, 13): two activations cut short, each without a
	 * copy that the other had written, named different copies.
	 */
	static int two_histories(void)
	{
		int top = top_super();
		int q;

		for (q = 0; q < SPOTS; q++) {
			int sb = read_place(PLACE(q, 0));

			if (IMG_EPOCH(sb) == IMG_EPOCH(top) && IMG_NONCE(sb) != IMG_NONCE(top) &&
			    IMG_NAMED(sb) != IMG_NAMED(top))
				return 1;
		}
		return 0;
	}

	/*
	 * Must this load succeed? Without a fault since the copies were last
	 * alike it must (R4); and when they were alike and nothing was on its
	 * way, one copy in sync is enough (R5), two against two unreadable
	 * superblocks.
	 */
	static int must_load(void)
	{
		int top = top_super();
		int good = IMG_NAMED(top) & ~now.lost;
		int blind = 0;
		int c;

		if (UNREADS > 1 && two_histories())
			return 0;
		if (!HOST->unread && !now.lost)
			return 1;
		for (c = 0; c < COPIES; c++) {
			int q = spot(IMG_MOVED(top), c);

			if (HOST->unread >> PLACE(q, 0) & 7)
				good &= ~(1 << c);
			blind += HOST->unread >> PLACE(q, 0) & 1;
		}
		return now.calm && (blind < 2 ? good : good & (good - 1));
	}

	/* R14: what was chosen is on the medium of every copy in sync, "in use" with it. */
	static int all_alike(void)
	{
		int first = spot(HOST->moved, __builtin_ctz(HOST->whole));
		int c, k;

		for (c = 0; c < COPIES; c++) {
			int q = spot(HOST->moved, c);
			int sb = now.disk[PLACE(q, 0)];

			if (!(HOST->whole >> c & 1))
				continue;
			if (now.dirty >> PLACE(q, 0) & 7)
				return 0;
			if (IMG_EPOCH(sb) != HOST->epoch || IMG_CLEAN(sb) ||
			    (HOST->whole & (HOST->whole - 1) && IMG_NAMED(sb) != HOST->whole))
				return 0;
			for (k = 0; k < HOST->mark; k++)
				if (now.disk[TABLE(q, k)] != now.disk[TABLE(first, k)])
					return 0;
		}
		return 1;
	}

	/* R11: no copy in sync has, or may have, slot s for another block than b. */
	static int slot_is_free(int s, int b)
	{
		int c;

		for (c = 0; c < COPIES; c++) {
			int p = TABLE(spot(HOST->moved, c), BLK_OF(s));
			int was = IMG_ENTRY(now.disk[p], s % PER_BLK);
			int is = IMG_ENTRY(read_place(p), s % PER_BLK);

			if (!(HOST->whole >> c & 1))
				continue;
			if ((E_MAPS(was) && E_BLOCK(was) != b) || (E_MAPS(is) && E_BLOCK(is) != b))
				return 0;
		}
		return 1;
	}

	/* Copies that may be lost: some other one in sync is whole (R5: N-1 of N). */
	static int spare_to_lose(void)
	{
		int good = IMG_NAMED(top_super()) & ~now.lost;

		return good & (good - 1) ? ALL : ALL & ~good;
	}
}

/* Which places cannot be read this time: a copy, or a block of one. */
inline choose_unreadable()
{
	for (c : 0 .. SPOTS - 1) {
		if
		:: skip
		:: unreads ->
			unreads--;
			if
			:: unread = unread | 7 << PLACE(c, 0); away = away | 1 << c
			:: unread = unread | 1 << PLACE(c, 0)
			:: unread = unread | 1 << TABLE(c, 0)
			:: unread = unread | 1 << TABLE(c, 1)
			fi
		fi
	}
	c = 0
}

/* Every read is right; what is read now counts from now on. */
inline observe(settle)
{
	for (b : 0 .. BLOCKS - 1) {
		c_code { HOST->v = oracle_read(HOST->entry, HOST->b); };
		assert(v && (may[b] >> v & 1));	/* R2, R4, R5 */
		if
		:: settle && req[b] == Q_NONE -> c_code { oracle_settle(HOST->b, HOST->v); }
		:: else
		fi
	}
	b = 0;
	v = 0
}

/* A copy, or a block of one, becomes garbage. */
inline lose_copy()
{
	c_code { HOST->v = spare_to_lose(); };
	if
	:: v & 1 -> c = 0
	:: v & 2 -> c = 1
	:: v & 4 -> c = 2
	:: v & 8 -> c = 3
	:: v & 16 -> c = 4
	:: !v -> goto end_down
	fi;
	v = 0;
	losses--;
	lost = lost | 1 << c;
	c_code { HOST->q = spot(IMG_MOVED(top_super()), HOST->c); };
	if
	:: tear(PLACE(q, 0)); tear(TABLE(q, 0)); tear(TABLE(q, 1))
	:: tear(PLACE(q, 0))
	:: tear(TABLE(q, 0))
	:: tear(TABLE(q, 1))
	fi;
	c_code { SAY("copy %d becomes garbage, or a part of it\n", HOST->c); };
	c = 0;
	q = 0
}

inline crash()
{
	crashes--;
	if
	:: c_code { SAY("the power fails\n"); };
	   drop_cache()
	:: resets ->
		resets--;
		c_code { SAY("the machine is reset; the drive keeps its cache\n"); }
	fi
}

/* The activation is durable: mode, and what is read from now on. */
inline activated()
{
	lost = lost & ~whole;
	if
	:: lone -> mode = M_READONLY
	:: !lone && FEW(whole) -> mode = M_MAP_RO
	:: !lone && !FEW(whole) -> mode = M_RW
	fi;
#if MISTAKE == NONE
	c_code { HOST->v = HOST->lone || all_alike(); };
	assert(v);	/* R14 */
#endif
	observe(mode != M_READONLY)
}

/* The mistake: the empty blocks come after the mark that counts them. */
inline empty_late()
{
	for (k : 0 .. COPIES - 1) {
		if
		:: whole >> k & 1 -> put(TABLE(k, 1), TABLE_IMG(1))
		:: else
		fi
	}
	k = 0
}
