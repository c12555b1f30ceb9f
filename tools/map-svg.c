// SPDX-License-Identifier: GPL-2.0-only
/*
 * Map: the drawing, SVG 1.1. Above, the spare, a square for each part; below, main
 * from its beginning to its end, a line where blocks have entries. What is under
 * the pointer says what it is (title elements).
 */
#include "map.h"
#include "say.h"
#include "../src/core/statusline.h"

#define SQUARE	12u
#define LEFT	20u
#define TOP	50u
#define MAIN_HEIGHT	40u
#define LINE	16u

static const char * const color[MAP_KINDS] = {
	[MAP_UNKNOWN] = "#d33682",
	[MAP_BAD] = "#222222",
	[MAP_USED] = "#c0392b",
	[MAP_PENDING] = "#e6a23c",
	[MAP_META] = "#4a6fa5",
	[MAP_FREE] = "#e4e7ea",
};

static void square(const struct map *m, FILE *f, u64 i)
{
	const enum map_kind kind = map_kind_of(&m->bin[i]);
	u32 k;

	fprintf(f, "<rect x=\"%ju\" y=\"%ju\" width=\"%u\" height=\"%u\" fill=\"%s\"><title>",
		LEFT + i % m->columns * SQUARE, TOP + i / m->columns * SQUARE, SQUARE - 1,
		SQUARE - 1, color[kind]);
	fprintf(f, "from slot %ju:", i * m->per_bin);
	for (k = 0; k < MAP_KINDS; k++)
		if (m->bin[i].n[k])
			fprintf(f, " %s %ju;", map_kind_name(k), m->bin[i].n[k]);
	fprintf(f, "</title></rect>\n");
}

static void legend(const struct map *m, FILE *f, u64 y)
{
	u32 k;

	for (k = 0; k < MAP_KINDS; k++, y += LINE)
		fprintf(f, "<rect x=\"%u\" y=\"%ju\" width=\"%u\" height=\"%u\" fill=\"%s\"/>"
			"<text x=\"%u\" y=\"%ju\">%s: %ju</text>\n", LEFT, y - 10, SQUARE - 1,
			SQUARE - 1, color[k], LEFT + LINE, y, map_kind_name(k), m->sum[k]);
}

/* Entries that fall on the same column of the drawing are one line. */
static void draw_main(const struct map *m, const struct walk *w, FILE *f, u64 y)
{
	const u64 blks = (w->sb->main_sect + DMR_BLK_SECTS - 1) / DMR_BLK_SECTS;
	const u64 width = (u64)m->columns * SQUARE;
	u64 i, x, n;

	fprintf(f, "<rect x=\"%u\" y=\"%ju\" width=\"%ju\" height=\"%u\" fill=\"%s\"/>\n", LEFT, y,
		width, MAIN_HEIGHT, color[MAP_FREE]);
	for (i = 0; i < w->maps; i += n) {
		bool used = false;

		/* blocks are less than 2^40: no overflow */
		x = w->map[i].mblk * width / blks;
		for (n = 0; i + n < w->maps && w->map[i + n].mblk * width / blks == x; n++)
			used |= dmr_entry_kind(w->map[i + n].word) == DMR_KIND_USED;
		fprintf(f, "<rect x=\"%ju\" y=\"%ju\" width=\"1\" height=\"%u\" fill=\"%s\">"
			"<title>entries from block %ju on: %ju</title></rect>\n", LEFT + x, y,
			MAIN_HEIGHT, color[used ? MAP_USED : MAP_PENDING], w->map[i].mblk, n);
	}
}

void map_svg(const struct map *m, const struct walk *w, FILE *f)
{
	const u64 rows = (m->bins + m->columns - 1) / m->columns;
	const u64 main_y = TOP + rows * SQUARE + 40;
	const u64 legend_y = main_y + MAIN_HEIGHT + 30;
	char uuid[37], spare[SAY_SIZE_LEN], main_size[SAY_SIZE_LEN];
	u64 i;

	dmr_status_uuid_format(w->sb->uuid, uuid);
	say_size(w->sb->spare_sect * DMR_SECT_BYTES, spare);
	say_size(w->sb->main_sect * DMR_SECT_BYTES, main_size);
	fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%u\" "
		"height=\"%ju\" font-family=\"sans-serif\" font-size=\"12\">\n",
		2 * LEFT + m->columns * SQUARE, legend_y + MAP_KINDS * LINE);
	fprintf(f, "<title>dm-remap set %s</title>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n"
		"<text x=\"%u\" y=\"20\">Set %s</text>\n"
		"<text x=\"%u\" y=\"40\">Spare, %s: %ju slots, %ju in a square</text>\n",
		uuid, LEFT, uuid, LEFT, spare, w->sb->slots, m->per_bin);
	for (i = 0; i < m->bins; i++)
		square(m, f, i);
	fprintf(f, "<text x=\"%u\" y=\"%ju\">Main, %s: blocks with an entry</text>\n", LEFT,
		main_y - 8, main_size);
	draw_main(m, w, f, main_y);
	legend(m, f, legend_y);
	fprintf(f, "</svg>\n");
}
