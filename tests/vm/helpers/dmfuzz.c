// SPDX-License-Identifier: GPL-2.0-only
/*
 * dmfuzz - lines made from the grammar of doc/status.md, and from what is close
 * to it, handed to the module. For VM tests.
 *
 *	dmfuzz tables   MAIN SPARE SECTORS N SEED	table lines, of a formatted pair
 *	dmfuzz messages NAME N SEED			messages, to a device that is open
 *
 * A line is taken exactly if the grammar, restated here, has it. One that is
 * refused leaves a sentence of ours in the kernel's log, and changes nothing; of
 * one that is taken, the module prints back what it means. Every line that the
 * kernel says meanwhile is of a kind that such lines may cause, so that a
 * complaint about memory or locks ends the run at the line that made it.
 *
 * Exit: 0 as it should be (the last line of output: what was tried), 1 setup,
 * 3 not so: the line is printed.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "dmdev.h"
#include "dmfuzz-lines.h"

#define TAKEN_SHARE	3	/* of the tables that fit, one in so many is tried */
#define LIVE_EVERY	32	/* of those that were, one in so many is resumed */

static struct dmdev dm = { .name = "dmfuzz" };
static uint64_t sectors;
static int kmsg;
static char said[512];			/* the module's sentence about it */
static unsigned int taken, refused, lived;

__attribute__((noreturn, format(printf, 1, 2))) static void broken(const char *fmt, ...)
{
	const char *c;
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf(", after %u lines: \"", taken + refused);
	for (c = line; *c; c++)
		printf(isprint((unsigned char)*c) ? "%c" : "\\x%02x", (unsigned char)*c);
	printf("\"\n");
	exit(3);
}

/* --- the kernel's log --- */

static void log_open(void)
{
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg < 0 || lseek(kmsg, 0, SEEK_END) < 0)
		err(1, "/dev/kmsg");
}

/* What lines like ours may make the kernel say; anything else is a complaint. */
static bool expected(const char *text)
{
	static const char *const kind[] = {
		"device-mapper: table: ", "device-mapper: ioctl: ", "device-mapper: remap: ",
		"device-mapper: core: ", "dm-remap-vm: ",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kind); i++)
		if (!strncmp(text, kind[i], strlen(kind[i])))
			return true;
	return false;
}

/* "device-mapper: table: 252:3: remap: <sentence> (-EINVAL)" or "... remap: 252:3: <sentence>" */
static void log_sentence(const char *text)
{
	const char *at = strstr(text, " remap: ");
	char *end;

	if (!at)
		return;
	at += strlen(" remap: ");
	at += strspn(at, "0123456789: ");
	if (!isupper((unsigned char)*at))
		return;		/* the worker's: "mode rw" */
	snprintf(said, sizeof(said), "%s", at);
	end = strstr(said, " (-E");
	if (end)
		*end = 0;
}

static void log_read(void)
{
	char record[8192];
	ssize_t n;

	said[0] = 0;
	while ((n = read(kmsg, record, sizeof(record) - 1)) > 0) {
		char *text, *end;

		record[n] = 0;
		text = strchr(record, ';');
		end = text ? strchr(text, '\n') : NULL;
		if (!end)
			broken("a record of the log makes no sense");
		*end = 0;
		if (!expected(++text))
			broken("the kernel said \"%s\"", text);
		log_sentence(text);
	}
	if (n < 0 && errno != EAGAIN)
		broken("the kernel's log is lost: %s", strerror(errno));
}

/* --- tables --- */

/* The line as the module shows it; of the table not yet live, or of the live one. */
static void show(bool live, struct dmdev_buf *b)
{
	int r;

	memset(b, 0, sizeof(*b));
	r = dmdev_do(&dm, DM_TABLE_STATUS, b, DM_STATUS_TABLE_FLAG | DM_NOFLUSH_FLAG |
		     (live ? 0 : DM_QUERY_INACTIVE_TABLE_FLAG));
	if (r)
		broken("no table: %s", strerror(r));
}

/* "<major>:<minor> <major>:<minor><features>" */
static void check_shown(const struct meaning *m, bool live)
{
	char want[256] = "";
	struct dmdev_buf b;
	const char *at;

	show(live, &b);
	print_features(m, want, sizeof(want));
	at = strchr(b.text, ' ');
	at = at ? strchrnul(at + 1, ' ') : b.text;
	if (strcmp(at, want))
		broken("shown as \"%s\", not \"%s\"", b.text, want);
}

static void check_live(const struct meaning *m)
{
	struct dmdev_buf b = {};
	int r = dmdev_resume(&dm);

	if (r)
		broken("not resumed: %s", strerror(r));
	check_shown(m, true);
	if (!strncmp(m->policy, "remap", 5) && !m->readonly &&
	    dmdev_status(&dm, "allowance") != m->allowance)
		broken("allowance is not %lu", m->allowance);
	r = dmdev_do(&dm, DM_DEV_REMOVE, &b, 0);
	memset(&b, 0, sizeof(b));
	if (!r)
		r = dmdev_do(&dm, DM_DEV_CREATE, &b, 0);
	if (r)
		errx(1, "anew: %s", strerror(r));
	lived++;
}

