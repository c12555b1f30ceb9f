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
 * job_run() - send message @text to set @name, watch what it begins to its end
 * @show: show progress on a terminal
 *
 * Return: exit code; 0 however it ended: @j says.
 */
int job_run(const char *name, const char *text, bool show, struct job *j);

/** job_is() - is it in that state? */
bool job_is(const struct job *j, int state);

#endif
