// SPDX-License-Identifier: GPL-2.0-only
/* What all fuzz targets share; see fuzz.h. */
#include "fuzz.h"

#define REASONS	32

static struct {
	const char *why;
	u64 n;
} refused[REASONS];
static u64 accepted;
static bool show;

void fuzz_broken(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

void fuzz_log(const char *fmt, ...)
{
	va_list ap;

	if (!show)
		return;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

/* libFuzzer leaves by exit(): this is the last line of every run that found nothing. */
static void report(void)
{
	u64 all = accepted;
	unsigned int i;

	for (i = 0; i < REASONS && refused[i].why; i++)
		all += refused[i].n;
	fprintf(stderr, "fuzz: accepted %ju of %ju", accepted, all);
	for (i = 0; i < REASONS && refused[i].why; i++)
		fprintf(stderr, "%s %s %ju", i ? "," : "; refused:", refused[i].why, refused[i].n);
	fputc('\n', stderr);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	show = getenv("FUZZ_LOG");
	return atexit(report);
}

void fuzz_accepted(void)
{
	accepted++;
}

void fuzz_refused(const char *why)
{
	unsigned int i = 0;

	while (i < REASONS - 1 && refused[i].why && strcmp(refused[i].why, why))
		i++;
	refused[i].why = why;
	refused[i].n++;
}

char *fuzz_text(const struct fuzz_in *in)
{
	/* no byte more: the sanitizer sees who reads on */
	char *text = malloc(in->len + 1);

	FUZZ_MUST(text);
	if (in->len)
		memcpy(text, in->p, in->len);
	text[in->len] = '\0';
	return text;
}

unsigned int fuzz_words(char *text, char **argv, unsigned int max)
{
	unsigned int n = 0;
	char *save = NULL, *w;

	for (w = strtok_r(text, " ", &save); w && n < max; w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	return n;
}

bool fuzz_sentence(const char *text)
{
	const size_t len = text ? strlen(text) : 0;

	return len > 10 && len < 100 && text[0] >= 'A' && text[0] <= 'Z' && !strchr(text, '\n');
}

void fuzz_seal(u8 *blk)
{
	fuzz_put(blk, 12, 4, dmr_codec_crc(blk, blk + 16, dmr_slot(fuzz_get(blk, 32, 8))));
}

struct dmr_slot fuzz_header(u8 *blk, u16 type, u8 keep)
{
	const u64 at = fuzz_get(blk, 32, 8);

	if (!(keep & FUZZ_KEEP_MAGIC))
		memcpy(blk, DMR_DISK_MAGIC, 8);
	if (!(keep & FUZZ_KEEP_VERSION))
		fuzz_put(blk, 8, 2, DMR_DISK_VERSION);
	if (!(keep & FUZZ_KEEP_TYPE))
		fuzz_put(blk, 10, 2, type);
	if (!(keep & FUZZ_KEEP_CRC))
		fuzz_seal(blk);
	return dmr_slot(keep & FUZZ_KEEP_PLACE ? at ^ 1 : at);
}

enum dmr_blk_status fuzz_header_verdict(const u8 *blk, struct dmr_slot at, u16 type, s64 index)
{
	const u64 found = fuzz_get(blk, 10, 2);

	if (memcmp(blk, "dm-remap", 8))
		return DMR_BLK_NOT_OURS;
	if (fuzz_get(blk, 32, 8) != at.v)
		return DMR_BLK_MISPLACED;
	if (fuzz_get(blk, 8, 2) != 4)
		return DMR_BLK_VERSION;
	if (index >= 0 && fuzz_get(blk, 60, 4) != (u64)index)
		return DMR_BLK_MISPLACED;
	if (fuzz_get(blk, 12, 4) != dmr_codec_crc(blk, blk + 16, at))
		return DMR_BLK_CRC;
	if (found == type)
		return DMR_BLK_OK;
	return found >= 1 && found <= 4 ? DMR_BLK_MEANING : DMR_BLK_VERSION;
}

u64 fuzz_anchor(u64 slots, u64 copy)
{
	static const u64 share[] = { 0, 16, 8, 4, 2 };

	if (slots < 9 || copy > 4)
		return ~0ull;
	if (slots >= 1024)
		return copy ? slots / share[copy] : 0;
	if (slots >= 128)
		return copy < 4 ? slots * copy / 4 : ~0ull;
	/* one table block: three slots at the end */
	return copy < 2 ? copy * (slots - 3) : ~0ull;
}

bool fuzz_epoch_possible(const u8 *blk)
{
	return fuzz_get(blk, 40, 8) <= 1ull << 62;
}
