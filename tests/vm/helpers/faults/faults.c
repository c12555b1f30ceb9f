// SPDX-License-Identifier: GPL-2.0-only
/*
 * faults - every fault in every operation of the module, in a guest.
 *
 *	faults MAIN_DISK SPARE_DISK STATUS STRIDE[,STRIDE] CHECK_EVERY raise|all|OPERATION...
 *
 * The disks are those below the test target's devices fmain and fspare, and hold
 * a fresh set; sectors of main hold writing 1. For each operation and each kind
 * of fault the k-th I/O or allocation fails, k = 1, 1 + STRIDE and so on (the second
 * one is for allocations), until the operation no longer comes to a k-th. Then, in
 * each case:
 *   - what is read is right, or an error, while the fault lasts and after it;
 *   - nothing is held, every other time a thaw makes all well, and the device can
 *     be closed;
 *   - with nothing failing any more it opens, in mode rw and all copies in sync,
 *     and every sector reads right;
 *   - closed, all copies are the same, and every CHECK_EVERY-th time `dmremap
 *     check` is content.
 * Where an opening failed before it wrote anything, to have written nothing is all.
 * A case that does not end in 60 s is a hang.
 *
 * Exit: 0 all right, 1 setup, 3 something is wrong, or an operation had no k.
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "faults.h"

#define SHOW	20
#define HANG_S	60
#define K_MAX	2000u

static const char *const kind_name[NR_KINDS] = {
	"spare", "spare+", "main", "main+", "caller", "module", "module+",
};

/* What the watchdog sees; the text is written before the count. */
static struct {
	_Atomic u64 cases;
	char text[96];
} *shared;

static u32 stride, alloc_stride, check_every;
static u64 nr_wrong;
static bool case_wrong, thaw_odd;

void wrong(const char *fmt, ...)
{
	va_list args;

	if (case_wrong)
		return;
	case_wrong = true;
	if (nr_wrong++ >= SHOW)
		return;
	printf("%s: ", shared->text);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

static void begin_case(const struct op *op, enum fault kind, u32 k)
{
	case_wrong = false;
	snprintf(shared->text, sizeof(shared->text), "%s, %s %u", op->name, kind_name[kind], k);
	shared->cases++;
}

/* A process that says which case it is that does not end. */
static void watch(void)
{
	u64 last = 0;
	u32 s = 0;

	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;; s++) {
		sleep(1);
		if (shared->cases != last)
			s = 0;
		last = shared->cases;
		if (s == HANG_S) {
			printf("%s: hangs\n", shared->text);
			fflush(stdout);
		}
	}
}

static bool all_insync(void)
{
	const char *copies = device_word("copies");

	return !strstr(copies, "expelled") && !strstr(copies, "failed") &&
	       !strstr(copies, "unreadable");
}

