#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tests/vm/reservation.sh: the test `reservation` at length, in the QEMU guest: four
# geometric spares with 10,000 automatic remaps each, two linear and two minimal ones
# filled to exhaustion and emptied 20 times. Beside it readers and writers, and in
# between copies that move and power cuts. Bar: no collision, nothing lost.

set -eu
. "$(dirname "$0")/../../scripts/guest-lib.sh"

vm=$top/tests/vm
tests=$build/reservation/tests

rm -rf "$tests"
mkdir -p "$tests"
for inc in "$vm"/tests/*.inc; do
	cp "$inc" "$tests/"
done
sed 's/^# timeout: .*/# timeout: 7200/' "$vm/tests/reservation.sh" >"$tests/reservation.sh"
echo 'large="48:5 64:5 96:5 160:5" small="36:20 256:20 640:20 2048:20" each=2000' \
	>"$tests/reservation-params"
status=0
"$vm/run" --guest qemu --dir "$tests" reservation || status=1
grep -h 'no collision$\|judged: 0' "$build/vm/qemu/logs/reservation.log" || status=1
exit $status
