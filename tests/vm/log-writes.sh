#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tests/vm/log-writes.sh [each|all|N [uml|qemu]]: hundreds of remaps recorded, on
# several shapes of spare; the power cut after each event of the record, and what
# that leaves opened with the real module, where the test `replay` takes a few
# cuts of one. `all`: everything that is possible after an event, by tests/replay;
# N: about N cuts for a shape. SEED= chooses other dice, LANES=1 one guest at a time.

set -eu
. "$(dirname "$0")/../../scripts/guest-lib.sh"

cuts=${1:-each}
guest=${2:-uml}
seed=${SEED:-$RANDOM}
# sectors: five copies, four, two; and disks without FUA
shapes=(8192 4096 960 6144+nofua)
steps=110
min_points=2000 min_remaps=300
vm=$top/tests/vm
tests=$build/log-writes/tests

# A boot for each shape.
rm -rf "$tests"
mkdir -p "$tests"
for i in "${!shapes[@]}"; do
	sed -e "s/^# replay:/# replay-$i:/" -e 's/^# timeout: .*/# timeout: 86400\n# reboot: yes/' \
		"$vm/tests/replay.sh" >"$tests/replay-$i.sh"
	printf '%s\n' "cuts=$cuts" "seed=$((seed + i))" "steps=$steps" "shapes=${shapes[i]}" \
		>"$tests/replay-$i.params"
done
status=0
"$vm/run" --guest "$guest" --lanes "${LANES:-2}" --dir "$tests" || status=1

logs=("$build/vm/$guest/logs"/replay-*.log)
grep -hE '^(spare of|recorded|REPLAY) ' "${logs[@]}" || true
# sum WORD: over all shapes
sum() {
	awk -v want="$1" '
		$1 == "REPLAY" { for (i = 2; i < NF; i += 2) if ($i == want) n += $(i + 1) }
		END { print n + 0 }' "${logs[@]}"
}
points=$(sum opened) remaps=$(sum remaps) wrong=$(sum wrong) unknown=$(sum unknown)
ended=$(cat "${logs[@]}" | grep -c '^REPLAY ' || true)
echo "replay, seed $seed: $points points (bar: at least $min_points) of $(sum prefixes) prefixes," \
	"$remaps remaps (bar: at least $min_remaps), wrong: $wrong (bar: 0)," \
	"records with steps the simulation does not know: $unknown (bar: 0)," \
	"shapes of spare: $ended (wanted: ${#shapes[@]})"
[ "$points" -ge $min_points ] && [ "$remaps" -ge $min_remaps ] && [ "$wrong" -eq 0 ] &&
	[ "$unknown" -eq 0 ] && [ "$ended" -eq ${#shapes[@]} ] || status=1
exit $status
