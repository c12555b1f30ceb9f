/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commit: what surrounds a run of the protocol: src/kernel/commit.c, raise.c,
 * thaw.c, and the close in target.c.
 */

c_code {
	/* remap_exec_new(), dmr_proto_begin() */
	static void begin(int job, enum dmr_proto_kind kind, int insync, int torn, int fill,
			  int data)
	{
		dmr_proto_begin(&HOST->proto, kind, insync, torn, fill, data);
		HOST->proto.super.torn |= HOST->super_torn;
		HOST->job = job;
		HOST->x_named = HOST->named;
		HOST->x_mark = HOST->mark;
		HOST->x_moved = HOST->moved;
	}

	static int serial_of(int b)
	{
		int old = HOST->req_old[b];

		return old ? E_SERIAL(HOST->entry[old - 1]) + 1 : 0;
	}

	/* remap_batch_build(): what is published, and the requests of the batch */
	static void build(int job, int batch)
	{
		int data = 0;
		int b;

		memcpy(HOST->word, HOST->entry, CELLS);
		for (b = 0; b < BLOCKS; b++) {
			if (HOST->req[b] != Q_BATCH)
				continue;
			data = 1;
			HOST->data_void |= HOST->req_void[b];
			HOST->word[HOST->req_slot[b]] = E_USED(b, serial_of(b));
			batch |= 1 << BLK_OF(HOST->req_slot[b]);
			if (MISTAKE == TWO_BLOCKS && HOST->req_old[b]) {
				HOST->word[HOST->req_old[b] - 1] = E_BAD;
				batch |= 1 << BLK_OF(HOST->req_old[b] - 1);
			}
		}
		HOST->batch = batch;
		HOST->lazy &= ~batch;
		HOST->at = ++HOST->counter;
		begin(job, DMR_PROTO_COMMIT, HOST->whole,
		      MISTAKE == TORN_FORGOTTEN ? 0 : HOST->torn, 0, data);
	}

	/* remap_raise() */
	static void raise_mark(void)
	{
		memcpy(HOST->word, HOST->entry, CELLS);
		HOST->batch = 2;
		HOST->at = ++HOST->counter;
		begin(J_RAISE, MISTAKE == MARK_FIRST ? DMR_PROTO_SUPER : DMR_PROTO_RAISE,
		      HOST->whole, 0, 0, 0);
		HOST->x_mark = 2;
	}

	/* remap_exec_settle() */
	static void settle(void)
	{
		if (HOST->op == OP_DONE && HOST->x_gen) {
			HOST->named = HOST->x_named;
			HOST->mark = HOST->x_mark;
			HOST->moved = HOST->x_moved;
		} else if (HOST->proto.expelled) {
			HOST->named = HOST->x_named;
		}
		HOST->whole = HOST->proto.insync;
		if (HOST->op == OP_DONE) {
			HOST->super_torn = 0;
			return;
		}
		HOST->super_torn |= HOST->proto.super.torn;
		/* whoever got a superblock may say what memory does not know of */
		if (HOST->x_gen && MISTAKE != MARK_FORGOTTEN)
			HOST->super_torn |= HOST->whole;
	}

	static void forget(int b)
	{
		HOST->req[b] = Q_NONE;
		HOST->req_slot[b] = 0;
		HOST->req_old[b] = 0;
		HOST->req_ver[b] = 0;
		HOST->req_void[b] = 0;
	}

	static void acknowledge(void)
	{
		int b;

		for (b = 0; b < BLOCKS; b++) {
			if (HOST->req[b] != Q_BATCH || !HOST->req_ver[b])
				continue;
			SAY("  ack: write of block %d\n", b);
			oracle_settle(b, HOST->req_ver[b]);
			HOST->req_ver[b] = 0;
		}
	}

	/* The mistake: the last round is on its way, that is enough. */
	static int ack_due(void)
	{
		int b;

		for (b = 0; b < BLOCKS && HOST->op == OP_FLUSH; b++)
			if (HOST->req[b] == Q_BATCH && HOST->req_ver[b] &&
			    HOST->proto.table.flying && !HOST->proto.table.todo)
				return 1;
		return 0;
	}

	/* remap_batch_done() */
	static void publish(void)
	{
		int b;

		acknowledge();
		HOST->doubt &= ~HOST->batch;
		memcpy(HOST->entry, HOST->word, CELLS);
		for (b = 0; b < BLOCKS; b++) {
			if (HOST->req[b] != Q_BATCH)
				continue;
			if (HOST->req_old[b] && MISTAKE != TWO_BLOCKS) {
				HOST->entry[HOST->req_old[b] - 1] = E_BAD;
				HOST->lazy |= 1 << BLK_OF(HOST->req_old[b] - 1);
			}
			forget(b);
		}
	}

	static void worsen(int mode)
	{
		if (HOST->mode < mode)
			HOST->mode = mode;
	}

	/* Requests in this state end; their slots are free. */
	static void release(int state)
	{
		int b;

		for (b = 0; b < BLOCKS; b++) {
			if (HOST->req[b] != state)
				continue;
			HOST->taken &= ~(1 << HOST->req_slot[b]);
			forget(b);
		}
	}

	/* remap_batch_failed() */
	static void batch_failed(void)
	{
		int b;

		HOST->lazy |= HOST->batch;
		if (HOST->op == OP_DOUBT) {
			HOST->doubt |= HOST->batch;
			HOST->torn |= HOST->proto.table.torn;
		}
		worsen(HOST->proto.gone ? M_FAIL : M_MAP_RO);
		if (HOST->op == OP_ABORT || MISTAKE == DOUBT_FREES) {
			release(Q_BATCH);
			return;
		}
		for (b = 0; b < BLOCKS; b++)
			if (HOST->req[b] == Q_BATCH)
				HOST->req[b] = Q_DOUBT;
	}

	/* Is there a move in the batch? */
	static int moves(void)
	{
		int b;

		for (b = 0; b < BLOCKS; b++)
			if (HOST->req[b] == Q_BATCH && HOST->req_old[b])
				return 1;
		return 0;
	}

	static void unbatch(void)
	{
		int b;

		for (b = 0; b < BLOCKS; b++)
			if (HOST->req[b] == Q_BATCH)
				HOST->req[b] = Q_QUEUED;
	}

	/* remap_thaw_fill() */
	static void fill_others(void)
	{
		begin(J_FILL, DMR_PROTO_ACTIVATE, HOST->whole, 0, ALL & ~HOST->whole, 0);
	}

	/* remap_thaw_release() */
	static void settled(void)
	{
		release(Q_DOUBT);
		HOST->torn = 0;
	}

	/*
	 * remap_thaw(): with a commit in doubt, every copy named in sync has all
	 * else, and the roll back comes first; without, whoever is not whole is
	 * filled, and what is lazy stays so.
	 */
	static void thaw(void)
	{
		SAY("thaw\n");
		if (HOST->doubt || MISTAKE == UNFILLED)
			HOST->whole = HOST->named;
		HOST->lazy |= HOST->doubt;
		if (MISTAKE == FREE_EARLY)
			release(Q_DOUBT);
		if (HOST->doubt)
			build(J_SETTLE, HOST->lazy);
		else
			fill_others();
	}

	static int slot_of(int b)
	{
		int s;

		for (s = 0; s < SLOTS; s++)
			if (E_MAPS(HOST->entry[s]) && E_BLOCK(HOST->entry[s]) == b)
				break;
		return s;
	}

	/* The machine goes down: are all copies alike, with nothing on its way? */
	static void note_calm(void)
	{
		now.calm = !(now.dirty & META) && !HOST->doubt && !HOST->super_torn &&
			   HOST->whole == HOST->named;
	}
}

