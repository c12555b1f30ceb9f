// SPDX-License-Identifier: GPL-2.0-only
/*
 * Import: reading lists of bad places. Nothing is skipped in silence: a line
 * that is not understood may be the one that counts.
 */
#include <ctype.h>
#include <errno.h>

#include "import.h"
#include "in.h"
#include "say.h"

#define ERRORS_SAID	20
#define FILE_MAX_BYTES	(256u << 20)

/* Line @line makes no sense: said, unless there were too many already. */
static void complain(struct import *im, u64 line, const char *why, const char *text)
{
	char shown[SAY_PRINTABLE_LEN(40)], part[41];

	if (im->errors++ >= ERRORS_SAID)
		return;
	snprintf(part, sizeof(part), "%s", text);
	say_err("%s:%ju: %s: \"%s\"", im->path, line, why, say_printable(part, shown));
}

static void add(struct import *im, u64 first_sect, u64 nr_sect, u64 line)
{
	/* grows by halves */
	if (!(im->n & (im->n - 1)))
		im->range = say_realloc(im->range, im->n ? 2 * im->n : 1, sizeof(*im->range));
	im->range[im->n++] = (struct import_range){
		.first_sect = first_sect, .nr_sect = nr_sect, .line = line,
	};
}

/* Bytes to the sectors they touch. False: there are no such bytes. */
static bool add_bytes(struct import *im, u64 first, u64 count, u64 line)
{
	u64 end;

	if (!count || __builtin_add_overflow(first, count - 1, &end))
		return false;
	add(im, first / DMR_SECT_BYTES, end / DMR_SECT_BYTES - first / DMR_SECT_BYTES + 1, line);
	return true;
}

/* A number, and what follows it; decimal, with @any also 0x1f. */
static bool number(const char **s, bool any, u64 *v)
{
	char *end;

	while (**s == ' ' || **s == '\t')
		++*s;
	if (!isdigit(**s))
		return false;
	errno = 0;
	*v = strtoull(*s, &end, any ? 0 : 10);
	if (errno || (*end && !isspace(*end)))
		return false;
	*s = end;
	return true;
}

static bool nothing_left(const char *s)
{
	return !s[strspn(s, " \t\r")];
}

/* ---- the formats, line by line ---- */

/* badblocks(8): one number in each line */
static void take_badblocks(struct import *im, const char *text, u64 line, u32 block_bytes)
{
	const char *s = text;
	u64 blk, byte;

	if (!number(&s, false, &blk) || !nothing_left(s))
		complain(im, line, "not a block number", text);
	else if (__builtin_mul_overflow(blk, (u64)block_bytes, &byte) ||
		 !add_bytes(im, byte, block_bytes, line))
		complain(im, line, "no device is so large", text);
}

/*
 * GNU ddrescue manual, "Mapfile structure": a line on the state of the program, then
 * position, size and status of each area. Bad are -, and what failed as a whole and
 * was not looked at closely: * and /.
 */
static void take_mapfile(struct import *im, const char *text, u64 line, bool first)
{
	const char *s = text;
	u64 pos, size;
	char status;

	if (first) {
		if (!number(&s, true, &pos) || !strchr("?*/-FG+", s[strspn(s, " \t")]))
			complain(im, line, "not the first line of a mapfile", text);
		return;
	}
	if (!number(&s, true, &pos) || !number(&s, true, &size)) {
		complain(im, line, "not position, size and status", text);
		return;
	}
	s += strspn(s, " \t");
	status = *s;
	if (!status || !strchr("?*/-+", status) || !nothing_left(s + 1))
		complain(im, line, "its status is not one of ? * / - +", text);
	else if (strchr("*/-", status) && !add_bytes(im, pos, size, line))
		complain(im, line, "no device is so large", text);
}

static bool is_mapfile(const char *text)
{
	return !strncmp(text, "# Mapfile.", 10) || !strncmp(text, "# Rescue Logfile.", 17) ||
	       strstr(text, "0x");
}

static void take_lines(struct import *im, char *text, u32 block_bytes)
{
	bool map = is_mapfile(text), first = true;
	char *line, *next = text;
	u64 n = 0;

	im->kind = map ? "mapfile of ddrescue" : "list of badblocks";
	while ((line = strsep(&next, "\n"))) {
		n++;
		if (nothing_left(line) || (map && *line == '#'))
			continue;
		if (map)
			take_mapfile(im, line, n, first);
		else
			take_badblocks(im, line, n, block_bytes);
		first = false;
	}
}

