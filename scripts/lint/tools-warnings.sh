#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The tool builds without one warning.
. scripts/lint/common.sh

if [ "$(cat "$LINT/tools.rc")" != 0 ]; then
	grep -E 'error:|Error |No rule|undefined' "$LINT/tools.log" ||
		tail -n 20 "$LINT/tools.log"
	exit 1
fi
fail_on_output "$(grep -E 'warning:' "$LINT/tools.log")"
