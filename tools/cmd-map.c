// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command map: the spare as a picture: what each part of it holds. A character,
 * or a square of the drawing, stands for so many slots that all of them fit.
 */
#include <errno.h>

#include "cmd.h"
#include "map.h"
#include "say.h"
#include "spare.h"

static void print_map(const struct map *m, const struct walk *w)
{
	char size[SAY_SIZE_LEN];
	u64 i;
	u32 k;

	printf("%ju slots of 4 KiB; a character stands for %ju (%s).\n\n", w->sb->slots, m->per_bin,
	       say_size(m->per_bin * DMR_BLK_BYTES, size));
	for (i = 0; i < m->bins; i++) {
		if (i % m->columns == 0)
			printf("%12ju  ", i * m->per_bin);
		putchar(map_kind_letter(map_kind_of(&m->bin[i])));
		if (i % m->columns == m->columns - 1 || i + 1 == m->bins)
			putchar('\n');
	}
	putchar('\n');
	for (k = 0; k < MAP_KINDS; k++)
		if (m->sum[k] || k == MAP_USED || k == MAP_FREE)
			printf("%c  %-30s %12ju\n", map_kind_letter(k), map_kind_name(k),
			       m->sum[k]);
}

static int draw(const struct map *m, const struct walk *w, const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "we") : stdout;
	int err;

	if (!f) {
		say_err("%s cannot be written: %s", path, strerror(errno));
		return EXIT_DEVICE;
	}
	map_svg(m, w, f);
	err = ferror(f) | (f == stdout ? fflush(f) : fclose(f));
	if (!err)
		return 0;
	say_err("%s cannot be written: %s", path, strerror(errno));
	return EXIT_DEVICE;
}

int cmd_map(const struct cmd_opts *o, int argc, char **argv)
{
	const char *name;
	struct live l;
	struct walk w;
	struct map m;
	struct dev d;
	int code = spare_open(argv[0], &d, &l, &name), drawn = 0;

	(void)argc;
	if (code)
		return code;
	code = spare_walk(&d, &w);
	if (!w.judge) {
		map_make(&m, &w);
		if (o->svg)
			drawn = draw(&m, &w, o->svg);
		else
			print_map(&m, &w);
		free(m.bin);
	}
	walk_end(&w);
	dev_close(&d);
	return code ? code : drawn;
}
