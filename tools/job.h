/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Job: jobs of the module, asked for and watched. Interrupting the program does
 * not stop them.
 */
#ifndef DMREMAP_JOB_H
#define DMREMAP_JOB_H

#include <stdint.h>

#include "base.h"

/** struct job - a line of the message jobs */
struct job {
	char verb[16];
	char state[16];
	uintmax_t done;
	uintmax_t total;
	uintmax_t failed;
};

/**
 * struct job_watch - who waits for one job after another
 * @before: blocks of those that are over
 * @total: blocks of all of them; 0: there is one only
 * @ms: how long it slept between two looks at the last one
 * @show: show progress on a terminal
 */
struct job_watch {
	const char *name;
	u64 before;
	u64 total;
	u32 ms;
	bool show;
};

/**
 * job_start() - send message @text to set @name
 * @full: NULL, or set when as many jobs wait as the module takes: no error then
 *
 * Return: exit code, with the job's number in @id.
 */
int job_start(const char *name, const char *text, u32 *id, bool *full);

/** job_watch() - to its end. Return: exit code; 0 however it ended: @j says. */
int job_watch(struct job_watch *w, u32 id, struct job *j);

/** job_run() - both, of one job */
int job_run(const char *name, const char *text, struct job *j);

/** job_is() - is it in that state? */
bool job_is(const struct job *j, int state);

#endif
