#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The module and the test target build at W=1 without one warning.
. scripts/lint/common.sh

for m in module target; do
	[ "$(cat "$LINT/$m.rc")" = 0 ] && continue
	grep -E 'error:|Error |No rule|No kernel|undefined!' "$LINT/$m.log" ||
		tail -n 20 "$LINT/$m.log"
	bad=1
done
[ -z "${bad-}" ] || exit 1
# gcc names the option at the end of its line, sparse does not; modpost says WARNING
fail_on_output "$(cat "$LINT/module.log" "$LINT/target.log" |
	grep -E 'warning:.*\[-W|^WARNING' | sed "s|^$PWD/$TREE/||")"