static void try_table(void)
{
	uint64_t length = one_in(50) ? some_number() : sectors;
	struct dmdev_buf b = {};
	struct meaning m;
	struct words w;
	bool want;
	int r;

	do {
		make_table();
		split(&w);
		want = table_grammar(&w, &m) && length && length <= sectors;
		/* one that is taken costs a hundred times what another does */
	} while (want && !one_in(TAKEN_SHARE));
	r = dmdev_load(&dm, length, "remap", line);
	log_read();
	if (!r != want)
		broken("%s: %s; the kernel: \"%s\"", want ? "refused" : "taken", strerror(r), said);
	if (r) {
		/* what dm itself refuses (a length of 0, say) is not ours to explain */
		if (length && length <= sectors &&
		    (!isupper((unsigned char)said[0]) || strstr(said, "Unknown error")))
			broken("refused without a sentence: \"%s\"", said);
		refused++;
		return;
	}
	check_shown(&m, false);
	if (taken++ % LIVE_EVERY == 0)
		check_live(&m);
	else
		dmdev_do(&dm, DM_TABLE_CLEAR, &b, 0);
	log_read();
}

static void tables(unsigned int n)
{
	struct dmdev_buf b = {};
	int r = dmdev_do(&dm, DM_DEV_CREATE, &b, 0);

	if (r)
		errx(1, "create: %s", strerror(r));
	while (n--)
		try_table();
	memset(&b, 0, sizeof(b));
	dmdev_do(&dm, DM_DEV_REMOVE, &b, 0);
}

/* --- messages --- */

static int send(void)
{
	struct dmdev_buf b = {};
	struct dm_target_msg *msg = (void *)&b.spec;

	/* the text lies behind the target's sector, not behind a target */
	snprintf(msg->message, sizeof(b) - offsetof(struct dmdev_buf, spec) - sizeof(*msg), "%s",
		 line);
	return dmdev_do(&dm, DM_TARGET_MSG, &b, 0);
}

static void status(char *text, size_t size)
{
	struct dmdev_buf b = {};

	if (dmdev_do(&dm, DM_TABLE_STATUS, &b, DM_NOFLUSH_FLAG))
		broken("no status");
	snprintf(text, size, "%s", b.text);
}

static void nap(void)
{
	struct timespec t = { .tv_nsec = 2000000 };

	nanosleep(&t, NULL);
}

static bool is_job(const struct words *w)
{
	return !strcmp(w->at[0], "remap") || !strcmp(w->at[0], "unmap") ||
	       !strcmp(w->at[0], "verify");
}

/*
 * What was asked for comes true, soon: a thaw is the worker's. It may be under way
 * still when the status already says what it will say then; a freeze wins over it.
 */
static void check_obeyed(const struct words *w)
{
	bool thaw = !strcmp(w->at[0], "thaw");
	char want[64], left[64] = " ", text[4096];
	unsigned int i;

	if (is_job(w))
		snprintf(want, sizeof(want), " job_verb=%s ", w->at[0]);
	else if (!thaw && strcmp(w->at[0], "policy") && strcmp(w->at[0], "freeze"))
		return;
	else if (!strcmp(w->at[0], "policy"))
		snprintf(want, sizeof(want), " policy=%s ", w->at[1]);
	else
		snprintf(want, sizeof(want), " mode=%s ", thaw ? "rw" : "frozen");
	if (thaw)
		snprintf(left, sizeof(left), " allowance_left=%lu ",
			 w->n == 2 ? strtoul(w->at[1], NULL, 10) : 16);
	for (i = 0; i < 5000; i++) {
		status(text, sizeof(text));
		if (strstr(text, want) && strstr(text, left) &&
		    !strstr(text, " job_state=queued ") && !strstr(text, " job_state=running "))
			return;
		nap();
	}
	broken("not obeyed: %s", text);
}

static void check_unchanged(const char *before)
{
	char after[4096];

	status(after, sizeof(after));
	if (strcmp(before, after))
		broken("refused, and yet \"%s\" became \"%s\"", before, after);
}

static void try_message(void)
{
	char before[4096];
	struct meaning m;
	struct words w;
	int r;

	do {
		make_message();
		split(&w);
	} while (!w.n || w.at[0][0] == '@');	/* dm keeps those for itself */
	status(before, sizeof(before));
	r = send();
	log_read();
	/* no job is left to cancel: each was waited for */
	if (!strcmp(w.at[0], "cancel") && r == ENOENT) {
		r = 0;
		check_unchanged(before);
	}
	if (!r != message_grammar(&w, &m))
		broken("%s", r ? strerror(r) : "taken");
	if (r) {
		if (r != EINVAL || !isupper((unsigned char)said[0]))
			broken("refused without a sentence: %s, \"%s\"", strerror(r), said);
		check_unchanged(before);
		refused++;
	} else {
		check_obeyed(&w);
		taken++;
	}
}

int main(int argc, char **argv)
{
	bool table = argc == 7 && !strcmp(argv[1], "tables");
	unsigned int n;

	if (!table && (argc != 5 || strcmp(argv[1], "messages")))
		errx(1, "tables MAIN SPARE SECTORS N SEED | messages NAME N SEED");
	dm.control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	if (dm.control < 0)
		err(1, "/dev/mapper/control");
	log_open();
	n = strtoul(argv[argc - 2], NULL, 10);
	rnd = strtoull(argv[argc - 1], NULL, 10);
	if (table) {
		main_dev = argv[2];
		spare_dev = argv[3];
		sectors = strtoull(argv[4], NULL, 10);
		tables(n);
	} else {
		dm.name = argv[2];
		main_blks = dmdev_status(&dm, "main_sect") / 8;
		while (n--)
			try_message();
	}
	printf("%s %u taken %u refused %u resumed %u\n", argv[1], taken + refused, taken, refused,
	       lived);
	return 0;
}
