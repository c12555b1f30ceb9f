// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command health: the weakest regions of main. An open set is asked; a closed one
 * is known by the summary that its spare keeps.
 */
#include "cmd.h"
#include "health.h"
#include "say.h"
#include "spare.h"
#include "../src/core/statusline.h"

/** struct head_view - what stands before the regions in JSON */
struct head_view {
	const char *name;
	char uuid[37];
	u64 main_sect;
	const char *path;
	u64 saved_s;
};

static const struct out_field head_field[] = {
	OUT_FIELD(struct head_view, name, OUT_STR, "name", NULL),
	OUT_FIELD(struct head_view, uuid, OUT_CHARS, "uuid", NULL),
	OUT_FIELD(struct head_view, main_sect, OUT_SECT, "main.", NULL),
	OUT_FIELD(struct head_view, path, OUT_STR, "spare.path", NULL),
	OUT_FIELD(struct head_view, saved_s, OUT_U64, "saved", NULL),
};

static void answer(const struct cmd_opts *o, const struct head_view *v, const struct health *h)
{
	const struct dmr_health_head *sum = &h->head;
	struct json_object *doc;
	char size[SAY_SIZE_LEN];

	if (o->json) {
		doc = out_doc("dmremap-health");
		out_json(doc, head_field, ARRAY_SIZE(head_field), v);
		health_json(doc, h);
		out_print(doc);
		return;
	}
	if (!sum->records && !sum->evicted) {
		say_info("Nothing is known against any part of main.");
		return;
	}
	health_print(h);
	say_info("Regions of %s: %u shown of %ju that are remembered, %ju more were given up. In all: %ju failed reads, %ju failed writes, %ju that succeeded when tried again, %ju slow.",
		 say_size(sum->region_sect * DMR_SECT_BYTES, size), h->n, sum->records,
		 sum->evicted, sum->read_errors, sum->write_errors, sum->retries, sum->slow);
}

static int of_open(const struct cmd_opts *o, const struct live *l)
{
	struct head_view v = {
		.name = l->dm.name, .main_sect = l->st.main_sect, .path = l->spare_path,
		.saved_s = OUT_NONE,
	};
	struct health h;
	int err = health_ask(l->dm.name, l->st.main_sect, o->count, &h);

	dmr_status_uuid_format(l->st.uuid, v.uuid);
	if (!err)
		answer(o, &v, &h);
	else if (err == -EPROTO || err == -EINVAL)
		say_err("%s: the module's answer is not understood; module and tool are of different versions, update the older one",
			l->dm.name);
	else
		say_err("%s does not say how healthy its main is: %s", l->dm.name, strerror(-err));
	health_free(&h);
	return err ? EXIT_DEVICE : 0;
}

static int of_spare(const struct cmd_opts *o, struct dev *d)
{
	struct head_view v = { .path = d->path };
	struct health h;
	struct walk w;
	int code = spare_walk(d, &w);

	if (!w.judge) {
		dmr_status_uuid_format(w.sb->uuid, v.uuid);
		v.main_sect = w.sb->main_sect;
		v.saved_s = w.aux.seq ? w.aux.saved_s : OUT_NONE;
		health_of_aux(&w.aux, w.sb->main_sect, o->count, &h);
		answer(o, &v, &h);
		health_free(&h);
	}
	walk_end(&w);
	return code;
}

int cmd_health(const struct cmd_opts *o, int argc, char **argv)
{
	const char *name;
	struct live l;
	struct dev d;
	int code = spare_open(argv[0], &d, &l, &name);

	(void)argc;
	if (code)
		return code;
	code = name ? of_open(o, &l) : of_spare(o, &d);
	dev_close(&d);
	return code;
}