/* ---- smartctl --json ---- */

static void take_lba(struct import *im, struct json_object *o, const char *what, u64 nr, u64 lbs)
{
	struct json_object *v = in_get(o, "lba");
	u64 byte;

	/* a self-test that found nothing has none */
	if (!v)
		return;
	if (!json_object_is_type(v, json_type_int) || json_object_get_int64(v) < 0 ||
	    __builtin_mul_overflow(json_object_get_uint64(v), lbs, &byte) ||
	    !add_bytes(im, byte, lbs, nr))
		complain(im, nr, what, json_object_get_string(v));
}

static void take_list(struct import *im, struct json_object *doc, const char *key, u64 lbs)
{
	struct json_object *list = in_get(doc, key);
	size_t i;

	if (!json_object_is_type(list, json_type_array))
		return;
	for (i = 0; i < json_object_array_length(list); i++)
		take_lba(im, json_object_array_get_idx(list, i), "not an LBA", i + 1, lbs);
}

static int take_json(struct import *im, const char *text)
{
	struct json_object *doc = json_tokener_parse(text);
	struct json_object *lbs = in_get(doc, "logical_block_size");
	u64 bytes = lbs ? json_object_get_uint64(lbs) : DMR_SECT_BYTES;
	int code = 0;

	im->kind = "report of smartctl";
	im->of_disk = true;
	if (!in_get(doc, "smartctl")) {
		say_err("%s: JSON, but not of smartctl --json", im->path);
		code = EXIT_DEVICE;
	} else if (!in_get(doc, "ata_pending_defects_log")) {
		say_err("%s: smartctl was not asked for pending defects: smartctl --json -l defects",
			im->path);
		code = EXIT_DEVICE;
	} else if (bytes < DMR_SECT_BYTES || bytes > DMR_BLK_BYTES || (bytes & (bytes - 1))) {
		say_err("%s: a logical block size of %ju bytes cannot be", im->path, bytes);
		code = EXIT_DEVICE;
	} else {
		take_list(im, doc, "ata_pending_defects_log.table", bytes);
		take_list(im, doc, "ata_smart_self_test_log.extended.table", bytes);
		take_list(im, doc, "ata_smart_self_test_log.standard.table", bytes);
	}
	json_object_put(doc);
	return code;
}

/* ---- the file ---- */

static char *read_all(FILE *f, size_t *len)
{
	size_t room = 1 << 16, n;
	char *text = say_alloc(room, 1);

	*len = 0;
	while ((n = fread(text + *len, 1, room - 1 - *len, f)) && *len + n < FILE_MAX_BYTES) {
		*len += n;
		if (*len == room - 1) {
			room *= 2;
			text = say_realloc(text, room, 1);
		}
	}
	text[*len] = '\0';
	return text;
}

int import_take(struct import *im, char *text, size_t len, u32 block_bytes)
{
	int code = 0;

	if (strlen(text) != len) {
		say_err("%s: not a text: it has bytes of zero", im->path);
		return EXIT_DEVICE;
	}
	if (text[strspn(text, " \t\r\n")] == '{')
		code = take_json(im, text);
	else
		take_lines(im, text, block_bytes);
	if (!im->errors)
		return code;
	say_err("%s (%s): %ju lines make no sense; nothing was changed", im->path, im->kind,
		im->errors);
	return EXIT_DEVICE;
}

int import_read(struct import *im, const char *path, u32 block_bytes)
{
	bool std = !strcmp(path, "-");
	FILE *f = std ? stdin : fopen(path, "re");
	int code = EXIT_DEVICE;
	size_t len;
	char *text;

	memset(im, 0, sizeof(*im));
	im->path = path;
	if (!f) {
		say_err("%s cannot be opened: %s", path, strerror(errno));
		return EXIT_DEVICE;
	}
	text = read_all(f, &len);
	if (ferror(f) || !feof(f))
		say_err("%s cannot be read: %s", path,
			ferror(f) ? strerror(errno) : "it is larger than any such list");
	else
		code = import_take(im, text, len, block_bytes);
	free(text);
	if (!std)
		fclose(f);
	return code;
}

void import_free(struct import *im)
{
	free(im->range);
}
