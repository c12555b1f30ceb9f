// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kmsg: reads /dev/kmsg. A record is "prefix;text\n", one for each read(); the
 * target's lines are "device-mapper: ...: remap: sentence (-Ecode)".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kmsg.h"

#define RECORD_LEN	8192

int kmsg_mark(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0 && lseek(fd, 0, SEEK_END) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The sentence in a record, cut out in place; NULL when it is not about us */
static char *sentence(char *record)
{
	static const char mark[] = "remap: ";
	char *s, *end;

	record[strcspn(record, "\n")] = '\0';
	s = strchr(record, ';');
	if (!s || !strstr(s, "device-mapper: ") || strstr(s, "preresume failed"))
		return NULL;	/* the sentence that says why came before */
	s = strstr(s, mark);
	if (!s)
		return NULL;
	s += sizeof(mark) - 1;
	s += strspn(s, "0123456789:");	/* the device's number, which nobody asked for */
	s += strspn(s, " ");
	end = strstr(s, " (-");
	if (end && end[strlen(end) - 1] == ')')
		*end = '\0';
	return s;
}

void kmsg_collect(int fd, char *buf, size_t size)
{
	char record[RECORD_LEN];
	size_t used = 0;
	char *s;
	ssize_t n;
	int len;

	buf[0] = '\0';
	if (fd < 0)
		return;
	for (;;) {
		n = read(fd, record, sizeof(record) - 1);
		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue;	/* records were overwritten: the rest is still there */
		if (n <= 0)
			break;
		record[n] = '\0';
		s = sentence(record);
		if (!s || used >= size - 1)
			continue;
		len = snprintf(buf + used, size - used, "%s%s", used ? "; " : "", s);
		if (len > 0)
			used += (size_t)len;
	}
	close(fd);
}
