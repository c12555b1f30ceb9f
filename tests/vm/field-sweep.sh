#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tests/vm/field-sweep.sh [N|all [SEED [uml|qemu]]]: the module's half of the field
# sweep with N cases (all) of each golden image, where the test field-sweep takes a
# few. All of them take hours.

set -eu
. "$(dirname "$0")/../../scripts/guest-lib.sh"

cases=${1:-all}
seed=${2:-$RANDOM}
guest=${3:-uml}
vm=$top/tests/vm
tests=$build/field-sweep/tests

rm -rf "$tests"
mkdir -p "$tests"
sed 's/^# timeout: .*/# timeout: 86400/' "$vm/tests/field-sweep.sh" >"$tests/field-sweep.sh"
printf 'cases=%s\nseed=%s\n' "$cases" "$seed" >"$tests/sweep-params"
status=0
"$vm/run" --guest "$guest" --dir "$tests" || status=1
grep -h ' cases with seed ' "$build/vm/$guest/logs/field-sweep.log"
exit $status
