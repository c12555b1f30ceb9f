// SPDX-License-Identifier: GPL-2.0-only
/*
 * cutload - verified writing under power cuts.
 *
 *	cutload TARGET MAIN SPARE SECTORS CUTS SEED [until-loss]
 *
 * MAIN and SPARE are the names of remap-test devices; SPARE is formatted, and
 * nothing has it open. TARGET is remap, or a variant of it. For each cut: open
 * the pair, check every sector, write with several threads while blocks go bad,
 * cut the power of both at a random moment, tear the device down, give the
 * power back. What must survive that is in sectors.h.
 *
 * Exit: 0 nothing lost, 1 setup, 3 lost. The last line of output is
 * "cuts <n> lost <n> wrong <n> ..." (lost: too old; wrong: no such write, an
 * error, or not opened).
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "faults.h"
#include "sectors.h"
#include "writers.h"

#define STEP		256		/* the window moves on by that much each cut */
#define FULL_EVERY	10		/* cuts from one check of everything to the next */

struct load load;
static struct dmdev dm = { .name = "cutload" };
static char params[128];
static const char *target, *spare_name;
static unsigned int broken;		/* not opened, or not clean after a close */
static uint64_t written;		/* end of what was ever in a window */
static uint64_t remaps;

static void must(int r, const char *what)
{
	if (r)
		errx(1, "cut %u: %s: %s", load.cut, what, strerror(r));
}

/* --- one life of the device --- */

static bool come_up(void)
{
	int r = dmdev_create(&dm, load.nr_sectors, target, params);

	if (!r) {
		load.fd = open(dm.node, O_RDWR | O_DIRECT | O_CLOEXEC);
		if (load.fd < 0)
			err(1, "%s", dm.node);
		return true;
	}
	printf("cut %u: not opened: %s\n", load.cut, strerror(r));
	broken++;
	return false;
}

/* With writers waiting: what they wait for fails. Without power. */
static void go_down(void)
{
	remaps += dmdev_status(&dm, "remaps");
	must(dmdev_suspend(&dm), "suspend without power");
	must(dmdev_load(&dm, load.nr_sectors, "error", ""), "load the error target");
	must(dmdev_resume(&dm), "resume the error target");
	writers_join();
	close(load.fd);
	must(dmdev_remove(&dm), "remove");
}

static void close_dev(void)
{
	close(load.fd);
	must(dmdev_remove(&dm), "close");
}

static void one_cut(uint64_t *rnd)
{
	writers_start();
	faults_suffer(&dm, rnd);
	writers_stop();
	go_down();
	faults_over();
}

/* `dmremap check`, between a cut and the next open; its status. */
static int run_check(void)
{
	char spare[64];
	int status;
	pid_t pid;

	snprintf(spare, sizeof(spare), "/dev/mapper/%s", spare_name);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (!freopen("/tmp/cutload-check", "w", stdout))
			_exit(127);
		execlp("dmremap", "dmremap", "check", spare, NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

/* A clean end: after it, nothing at all may be wrong. */
static void close_clean(void)
{
	close_dev();
	if (run_check()) {
		printf("cut %u: after a clean close, dmremap check found something\n", load.cut);
		broken++;
		if (!system("cat /tmp/cutload-check"))
			fflush(stdout);
	}
}

/* What is there after a cut: the window, or everything now and then. Still up? */
static bool look(bool everything)
{
	if (!everything) {
		sectors_verify(load.window, load.window + WINDOW);
		return true;
	}
	sectors_verify(0, written);
	close_clean();
	return come_up();
}

static int summary(void)
{
	unsigned int wrong = sectors_wrong + sectors_stale + broken;

	printf("cuts %u lost %u wrong %u writes %ju failed %ju remaps %ju\n", load.cut,
	       sectors_lost, wrong, (uintmax_t)writers_good, (uintmax_t)writers_failed,
	       (uintmax_t)remaps);
	return sectors_lost + wrong ? 3 : 0;
}

int main(int argc, char **argv)
{
	unsigned int cuts;
	bool until_loss, up;
	uint64_t rnd;

	if (argc < 7)
		errx(1, "wanted: TARGET MAIN SPARE SECTORS CUTS SEED [until-loss]");
	target = argv[1];
	spare_name = argv[3];
	snprintf(params, sizeof(params), "/dev/mapper/%s /dev/mapper/%s", argv[2], argv[3]);
	load.nr_sectors = strtoull(argv[4], NULL, 0);
	cuts = strtoul(argv[5], NULL, 0);
	rnd = strtoull(argv[6], NULL, 0);
	until_loss = argc > 7;
	sectors_setup();
	faults_setup(argv[2], argv[3]);
	writers_setup(rnd);

	up = come_up();
	if (!up)
		return 1;
	while (load.cut < cuts && up && !(until_loss && sectors_lost)) {
		load.cut++;
		if (load.window + WINDOW > written)
			written = load.window + WINDOW;
		one_cut(&rnd);
		up = come_up();
		if (up)
			up = look(load.cut % FULL_EVERY == 0 || load.cut == cuts);
		load.window = (load.window + STEP) % (load.nr_sectors - WINDOW);
	}
	if (up)
		close_dev();
	return summary();
}
