# load-evidence: a suspend cuts short the wait for evidence of a lone write
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

faulty_pair 16 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 256 1 bs=128
for at in 80 160; do
	bad fmain $at 8 write ioerr
	tell fmain hold-end $at 8 write
	fill_pattern "$dev" $at 8 2 & writer=$!
	wait_held fmain 1
	dmsetup suspend --nolockfs d0 & suspender=$!
	read -rt 0.3 -u "$nothing" || true
	start=$EPOCHREALTIME
	tell fmain release
	wait $suspender
	stop=$EPOCHREALTIME
	dmsetup resume d0
	# by the allowance: reference reads succeed
	wait $writer
	echo "suspended after $(((${stop/./} - ${start/./}) / 1000)) ms"
	[ "$GUEST" != uml ] || assert_le $(((${stop/./} - ${start/./}) / 1000)) 900 "milliseconds"
	verify_pattern "$dev" $at 8 2
done
assert_status d0 verdicts_allowance 2
