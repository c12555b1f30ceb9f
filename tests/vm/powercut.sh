#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tests/vm/powercut.sh [N [uml|qemu]]: N random power cuts (200) during verified
# writing with blocks going bad, main and spare on the test target with its
# volatile cache. Bar: no write is lost that was FUA, was followed by a completed
# flush, or was remapped. In the same run the module built without its flushes
# (mutants/no-flush.patch) must lose data. SEED= chooses other dice.

set -eu
. "$(dirname "$0")/../../scripts/guest-lib.sh"

cuts=${1:-200}
guest=${2:-uml}
vm=$top/tests/vm
dir=$build/powercut
tests=$dir/tests

"$top/scripts/guest-build.sh" "$guest"
rm -rf "$dir"
mkdir -p "$tests"
cp "$vm"/powercut/*.sh "$tests"
printf 'CUTS=%u\nSEED=%u\n' "$cuts" "${SEED:-$RANDOM}" >"$tests/params"

# The control: a copy of the source, without its flushes.
mkdir "$dir/no-flush"
cp -r "$top"/src/. "$dir/no-flush"
find "$dir/no-flush" \( -name '*.o' -o -name '*.cmd' -o -name '*.ko' -o -name '*.mod*' \) -delete
sed -i 's/dm-remap/dm-remap-no-flush/' "$dir/no-flush/Kbuild"
patch -s -d "$dir/no-flush" -p1 <"$vm/mutants/no-flush.patch" ||
	die "mutants/no-flush.patch does not fit src/ any more"
case $guest in
uml) kdir=$("$top/scripts/guest-uml.sh")/linux arch=ARCH=um ;;
*) kdir=/lib/modules/$(stock_kernel)/build arch= ;;
esac
say "$guest: the module without its flushes"
make -s -C "$kdir" M="$dir/no-flush" $arch modules >"$dir/no-flush.log" 2>&1 || {
	cat "$dir/no-flush.log" >&2
	die "the module without its flushes does not build"
}
cp "$dir/no-flush/dm-remap-no-flush.ko" "$tests"

status=0
"$vm/run" --guest "$guest" --no-build --dir "$tests" || status=1
log=$build/vm/$guest/logs/power-cuts.log

# result NAME: its line of the log, as $n $lost $wrong $writes $remaps
result() {
	read -r n lost wrong writes remaps < <(sed -n "s/^RESULT $1 //p" "$log" 2>/dev/null) ||
		n=0 lost=0 wrong=0 writes=0 remaps=0
}

sed '/^RESULT module/,$d' "$log" 2>/dev/null | grep '^cut ' | head -n 20 || true
echo "with $(tr '\n' ' ' <"$tests/params")"
result module
echo "power cuts: $n (wanted: $cuts), lost writes: $lost (bar: 0)," \
	"other wrong sectors: $wrong (bar: 0);" \
	"$writes writes acknowledged, $remaps blocks remapped"
[ "$n" -eq "$cuts" ] && [ "$lost" -eq 0 ] && [ "$wrong" -eq 0 ] || status=1
[ "$remaps" -gt 0 ] || status=1
result control
echo "control, without the module's flushes: $n power cuts, lost writes: $lost (bar: at least 1)"
[ "$lost" -gt 0 ] || status=1
exit $status
