/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Story: what happened, in words, when a trail is replayed; and clean slates.
 */

/* what the protocol runs for */
#define J_COMMIT	0
#define J_LAZY		1	/* retirements become durable */
#define J_LOAD_LAZY	2
#define J_CLOSE_LAZY	3
#define J_SETTLE	4	/* thaw: roll back */
#define J_FILL		5	/* thaw: fill */
#define J_MARK		6	/* the old mark in every copy, before the next raise */
#define J_RAISE		7
#define J_ACTIVATE	8
#define J_CLOSE		9
#define J_MOVE		10

c_code {
	static const char * const job_names[] = {
		"commit", "commit of what is lazy", "commit of what is lazy, at load",
		"commit of what is lazy, at close", "roll back", "fill", "the old mark again",
		"raise", "activation", "close", "move",
	};

	static const char * const op_names[] = {
		"data", "flush", "table blocks", "empty blocks", "fill", "superblock",
		"superblock to those left behind", "done", "abort", "in doubt",
	};

	static const char * const res_names[] = {
		"", ": not by all", ": failed", ": the spare is away",
	};

	/* copies as a list */
	static const char *copies(int mask)
	{
		static char text[2][16];
		static int turn;
		char *t = text[turn ^= 1];
		int n = 0;
		int c;

		for (c = 0; c < COPIES; c++)
			if (mask >> c & 1)
				n += sprintf(t + n, "%s%d", n ? "," : "", c);
		return n ? t : "none";
	}

	static void say_places(void)
	{
		int c, k;

		if (!readtrail)
			return;
		for (c = 0; c < SPOTS; c++) {
			int sb = now.disk[PLACE(c, 0)];

			printf("        disk: %s %d: ", c < COPIES ? "copy" : "alternate", c);
			if (sb)
				printf("%d.%d in sync %s%s", IMG_EPOCH(sb), IMG_COUNTER(sb),
				       copies(IMG_NAMED(sb)), IMG_CLEAN(sb) ? " clean" : "");
			else
				printf("garbage");
			if (IMG_MOVED(sb))
				printf(" copy %d moved", IMG_MOVED(sb) - 1);
			if (IMG_TOMB(sb))
				printf(", tombstone");
			for (k = 0; k < 2; k++) {
				int img = now.disk[TABLE(c, k)];
				int s;

				printf("; T%d ", k);
				if (!img) {
					printf("torn");
					continue;
				}
				printf("%d.%d", IMG_EPOCH(img), IMG_COUNTER(img));
				for (s = 0; s < PER_BLK; s++) {
					int e = IMG_ENTRY(img, s);

					if (E_MAPS(e))
						printf(" slot %d: block %d", k * PER_BLK + s,
						       E_BLOCK(e));
					else if (e)
						printf(" slot %d: bad", k * PER_BLK + s);
				}
			}
			printf("\n");
		}
	}

	static void say_step(void)
	{
		if (!readtrail)
			return;
		printf("  %s: %s", job_names[HOST->job], op_names[HOST->op]);
		if (HOST->mask)
			printf(" to %s", copies(HOST->mask));
		printf("%s", res_names[HOST->res]);
		if (HOST->bad)
			printf(": verdict against %s", copies(HOST->bad));
		printf("\n");
	}

	static void say_over(void)
	{
		if (readtrail)
			printf("  %s: %s; in sync %s\n", job_names[HOST->job],
			       op_names[HOST->op], copies(HOST->proto.insync));
	}

	static void run_over(void)
	{
		memset(&HOST->proto, 0, sizeof(HOST->proto));
		memset(HOST->word, 0, sizeof(HOST->word));
		HOST->job = 0;
		HOST->op = 0;
		HOST->mask = 0;
		HOST->bad = 0;
		HOST->res = 0;
		HOST->batch = 0;
		HOST->at = 0;
		HOST->x_gen = 0;
		HOST->x_counter = 0;
		HOST->x_named = 0;
		HOST->x_mark = 0;
		HOST->x_moved = 0;
		HOST->x_clean = 0;
		HOST->data_void = 0;
		HOST->stale = 0;
		HOST->gone = 0;
		HOST->lone = 0;
		memset(HOST->same, 0, sizeof(HOST->same));
		HOST->behind = 0;
		HOST->fill = 0;
		HOST->i = 0;
		HOST->b = 0;
		HOST->k = 0;
		HOST->q = 0;
		HOST->s = 0;
		HOST->img = 0;
	}

	/* The machine is down: nothing is left of its memory. */
	static void wipe(void)
	{
		run_over();
		HOST->c = 0;
		HOST->v = 0;
		HOST->unread = 0;
		HOST->was = 0;
		HOST->done = 0;
		HOST->mode = 0;
		HOST->whole = 0;
		HOST->torn = 0;
		HOST->super_torn = 0;
		HOST->named = 0;
		HOST->mark = 0;
		HOST->epoch = 0;
		HOST->counter = 0;
		HOST->nonce = 0;
		memset(HOST->entry, 0, sizeof(HOST->entry));
		HOST->taken = 0;
		HOST->lazy = 0;
		HOST->doubt = 0;
		HOST->away = 0;
		HOST->moved = 0;
		HOST->rebuild = 0;
		HOST->filled = 0;
		HOST->spoilt = 0;
		memset(HOST->req, 0, sizeof(HOST->req));
		memset(HOST->req_slot, 0, sizeof(HOST->req_slot));
		memset(HOST->req_old, 0, sizeof(HOST->req_old));
		memset(HOST->req_ver, 0, sizeof(HOST->req_ver));
		memset(HOST->req_void, 0, sizeof(HOST->req_void));
	}
}
