// SPDX-License-Identifier: GPL-2.0-only
/*
 * dmremap: the command line. One table of commands and one of options; both
 * are what is parsed and what the help prints.
 */
#include <getopt.h>

#include "cmd.h"
#include "help.h"
#include "import.h"
#include "say.h"
#include "value.h"

#define FEATURES_MAX	8

const struct help_opt help_opt[] = {
	{ OPT_FORCE, 'f', "force", NULL,
	  "format, create, restore, replace, repair: overwrite what the spare holds;\n"
	  "                       open: what is left, read-only; wipe: though blocks live there" },
	{ OPT_READONLY, 'r', "readonly", NULL,
	  "open read-only: nothing is written to either device" },
	{ OPT_POLICY, 'P', "policy", "P",
	  "what to do with a bad block: remap (default), record or off" },
	{ OPT_ALLOWANCE, 'A', "allowance", "N",
	  "verdicts that may stand without evidence, 0 to 65536 (default 16)" },
	{ OPT_HOLD, 'H', "hold", "SECONDS",
	  "longest a failed request is held, 1 to 600 (default 60)" },
	{ OPT_LOW, 'L', "low", "PCT",
	  "say so when less of the spare is free, 0 (never) to 99 (default 20)" },
	{ OPT_CRITICAL, 'C', "critical", "PCT",
	  "say so once more when less is free, 0 to 99 (default 5)" },
	{ OPT_SLOW, 'T', "slow", "MS",
	  "a read or write that takes longer is noted, 0 (none) to 600000 (default 1000)" },
	{ OPT_COUNT, 'N', "count", "N", "show so many regions at most, 1 to 65536 (default 64)" },
	{ OPT_BYTES, 'b', "bytes", NULL, "SECTOR and COUNT are bytes, not sectors of 512" },
	{ OPT_BLOCK, 'B', "block-size", "BYTES",
	  "what a number in a list of badblocks stands for: its -b (default 1024)" },
	{ OPT_SVG, 'S', "svg", "FILE", "draw it into FILE instead, - is standard output" },
	{ OPT_DROP, 'D', "drop", NULL, "give up what lives on the spare: the clone has it" },
	{ OPT_IN_PLACE, 'I', "in-place", NULL, "write to SPARE itself, not to another device" },
	{ OPT_MAIN, 'M', "main", "MAIN", "the main of SPARE, to be read only" },
	{ OPT_SPARE_SIZE, 'Z', "spare-size", "SIZE",
	  "not the size the spare has: bytes, or a number with K, M, G or T" },
	{ OPT_DRY_RUN, 'n', "dry-run", NULL, "only say what would be done" },
	{ OPT_JSON, 'j', "json", NULL, "answer in JSON" },
	{ OPT_YES, 'y', "yes", NULL, "do not ask" },
	{ 0 },
};

#define OPT_TABLE \
	(OPT_POLICY | OPT_ALLOWANCE | OPT_HOLD | OPT_LOW | OPT_CRITICAL | OPT_SLOW)