/* A slot that is neither used nor in hand. */
#define OFFERED(x) \
	(x < SLOTS && BLK_OF(x) < mark && entry[x] == E_FREE && !(taken >> x & 1))
#define CAN_TAKE \
	(OFFERED(0) || OFFERED(1) || OFFERED(2) || OFFERED(3))

/* remap_relocate_group(): a slot for block b and its data in it, version v; then the queue */
inline take_slot()
{
	if
	:: OFFERED(0) -> c = 0
	:: OFFERED(1) -> c = 1
	:: OFFERED(2) -> c = 2
	:: OFFERED(3) -> c = 3
	fi;
#if MISTAKE == NONE
	c_code { HOST->k = slot_is_free(HOST->c, HOST->b); };
	assert(k);	/* R11 */
	k = 0;
#endif
	taken = taken | 1 << c;
	put_cell(c, CELL(b, v));
	req[b] = Q_QUEUED;
	req_slot[b] = c;
	req_ver[b] = v;
	c_code { SAY("  its data goes to slot %d\n", HOST->c); };
	c = 0
}

/* The write has ended well for its user. */
inline acked()
{
	c_code {
		SAY("  ack: write of block %d\n", HOST->b);
		oracle_settle(HOST->b, HOST->v);
	};
	v = 0
}

/* remap_slot_write(): durable when it completes, the power may fail before; or the slot fails */
inline write_slot()
{
	c_code { SAY("write of block %d, in slot %d\n", HOST->b, HOST->s); };
	if
	:: cell[s] = CELL(b, v);
	   acked()
	:: crashes ->
		c_code { note_calm(); };
		put_cell(s, CELL(b, v));
		crash();
		goto DOWN
	:: faults && mode == M_RW && CAN_TAKE ->
		faults--;
		c_code { SAY("  the slot fails\n"); };
		if
		:: skip
		:: cell[s] = CELL(b, v)
		fi;
		req_old[b] = s + 1;
		take_slot()
	fi
}

inline write_block()
{
	if
	:: b = 0
	:: writes < WRITES -> b = 1	/* the blocks are alike: the first write is to the first */
	fi;
	c_code { HOST->s = slot_of(HOST->b); };
	if
	:: mode == M_READONLY || req[b] == Q_QUEUED ||
	   (req[b] == Q_DOUBT && MISTAKE != DOUBT_OPENS) || (s < SLOTS && mode == M_FAIL)
	:: else ->
		writes--;
		issue(b, v);
		if
		:: s < SLOTS -> write_slot()
		:: s == SLOTS ->
			c_code { SAY("write of block %d, to main\n", HOST->b); };
			main[b] = v;
			acked()
		:: s == SLOTS && mode == M_RW && req[b] == Q_NONE && CAN_TAKE ->
			c_code { SAY("write of block %d: main is bad there\n", HOST->b); };
			take_slot()
		fi
	fi;
	b = 0;
	s = 0;
	v = 0;
	goto UP
}
