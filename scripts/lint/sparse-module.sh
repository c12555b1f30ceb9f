#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# sparse, with endian checks, finds nothing in the module or the test target.
. scripts/lint/common.sh

need sparse sparse
for m in module target; do
	[ "$(cat "$LINT/$m.rc")" = 0 ] || {
		echo "the $m does not build: see module-warnings"
		bad=1
	}
	grep -q CHECK "$LINT/$m.log" || {
		echo "sparse did not run over the $m"
		bad=1
	}
done
# what it says of the kernel's headers is not ours to mend; nor that struct bio ends in an
# array of no length, which nobody uses of those that are part of another struct
findings=$(cat "$LINT/module.log" "$LINT/target.log" | sed "s|^$PWD/$TREE/||" |
	grep -E '^(src/(core|kernel)|tests)/.*: (warning|error):' | grep -v '\[-W' |
	grep -v 'warning: array of flexible structures')
[ -z "${bad-}" ] || findings+=" "
fail_on_output "$findings"
