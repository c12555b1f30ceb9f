#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tests/vm/faults.sh [OPERATION...]: every fault in every operation of the module, in
# the UML guest; the test `faults` takes some. Half an hour; an operation by itself,
# some minutes. Bar: every operation has faults, and none does wrong.
#
# With four copies of the metadata every I/O and every allocation; with two and five,
# and with a disk that is away instead of bad, every I/O (which allocation fails does
# not depend on that).

set -eu
. "$(dirname "$0")/../../scripts/guest-lib.sh"

vm=$top/tests/vm
tests=$build/faults/tests
names=${*:-all}

rm -rf "$tests"
mkdir -p "$tests"
sed 's/^# timeout: .*/# timeout: 14400/' "$vm/tests/faults.sh" >"$tests/faults.sh"
{
	echo "runs=("
	if [ "$names" != raise ]; then
		echo "'512 512 ioerr 1 20 $names'"
		echo "'512 512 transport 1,997 20 $names'"
		echo "'64 512 ioerr 1,997 20 $names'"
		echo "'4096 512 ioerr 1,997 20 $names'"
	fi
	case $names in
	all | raise) echo "'20480 20480 ioerr 1 20 raise'" ;;
	esac
	echo ")"
} >"$tests/faults-params"
status=0
"$vm/run" --guest uml --dir "$tests" || status=1
grep -h ' cases, ' "$build/vm/uml/logs/faults.log" || status=1
exit $status
