#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tests/vm/log-writes.sh [each|all|N [uml|qemu]]: hundreds of remaps recorded, on
# several shapes of spare; the power cut after each event of the record, and what
# that leaves opened with the real module, where the test `replay` takes a few
# cuts of one. `all`: everything that is possible after an event, by tests/replay;
# N: about N cuts for a shape. SEED= chooses other dice.

set -eu
. "$(dirname "$0")/../../scripts/guest-lib.sh"

cuts=${1:-each}
guest=${2:-uml}
seed=${SEED:-$RANDOM}
# sectors: five copies, four, two; and disks without FUA
shapes='8192 4096 960 6144+nofua'
steps=110
min_points=2000 min_remaps=300
vm=$top/tests/vm
tests=$build/log-writes/tests
log=$build/vm/$guest/logs/replay.log

rm -rf "$tests"
mkdir -p "$tests"
sed 's/^# timeout: .*/# timeout: 86400/' "$vm/tests/replay.sh" >"$tests/replay.sh"
printf '%s\n' "cuts=$cuts" "seed=$seed" "steps=$steps" "shapes='$shapes'" >"$tests/replay-params"
status=0
"$vm/run" --guest "$guest" --lanes 1 --dir "$tests" || status=1

grep -hE '^(spare of|recorded|REPLAY) ' "$log" || true
# sum WORD: over all shapes
sum() {
	awk -v want="$1" '
		$1 == "REPLAY" { for (i = 2; i < NF; i += 2) if ($i == want) n += $(i + 1) }
		END { print n + 0 }' "$log" 2>/dev/null || echo 0
}
points=$(sum opened) remaps=$(sum remaps) wrong=$(sum wrong)
ended=$(grep -c '^REPLAY ' "$log" || true)
wanted=$(wc -w <<<"$shapes")
echo "replay, seed $seed: $points points (bar: at least $min_points) of $(sum prefixes) prefixes," \
	"$remaps remaps (bar: at least $min_remaps), wrong: $wrong (bar: 0)," \
	"shapes of spare: $ended (wanted: $wanted)"
[ "$points" -ge $min_points ] && [ "$remaps" -ge $min_remaps ] && [ "$wrong" -eq 0 ] &&
	[ "$ended" -eq "$wanted" ] || status=1
exit $status