const struct help_cmd help_cmd[] = {
	{ "format", cmd_format, "MAIN SPARE", 2, 2, OPT_FORCE | OPT_YES, false,
	  "make SPARE an empty spare for MAIN",
	  "Writes a new, empty table to SPARE. MAIN is only read, to remember which disk it is.\n"
	  "A spare that holds anything (a filesystem, a partition table, metadata of dm-remap\n"
	  "of any version, even damaged) or is in use is refused, and what was found is named.\n"
	  "Regular files can stand in for both, to build images.\n" },
	{ "create", cmd_create, "NAME MAIN SPARE", 3, 3, OPT_FORCE | OPT_YES | OPT_TABLE, false,
	  "format SPARE, then open the set as /dev/mapper/NAME",
	  "The first command for a failing disk: format and open in one. MAIN keeps what it\n"
	  "holds.\n" },
	{ "open", cmd_open, "NAME MAIN SPARE", 3, 3, OPT_FORCE | OPT_READONLY | OPT_TABLE, false,
	  "bring the set up as /dev/mapper/NAME",
	  "Refuses a MAIN that is another disk than the spare remembers (WWID, serial,\n"
	  "PARTUUID), that was written without dm-remap since the last close, or is in use.\n"
	  "With --force the device comes up read-only with whatever can be read, and what is\n"
	  "lost is printed first: for copying data off, not for use.\n" },
	{ "close", cmd_close, "NAME", 1, 1, 0, false,
	  "take the device down",
	  "Says first how many blocks live only on the spare. While there are any, MAIN must\n"
	  "not be mounted or written by itself.\n" },
	{ "status", cmd_status, "[NAME]", 0, 1, OPT_JSON, false,
	  "show one open set in full, or all in a line each",
	  "Counters count since the set was opened. What needs attention is said on stderr,\n"
	  "too.\n" },
	{ "health", cmd_health, "NAME|SPARE", 1, 1, OPT_JSON | OPT_COUNT, false,
	  "show the regions of MAIN that are weakest, worst first",
	  "Of an open set by NAME, or, as it was last written down, from a closed SPARE. SCORE\n"
	  "is 1000 for a region without a blemish and falls with each error, with slow reads and\n"
	  "writes a little; what is past counts half after each week. MS is how long the reads\n"
	  "and writes took that are counted, on average, and how much that varies.\n" },
	{ "list", cmd_list, "NAME|SPARE", 1, 1, OPT_JSON, false,
	  "show which blocks of MAIN live in which slots",
	  "Reads the table from the spare, of an open set by NAME or of a closed one by its\n"
	  "SPARE. STATES has a letter for each logical sector of the block: m on main, s in the\n"
	  "slot, p pending (unreadable on main until rewritten), l lost (given up until\n"
	  "rewritten).\n" },
	{ "map", cmd_map, "NAME|SPARE", 1, 1, OPT_SVG, false,
	  "show what each part of the spare holds, as a picture",
	  "For an open set by NAME, or a closed one by its SPARE. The drawing has a second part:\n"
	  "where on MAIN the blocks lie that moved.\n" },
	{ "freeze", cmd_freeze, "NAME", 1, 1, 0, false,
	  "stop making new remaps",
	  "What is mapped is served on. Good before pulling a cable, for instance; thaw ends\n"
	  "it.\n" },
	{ "thaw", cmd_thaw, "NAME [N]", 1, 2, 0, false,
	  "make remaps again after a freeze or a failure of the spare",
	  "With N, the next N verdicts may stand without evidence. After a failure of the spare\n"
	  "the metadata is rewritten; waits up to 10 seconds for that.\n" },
	{ "policy", cmd_policy, "NAME P", 2, 2, 0, false,
	  "change what happens to a bad block: remap, record or off",
	  "remap moves it to the spare; record notes it and moves nothing; off passes errors up.\n"
	  "Lasts until the set is closed.\n" },
	{ "remap", cmd_remap, "NAME SECTOR [COUNT]", 2, 3, OPT_BYTES, false,
	  "move blocks that can still be read to the spare",
	  "SECTOR and COUNT are of 512 bytes and are widened to blocks of 4 KiB. Sectors that\n"
	  "cannot be read become pending. All other I/O goes on. The command waits for the end;\n"
	  "interrupting it does not stop the move, the message cancel does.\n" },
	{ "unmap", cmd_unmap, "NAME SECTOR [COUNT]", 2, 3, OPT_BYTES, false,
	  "move blocks back to MAIN, where it takes them",
	  "Each block is written, flushed and read back before its slot is free. One that MAIN\n"
	  "does not take, or that has lost sectors, stays on the spare. SECTOR, COUNT and\n"
	  "interrupting are as for remap.\n" },
	{ "import", cmd_import, "NAME FILE", 2, 2, OPT_BLOCK | OPT_DRY_RUN | OPT_YES, false,
	  "move the blocks that another program found bad to the spare",
	  "FILE is a list of badblocks(8), a mapfile of ddrescue, or what smartctl --json -l\n"
	  "defects says of the disk; - is standard input. What would be done is said first. A\n"
	  "line that makes no sense, or lies beyond the end of the device, is named, and then\n"
	  "nothing is changed. What cannot be read any more becomes pending.\n" },
	{ "verify", cmd_verify, "NAME", 1, 1, 0, false,
	  "compare all copies of the metadata of an open set, repair what differs",
	  "Reads every block of every copy that is in sync. Damaged ones are rewritten.\n" },
	{ "check", cmd_check, "SPARE", 1, 1, OPT_JSON, true,
	  "examine all metadata on a spare that is not open, or an image of one",
	  "Only reads. Each finding has a number and a name that never change, a severity\n"
	  "(note; fixable: the next open repairs it; fatal: data or trust is lost), and its\n"
	  "place.\n" },
	{ "dump", cmd_dump, "SPARE", 1, 1, 0, false,
	  "write all metadata of a spare that is not open to stdout, as JSON",
	  "To be kept elsewhere, for restore. doc/json.md describes the document. The data in\n"
	  "the slots is not in it. Every remap after it makes it older: restored then, the\n"
	  "blocks that moved since would be lost.\n" },
	{ "restore", cmd_restore, "FILE SPARE", 2, 2, OPT_FORCE | OPT_YES, false,
	  "write the metadata of a dump to SPARE, whose slots are left alone",
	  "For a spare whose own metadata is destroyed, or a device that its slots were copied\n"
	  "to: the data in them is not in the dump. FILE - is standard input. All of FILE is\n"
	  "checked before anything is written. SPARE can be larger than the one that was dumped,\n"
	  "not smaller; what is found on it is named, and overwritten only with --force. With\n"
	  "--force a dump that is not whole is taken, too; its lost slots are never used again,\n"
	  "and what lived in them reads as what main holds.\n" },
	{ "retarget", cmd_retarget, "SPARE MAIN", 2, 2, OPT_DROP | OPT_YES, false,
	  "make SPARE the spare of a disk that MAIN was cloned to",
	  "For a spare that is not open. A copy of the old main by itself lacks the blocks that\n"
	  "live on the spare: they go on living there. A copy of the open set has them all: then\n"
	  "--drop, and their slots are free again. The new main must be as large as the old one,\n"
	  "with logical blocks of the same size.\n" },
	{ "replace", cmd_replace, "SPARE NEWSPARE", 2, 2, OPT_FORCE | OPT_YES, false,
	  "move all that lives on a spare to another one, of any size that has room",
	  "For a spare that is not open: one that is too small, or failing itself. NEWSPARE gets\n"
	  "the blocks and a set of its own for the same main; SPARE is no spare afterwards. What\n"
	  "cannot be read any more is listed, and lost: an error until it is rewritten. What is\n"
	  "found on NEWSPARE is named, and overwritten only with --force.\n" },
	{ "resize", cmd_resize, "NAME|SPARE", 1, 1,
	  OPT_SPARE_SIZE | OPT_MAIN | OPT_DRY_RUN | OPT_YES, false,
	  "use what a main or a spare has grown by, or make room for a spare to shrink",
	  "Of an open set by NAME, whose I/O waits meanwhile, or of a closed one by its SPARE:\n"
	  "then main's size is taken from --main, or stays. To make a spare smaller, give\n"
	  "--spare-size first, then make the device smaller. Blocks in the way go to free slots.\n"
	  "A power cut leaves the set as it was, or a resize that the next open for writing, or\n"
	  "another resize, finishes.\n" },
	{ "repair", cmd_repair, "SPARE [TARGET]", 1, 2,
	  OPT_FORCE | OPT_IN_PLACE | OPT_MAIN | OPT_DRY_RUN | OPT_JSON | OPT_YES, false,
	  "save what can be read of a damaged spare, to TARGET or in place",
	  "For a spare that is not open, and that check finds fatal errors on. TARGET becomes a\n"
	  "set of its own for the same main, and SPARE is not written; with --in-place SPARE\n"
	  "itself is. Where an open would refuse, the newest that is left counts. What is found,\n"
	  "decided and lost is listed; sectors of which nothing says where they are become lost,\n"
	  "an error until they are rewritten. Exit code 4: something is lost, or nothing could be\n"
	  "done. When no superblock is left, --main names main. With --force TARGET may hold\n"
	  "something, and of several sets on SPARE the one that has most is taken. What a newer\n"
	  "dm-remap wrote is refused in any case.\n" },
	{ "wipe", cmd_wipe, "SPARE", 1, 1, OPT_FORCE | OPT_YES, false,
	  "destroy the metadata on a spare, so that it is none any more",
	  "Refused while blocks of a main live there, or may live there, unless --force is\n"
	  "given. The slots keep what they hold.\n" },
	{ "version", cmd_version, "", 0, 0, 0, false, "show the version of this program", "" },
	{ "help", cmd_help, "[COMMAND]", 0, 1, 0, false, "show all commands, or one in full", "" },
	{ 0 },
};