static void check_spare(void)
{
	int status = -1;
	const pid_t pid = fork();

	if (!pid) {
		if (!freopen("/dev/null", "w", stdout))
			_exit(127);
		execlp("dmremap", "dmremap", "check", "/dev/mapper/fspare", NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	if (status)
		wrong("dmremap check is not content: %d", WEXITSTATUS(status));
}

static void judge_reopened(void)
{
	const char *what;
	int r = device_open();

	if (r) {
		wrong("with nothing failing it does not open: %s", strerror(r));
		device_close();
		return;
	}
	if (strcmp(device_word("mode"), "rw"))
		wrong("opened again in mode %s", device_word("mode"));
	if (!all_insync())
		wrong("opened again with copies %s", device_word("copies"));
	model_verify(true);
	image_where();
	r = device_close();
	if (r)
		wrong("closing: %s", strerror(r));
	what = image_differs();
	if (what)
		wrong("%s", what);
	if (shared->cases % check_every == 0)
		check_spare();
}

static void judge_held(void)
{
	u32 i;

	for (i = 0; i < 500 && device_number("held"); i++)
		usleep(10 * 1000);
	if (device_number("held"))
		wrong("bios are held for ever");
}

static bool is_well(void)
{
	return !strcmp(device_word("mode"), "rw") && all_insync();
}

/*
 * Nothing fails any more. Without a thaw writes of the blocks concerned may fail
 * (a commit is in doubt), but what is acknowledged counts. A thaw that is over has
 * settled everything, and the device moves blocks again.
 */
static void judge_live(bool thaw)
{
	u32 i;

	model_verify(false);
	judge_held();
	/* with one copy left it may have opened read-only: no message changes that */
	thaw &= strcmp(device_word("mode"), "readonly") != 0;
	if (thaw) {
		device_message("thaw");
		for (i = 0; i < 500 && !is_well(); i++)
			usleep(10 * 1000);
		if (!is_well())
			wrong("thawed, it is in mode %s with copies %s", device_word("mode"),
			      device_word("copies"));
	}
	ops_write_on(thaw);
	model_verify(false);
	judge_held();
}

/* One case. Return: was there a k-th? */
static bool run_case(const struct op *op, enum fault kind, u32 k)
{
	bool reached;
	int r;

	begin_case(op, kind, k);
	image_restore(op->image);
	if (op->opened) {
		r = device_open();
		if (r)
			errx(1, "%s: opening, with nothing failing: %s", shared->text, strerror(r));
	}
	op->setup();
	fault_arm(kind, k);
	op->run();
	fault_settle();
	reached = fault_reached();
	if ((kind == SPARE_FROM || kind == MAIN_FROM) && device_live())
		model_verify(false);
	fault_disarm();
	fault_calm();
	if (device_live())
		judge_live((k / stride + thaw_odd) % 2);
	r = device_close();
	if (r)
		wrong("closing: %s", strerror(r));
	if (op->opened || shared->cases % check_every == 0 || !image_untouched(op->image))
		judge_reopened();
	return reached;
}

/* Return: how many k there are, at least. */
static u32 run_kind(const struct op *op, enum fault kind, u32 *cases)
{
	u32 last = 0;
	u32 k;

	for (k = 1; k < K_MAX; k += kind < CALLER ? stride : alloc_stride) {
		(*cases)++;
		if (!run_case(op, kind, k))
			break;
		last = k;
	}
	if (k >= K_MAX)
		wrong("no end of k");
	return last;
}

static void run_op(const struct op *op)
{
	const u64 before = nr_wrong;
	u32 n[NR_KINDS], cases = 0, any = 0;
	struct timespec from, to;
	u32 i;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (i = 0; i < NR_KINDS; i++) {
		n[i] = run_kind(op, i, &cases);
		any |= n[i];
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%-16s", op->name);
	for (i = 0; i < NR_KINDS; i++)
		printf(" %s %u", kind_name[i], n[i]);
	printf(": %u cases, %ju wrong, %ld s\n", cases, (uintmax_t)(nr_wrong - before),
	       (long)(to.tv_sec - from.tv_sec));
	fflush(stdout);
	if (!any) {
		case_wrong = false;
		wrong("no fault could come in its way");
	}
}

static bool asked_for(const char *name, char **names)
{
	for (; *names; names++)
		if (!strcmp(*names, "all") || !strcmp(*names, "raise") || !strcmp(*names, name))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	const struct op *op;
	char *rest;
	bool raise, known = false;
	u32 n = 0;

	if (argc < 7)
		errx(1, "wanted: MAIN_DISK SPARE_DISK STATUS STRIDE CHECK_EVERY OPERATION...");
	stride = strtoul(argv[4], &rest, 10);
	alloc_stride = *rest == ',' ? strtoul(rest + 1, NULL, 10) : stride;
	check_every = strtoul(argv[5], NULL, 10);
	/* each k with a thaw and without: in the two runs with a status each */
	thaw_odd = strcmp(argv[3], "ioerr");
	raise = !strcmp(argv[6], "raise");
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!stride || !alloc_stride || !check_every || shared == MAP_FAILED)
		errx(1, "setup");
	watch();
	image_init(argv[1], argv[2]);
	device_init("/dev/mapper/fmain /dev/mapper/fspare", raise ? 20480 : WINDOW);
	fault_init(argv[3]);
	model_init(1);
	if (!ops_prepare(raise) || nr_wrong)
		errx(1, "the device did not take the operations before any fault: %s",
		     device_word("mode"));
	for (op = raise ? raise_ops : ops; op->name; op++) {
		if (!asked_for(op->name, argv + 6))
			continue;
		known = true;
		if (op->copies > image_copies)
			continue;
		run_op(op);
		n++;
	}
	printf("%u operations, %u copies, %s: %ju cases, %ju wrong\n", n, image_copies, argv[3],
	       (uintmax_t)shared->cases, (uintmax_t)nr_wrong);
	return nr_wrong || !known ? 3 : 0;
}
