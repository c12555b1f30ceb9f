// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command thaw: remaps again. After a failure of the spare the module first
 * rewrites what the spare missed, in the background: this waits for it.
 */
#include <unistd.h>

#include "cmd.h"
#include "live.h"
#include "say.h"

#define THAW_WAIT_MS	10000
#define THAW_STEP_MS	100

static int wait_rw(const char *name)
{
	unsigned int waited;
	struct live l;
	int code;

	for (waited = 0;; waited += THAW_STEP_MS) {
		code = live_get(name, &l);
		if (code)
			return code;
		if (l.st.mode == DMR_MODE_RW)
			return live_tell_mode(name);
		if (waited >= THAW_WAIT_MS)
			break;
		usleep(THAW_STEP_MS * 1000);
	}
	say_err("%s is still %s after %d s (%s): the spare %s does not take what must be rewritten; check it and its cable, then thaw again",
		name, dmr_status_mode_name(l.st.mode), THAW_WAIT_MS / 1000,
		  dmr_status_why_name(l.st.why), l.spare_path);
	return EXIT_DEVICE;
}

int cmd_thaw(const struct cmd_opts *o, int argc, char **argv)
{
	const char *name = live_name(argv[0]);
	char text[32] = "thaw";
	u64 grant;
	int code;

	(void)o;
	if (argc > 1) {
		if (dmr_plat_parse_u64(argv[1], &grant) || !grant || grant > DMR_ALLOWANCE_MAX) {
			say_err("\"%s\" is no allowance: a number from 1 to %u", argv[1],
				DMR_ALLOWANCE_MAX);
			return EXIT_ARGS;
		}
		snprintf(text, sizeof(text), "thaw %ju", grant);
	}
	code = live_send(name, text);
	return code ? code : wait_rw(name);
}