/** struct parsed - the command line, taken apart */
struct parsed {
	const struct help_cmd *cmd;
	struct cmd_opts o;
	unsigned int given;
	bool help;
	char *feature[FEATURES_MAX];
	unsigned int features;
};

/* ---- options ---- */

static void build_getopt(struct option *lo, char *so)
{
	const struct help_opt *h;

	*so++ = ':';
	for (h = help_opt; h->name; h++) {
		*lo++ = (struct option){
			h->name, h->arg ? required_argument : no_argument, NULL, h->key,
		};
		if (!h->arg)
			*so++ = (char)h->key;
	}
	*lo++ = (struct option){ "help", no_argument, NULL, 'h' };
	*lo++ = (struct option){ "version", no_argument, NULL, 'V' };
	*lo = (struct option){ 0 };
	*so++ = 'h';
	*so++ = 'V';
	*so = '\0';
}

static const struct help_opt *opt_of(int key)
{
	const struct help_opt *h;

	for (h = help_opt; h->name; h++) {
		if (h->key == key)
			return h;
	}
	return NULL;
}

static int take_option(struct parsed *p, int key)
{
	const struct help_opt *h = opt_of(key);

	p->given |= h->bit;
	p->o.force |= key == 'f';
	p->o.readonly |= key == 'r';
	p->o.bytes |= key == 'b';
	p->o.json |= key == 'j';
	p->o.yes |= key == 'y';
	p->o.dry_run |= key == 'n';
	p->o.drop |= key == 'D';
	p->o.in_place |= key == 'I';
	if (!h->arg)
		return 0;
	if (h->bit == OPT_SVG) {
		p->o.svg = optarg;
		return 0;
	}
	if (h->bit == OPT_MAIN) {
		p->o.main_path = optarg;
		return 0;
	}
	if (h->bit == OPT_SPARE_SIZE)
		return value_spare_bytes(optarg, &p->o.spare_bytes);
	if (h->bit == OPT_BLOCK)
		return value_block_bytes(optarg, &p->o.block_bytes);
	if (h->bit == OPT_COUNT)
		return value_count(optarg, &p->o.count);
	if (p->features == FEATURES_MAX - 1) {
		say_err("too many options");
		return EXIT_ARGS;
	}
	p->features++;	/* word 0 is their number */
	p->feature[p->features] = say_printf("%s:%s", h->name, optarg);
	return 0;
}

