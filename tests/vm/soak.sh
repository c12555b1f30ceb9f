#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tests/vm/soak.sh [MINUTES]: power cuts of the QEMU guest at random moments, for so
# long (60): two processors, ext4 and XFS in turn, blocks going bad, two writers and
# a reader that verifies. Bar: no file is lost that was synced, no fsck complains.
# SEED= begins elsewhere, CUTS= in one round.

set -eu
. "$(dirname "$0")/../../scripts/guest-lib.sh"

minutes=${1:-60}
vm=$top/tests/vm
dir=$build/soak
log=$build/vm/qemu/logs/soak.log
cuts=${CUTS:-6}
seed=${SEED:-$RANDOM}
rounds=0 failed=0 files=0 slots=0

rm -rf "$dir"
mkdir -p "$dir/tests"
cp "$vm/soak/soak.sh" "$dir/tests"
"$top/scripts/guest-build.sh" qemu

# result NAME: the last of its lines in the log
result() {
	sed -n "s/^RESULT $1 //p" "$log" 2>/dev/null | tail -n 1
}

end=$((SECONDS + minutes * 60))
while [ $rounds -eq 0 ] || [ $SECONDS -lt $end ]; do
	fs=ext4
	[ $((rounds % 2)) -eq 0 ] || fs=xfs
	rounds=$((rounds + 1))
	printf 'FS=%s\nSEED=%u\nLAST=%u\n' $fs "$seed" "$cuts" >"$dir/tests/params"
	if "$vm/run" --guest qemu --no-build --dir "$dir/tests" >"$dir/tap" 2>&1; then
		files=$((files + $(result files)))
		slots=$((slots + $(result slots)))
		echo "ok $rounds - $fs, seed $seed: $cuts power cuts," \
			"$(result files) synced files, $(result slots) slots used"
	else
		failed=$((failed + 1))
		cp "$log" "$dir/failed-$seed.log" 2>/dev/null || true
		cat "$dir/tap"
		echo "not ok $rounds - $fs, seed $seed: see $dir/failed-$seed.log"
	fi
	seed=$(((seed * 31 + 7) % 32768))
done
echo "soak: $((rounds * cuts)) power cuts in $rounds rounds, $failed failed (bar: 0);" \
	"$files synced files verified, $slots slots used"
[ $failed -eq 0 ] && [ $files -gt 0 ] && [ $slots -gt 0 ]
