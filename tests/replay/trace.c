// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trace: the log of the test target and what its writes carried, read and put
 * into the order in which things happened.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "replay.h"

#define LOG "/sys/kernel/debug/dm-remap-test/log"
#define CHUNK 0x100000u

struct trace trace;

static const char *const keys[NR_DEVS] = { "top", "main", "spare" };

static char *read_whole(const char *path, size_t *size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	ssize_t n = 1;

	if (fd < 0)
		err(1, "%s", path);
	for (*size = 0; n > 0; *size += (size_t)n) {
		text = realloc(text, *size + CHUNK + 1);
		if (!text)
			errx(1, "out of memory");
		n = read(fd, text + *size, CHUNK);
		if (n < 0)
			err(1, "%s", path);
	}
	close(fd);
	text[*size] = 0;
	return text;
}

static void parse_line(const char *line, struct io *io)
{
	unsigned long long submit, first;
	char complete[24], key[16], flags[64], status[16];
	enum dev d;

	if (sscanf(line, "%llu %23s %15s %c %llu %u %63s %15s", &submit, complete, key, &io->op,
		   &first, &io->nr, flags, status) != 8)
		errx(1, "the log says: %.80s", line);
	io->submit = submit;
	io->complete = strtoull(complete, NULL, 10);
	io->first = first;
	io->fua = strstr(flags, "fua");
	io->ok = !strcmp(status, "ok");
	for (d = 0; d < NR_DEVS && strcmp(key, keys[d]); d++)
		;
	if (d == NR_DEVS)
		errx(1, "the log knows %s", key);
	io->dev = d;
}

static void read_log(void)
{
	size_t size, max = 0;
	char *text = read_whole(LOG, &size);
	char *line, *next;

	for (line = text; *line; line = next) {
		next = strchr(line, '\n');
		if (!next)
			errx(1, "the log ends in the middle of a line");
		*next++ = 0;
		if (*line == '#')
			errx(1, "the log was too small: %s", line);
		if (trace.nr_io == max) {
			max = max ? 2 * max : 4096;
			trace.io = realloc(trace.io, max * sizeof(*trace.io));
			if (!trace.io)
				errx(1, "out of memory");
		}
		memset(&trace.io[trace.nr_io], 0, sizeof(*trace.io));
		parse_line(line, &trace.io[trace.nr_io++]);
	}
	free(text);
}

/* Both files are in the order of submission. The data stays where it was read to. */
static void read_data(void)
{
	size_t size, at = 0;
	const char *data = read_whole(LOG "-data", &size);
	uint32_t i;

	for (i = 0; i < trace.nr_io; i++) {
		struct io *io = &trace.io[i];
		uint64_t head[2];

		if (io->op != 'W')
			continue;
		if (at + sizeof(head) > size)
			errx(1, "the data of write %ju is missing", (uintmax_t)io->submit);
		memcpy(head, data + at, sizeof(head));
		if (head[0] != io->submit || head[1] != io->nr)
			errx(1, "write %ju has the data of %ju", (uintmax_t)io->submit,
			     (uintmax_t)head[0]);
		io->data = (const uint8_t *)data + at + sizeof(head);
		at += sizeof(head) + (size_t)io->nr * SECTOR;
	}
	if (at != size)
		errx(1, "data of no write");
}

static int by_seq(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

void trace_read(void)
{
	uint32_t i;

	read_log();
	read_data();
	trace.event = calloc(2 * (size_t)trace.nr_io + 1, sizeof(*trace.event));
	if (!trace.event)
		errx(1, "out of memory");
	for (i = 0; i < trace.nr_io; i++) {
		const struct io *io = &trace.io[i];

		trace.event[trace.nr_events++] = (struct event){ io->submit, i, false };
		if (io->op != 'M' && io->complete)
			trace.event[trace.nr_events++] = (struct event){ io->complete, i, true };
	}
	qsort(trace.event, trace.nr_events, sizeof(*trace.event), by_seq);
}

/* The last events before a cut. */
void trace_print(uint32_t last_event)
{
	uint32_t i = last_event < 24 ? 0 : last_event - 24;

	for (; i <= last_event; i++) {
		const struct event *e = &trace.event[i];
		const struct io *io = &trace.io[e->io];

		printf("  %ju %s %s %c%s %ju+%u%s\n", (uintmax_t)e->seq, e->end ? "end" : "   ",
		       keys[io->dev], io->op, io->fua ? " fua" : "", (uintmax_t)io->first, io->nr,
		       e->end && !io->ok ? " failed" : "");
	}
}
