// SPDX-License-Identifier: GPL-2.0-only
/*
 * Say: everything that goes to stderr goes through here, each line with the
 * program's name in front. stdout is for what was asked for.
 */
#include <stdarg.h>
#include <unistd.h>

#include "say.h"

static int memory_code = EXIT_MEMORY;

static bool held;
static char *kept[2];	/* stdout's and stderr's, while held */

static void keep(u32 which, const char *kind, const char *fmt, va_list ap)
	__printf(3, 0);

static void keep(u32 which, const char *kind, const char *fmt, va_list ap)
{
	char *line, *all;

	if (vasprintf(&line, fmt, ap) < 0)
		return;
	all = say_printf("%s%s%s\n", kept[which] ? kept[which] : "", kind, line);
	free(line);
	free(kept[which]);
	kept[which] = all;
}

void say_hold(bool hold)
{
	held = hold;
	fflush(stdout);
	if (hold)
		return;
	fputs(kept[0] ? kept[0] : "", stdout);
	fflush(stdout);
	fputs(kept[1] ? kept[1] : "", stderr);
	free(kept[0]);
	free(kept[1]);
	memset(kept, 0, sizeof(kept));
}

static void vsay(const char *kind, const char *fmt, va_list ap)
{
	if (held) {
		keep(1, kind, fmt, ap);
		return;
	}
	fflush(stdout);
	fputs(kind, stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void say_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (held) {
		keep(0, "", fmt, ap);
	} else {
		vprintf(fmt, ap);
		putchar('\n');
	}
	va_end(ap);
}

void say_err(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay("dmremap: ", fmt, ap);
	va_end(ap);
}

void say_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay("dmremap: warning: ", fmt, ap);
	va_end(ap);
}

bool say_ask(void)
{
	char line[16];

	if (!isatty(STDIN_FILENO)) {
		say_err("not done: there is no terminal to ask on; --yes answers the question");
		return false;
	}
	fprintf(stderr, "Type yes to go on: ");
	fflush(stderr);
	if (fgets(line, sizeof(line), stdin) && !strcmp(line, "yes\n"))
		return true;
	say_err("not done: the answer was not yes");
	return false;
}

const char *say_printable(const char *s, char *buf)
{
	char *to = buf;

	for (; *s; s++) {
		if (*s < 0x20 || *s > 0x7e || *s == '\\')
			to += sprintf(to, "\\x%02x", (unsigned char)*s);
		else
			*to++ = *s;
	}
	*to = '\0';
	return buf;
}

const char *say_size(u64 bytes, char *buf)
{
	static const char * const unit[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double v = (double)bytes / 1024;
	unsigned int i = 0;

	if (bytes < 1024) {
		snprintf(buf, SAY_SIZE_LEN, "%u B", (unsigned int)bytes);
		return buf;
	}
	while (v >= 1024 && i + 1 < ARRAY_SIZE(unit)) {
		v /= 1024;
		i++;
	}
	if (v == (double)(u64)v)
		snprintf(buf, SAY_SIZE_LEN, "%.0f %s", v, unit[i]);
	else
		snprintf(buf, SAY_SIZE_LEN, "%.1f %s", v, unit[i]);
	return buf;
}

void say_exit_memory(int code)
{
	memory_code = code;
}

static void *checked(void *p)
{
	if (!p) {
		say_hold(false);	/* nobody would say it afterwards */
		say_err("out of memory");
		exit(memory_code);
	}
	return p;
}

void *say_alloc(size_t n, size_t size)
{
	return checked(calloc(n ? n : 1, size));
}

void *say_alloc_blocks(size_t n)
{
	size_t len = n * DMR_BLK_BYTES;

	return memset(checked(aligned_alloc(DMR_BLK_BYTES, len)), 0, len);
}

void *say_realloc(void *p, size_t n, size_t size)
{
	return checked(reallocarray(p, n, size));
}

char *say_printf(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return checked(n < 0 ? NULL : s);
}