static int bad_option(int key, char **argv)
{
	const char *word = argv[optind - 1];

	if (key == ':')
		say_err("option %s needs an argument: dmremap help shows it", word);
	else if (optopt && !opt_of(optopt))
		say_err("there is no option -%c: dmremap help lists them", optopt);
	else
		say_err("option %s does not exist or is not written so: dmremap help lists them",
			word);
	return EXIT_ARGS;
}

static int parse_options(struct parsed *p, int argc, char **argv)
{
	struct option lo[28];
	char so[28];
	int key, code = 0;

	opterr = 0;
	build_getopt(lo, so);
	/* to the end in any case: only then the command is where it can be found */
	while ((key = getopt_long(argc, argv, so, lo, NULL)) != -1) {
		if (key == 'h')
			p->help = true;
		else if (key == 'V')
			p->cmd = help_find("version");
		else if (key == '?' || key == ':')
			code = bad_option(key, argv);
		else if (take_option(p, key))
			code = EXIT_ARGS;
	}
	return code;
}

/* --policy and the like are features of the table line: one core file parses both */
static int parse_features(struct parsed *p)
{
	const char *err;
	char number[16];

	dmr_args_init(&p->o.args);
	if (!p->features)
		return 0;
	snprintf(number, sizeof(number), "%u", p->features);
	p->feature[0] = number;
	if (!dmr_args_parse(p->features + 1, p->feature, &p->o.args, &err))
		return 0;
	say_err("options: %s", err);
	return EXIT_ARGS;
}

