// SPDX-License-Identifier: GPL-2.0-only
/*
 * Status line: what the module prints and the tool reads.
 *
 *	input := text that does not begin with a zero byte
 *		 | <zero byte> <values of a struct dmr_status, see fill()>
 *
 * What must hold:
 *   - a line that was read, printed, is read the same again, and then printed the same
 *   - a line has only one meaning and one spelling: its known words are the printed ones,
 *     whatever their order and whatever unknown words stand between them
 *   - any struct, printed, is read back the same; printed into too small a buffer it is cut
 *   - what was read is within bounds
 */
#include "fuzz.h"
#include "statusline.h"

#define LINE_BYTES	4096

static void check_bounds(const struct dmr_status *s)
{
	u32 i;

	FUZZ_MUST((unsigned int)s->mode <= DMR_MODE_FAIL);
	FUZZ_MUST((unsigned int)s->why <= DMR_WHY_READONLY);
	FUZZ_MUST((unsigned int)s->policy <= DMR_POLICY_OFF);
	FUZZ_MUST((unsigned int)s->room <= DMR_LEVEL_FULL);
	FUZZ_MUST((unsigned int)s->memory <= DMR_MEMORY_EMERGENCY);
	FUZZ_MUST((unsigned int)s->job_verb <= DMR_JOB_VERIFY);
	FUZZ_MUST((unsigned int)s->job_state <= DMR_JOB_CANCELLED);
	FUZZ_MUST(s->copies <= DMR_COPIES_MAX);
	for (i = 0; i < s->copies; i++)
		FUZZ_MUST((unsigned int)s->copy_state[i] <= DMR_COPY_UNREAD);
}

/* How often the @len bytes at @word stand in @line as a word. */
static unsigned int count(const char *line, const char *word, size_t len)
{
	unsigned int n = 0;

	while (*line) {
		const size_t skip = strspn(line, " ");
		const size_t own = strcspn(line + skip, " ");

		if (own == len && !memcmp(line + skip, word, len))
			n++;
		line += skip + own;
	}
	return n;
}

/* Each word of the printed line stands in @text exactly once. */
static void check_words(const char *text, const char *printed)
{
	while (*printed) {
		const size_t skip = strspn(printed, " ");
		const size_t len = strcspn(printed + skip, " ");

		/* "v1" is no pair: no line with two of them is read */
		FUZZ_MUST(count(text, printed + skip, len) == 1);
		printed += skip + len;
	}
}

static void check_read(const char *text, const struct dmr_status *s)
{
	char line[LINE_BYTES], again[LINE_BYTES];
	struct dmr_status b;

	check_bounds(s);
	FUZZ_MUST((size_t)dmr_status_format(s, line, sizeof(line)) == strlen(line));
	FUZZ_MUST(!dmr_status_parse(line, &b) && !memcmp(s, &b, sizeof(b)));
	dmr_status_format(&b, again, sizeof(again));
	FUZZ_MUST(!strcmp(line, again));
	if (text)
		check_words(text, line);
}

static void check_cut(const struct dmr_status *s, size_t size)
{
	char line[LINE_BYTES];
	char *part = malloc(size);
	int len;

	dmr_status_format(s, line, sizeof(line));
	FUZZ_MUST(part);
	len = dmr_status_format(s, part, size);
	FUZZ_MUST(len >= 0 && (size_t)len < size && part[len] == '\0');
	FUZZ_MUST((size_t)len == strlen(line) || (size_t)len == size - 1);
	FUZZ_MUST(!strncmp(part, line, (size_t)len));
	free(part);
}

static void fill(struct dmr_status *s, struct fuzz_in *in)
{
	u64 *counter = &s->n.read_errors;
	unsigned int i;

	memset(s, 0, sizeof(*s));
	s->mode = (enum dmr_mode)(fuzz_take(in, 1) % 6);
	s->why = (enum dmr_why)(fuzz_take(in, 1) % 10);
	s->policy = (enum dmr_policy)(fuzz_take(in, 1) % 3);
	s->room = (enum dmr_level)(fuzz_take(in, 1) % 4);
	s->job_verb = (enum dmr_job_verb)(fuzz_take(in, 1) % 4);
	s->job_state = (enum dmr_job_state)(fuzz_take(in, 1) % 6);
	s->forced = fuzz_take(in, 1) & 1;
	for (i = 0; i < DMR_UUID_BYTES; i++)
		s->uuid[i] = (u8)fuzz_take(in, 1);
	s->main_sect = fuzz_take(in, 8);
	s->spare_sect = fuzz_take(in, 8);
	s->main_lbs_bytes = (u32)fuzz_take(in, 4);
	s->slots_total = fuzz_take(in, 8);
	s->slots_used = fuzz_take(in, 8);
	s->slots_pending = fuzz_take(in, 8);
	s->slots_free = fuzz_take(in, 8);
	s->slots_bad = fuzz_take(in, 8);
	s->slots_meta = fuzz_take(in, 8);
	s->pending_sect = fuzz_take(in, 8);
	s->lost_sect = fuzz_take(in, 8);
	s->hwm_slots = fuzz_take(in, 8);
	s->allowance_left = (u32)fuzz_take(in, 4);
	s->allowance = (u32)fuzz_take(in, 4);
	s->held = (u32)fuzz_take(in, 4);
	s->doubt_blk = (u32)fuzz_take(in, 4);
	s->epoch = fuzz_take(in, 8);
	s->memory = (enum dmr_memory)(s->held & 1);
	s->copies = (u32)fuzz_take(in, 1) % (DMR_COPIES_MAX + 1);
	for (i = 0; i < s->copies; i++) {
		s->copy_slot[i] = dmr_slot(fuzz_take(in, 8));
		s->copy_state[i] = (enum dmr_copy_state)(fuzz_take(in, 1) % 4);
	}
	for (i = 0; i < sizeof(s->n) / sizeof(u64); i++)
		counter[i] = fuzz_take(in, 8);
}

static void check_struct(struct fuzz_in *in)
{
	const size_t size = 1 + fuzz_take(in, 2) % LINE_BYTES;
	char line[LINE_BYTES];
	struct dmr_status s, b;

	fill(&s, in);
	dmr_status_format(&s, line, sizeof(line));
	FUZZ_MUST(!dmr_status_parse(line, &b) && !memcmp(&s, &b, sizeof(b)));
	check_read(NULL, &s);
	check_cut(&s, size);
	fuzz_accepted();
}

static void check_text(const struct fuzz_in *in)
{
	char *text = fuzz_text(in);
	struct dmr_status s;

	switch (dmr_status_parse(text, &s)) {
	case 0:
		check_read(text, &s);
		fuzz_accepted();
		break;
	case -EPROTO:
		fuzz_refused("not v1");
		break;
	case -EINVAL:
		fuzz_refused("malformed");
		break;
	default:
		FUZZ_MUST(false);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, size };

	if (size && !data[0]) {
		fuzz_take(&in, 1);
		check_struct(&in);
	} else {
		check_text(&in);
	}
	return 0;
}