/* ---- the command ---- */

static int check_usage(const struct parsed *p, int argc)
{
	const struct help_cmd *c = p->cmd;
	const struct help_opt *h;

	for (h = help_opt; h->name; h++) {
		if ((p->given & h->bit) && !(c->opts & h->bit)) {
			say_err("%s does not take --%s: dmremap help %s shows what it takes",
				c->name, h->name, c->name);
			return EXIT_ARGS;
		}
	}
	if (argc >= c->args_min && argc <= c->args_max)
		return 0;
	say_err("usage: dmremap %s %s%s", c->name, c->opts ? "[OPTIONS] " : "", c->args);
	return EXIT_ARGS;
}

static int no_command(const struct parsed *p, const char *word)
{
	if (p->help && !word)
		return cmd_help(&p->o, 0, NULL);
	if (word)
		say_err("there is no command %s: dmremap help lists them", word);
	else
		say_err("which command? dmremap help lists them");
	return EXIT_ARGS;
}

static int run(struct parsed *p, int argc, char **argv)
{
	int code = parse_options(p, argc, argv);

	if (!p->cmd && argv[optind]) {	/* p->cmd: it was --version */
		p->cmd = help_find(argv[optind]);
		optind += !!p->cmd;
	}
	if (!p->cmd)
		return code ? code : no_command(p, argv[optind]);
	if (p->cmd->fsck)
		say_exit_memory(EXIT_CHECK_FAILED);
	if (!code && p->help) {
		help_one(p->cmd);
		return 0;
	}
	if (!code)
		code = check_usage(p, argc - optind);
	if (!code)
		code = parse_features(p);
	if (code)
		return p->cmd->fsck ? EXIT_CHECK_USAGE : code;
	return p->cmd->fn(&p->o, argc - optind, argv + optind);
}

int main(int argc, char **argv)
{
	struct parsed p = {
		.o.block_bytes = IMPORT_BLOCK_BYTES, .o.count = DMR_HEALTH_DEFAULT_N,
	};
	int code = run(&p, argc, argv);
	unsigned int i;

	for (i = 1; i <= p.features; i++)
		free(p.feature[i]);
	if ((fflush(stdout) || ferror(stdout)) && errno != EPIPE) {
		say_err("the answer cannot be written: %s", strerror(errno));
		if (!code)
			code = p.cmd && p.cmd->fsck ? EXIT_CHECK_FAILED : EXIT_DEVICE;
	}
	return code;
}
