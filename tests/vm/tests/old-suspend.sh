# old-suspend: suspend and resume, twice and more, keep remaps; status changes nothing
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 512 1
bad fmain 80 8 both ioerr

# "Each status call toggles a lock": asked before the first error, and often.
for i in 1 2 3; do
	dmsetup status d0 >/dev/null
done
fill_pattern "$dev" 72 16 2 bs=16

# "After suspend and resume remapped sectors read old data, the next suspend is an oops."
for i in 1 2 3; do
	dmsetup suspend d0
	dmsetup status d0 >/dev/null
	dmsetup resume d0
	verify_pattern "$dev" 72 16 2 bs=16
	bad fmain $((160 + i * 16)) 8 both ioerr
	fill_pattern "$dev" $((152 + i * 16)) 16 3 bs=16
done
get_status d0
assert_eq "$st_slots_used" 4
assert_eq "$st_mode" rw

# Without lock_fs, without a flush, and suspended when it goes.
dmsetup suspend --nolockfs d0
dmsetup resume d0
dmsetup suspend --noflush d0
dmsetup resume d0
verify_pattern "$dev" 168 48 3 bs=48
dmsetup suspend d0
dmsetup status d0 >/dev/null
expect_fail . dmsetup message d0 0 thaw
dmsetup remove d0
dmremap check "$spare"
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 72 16 2 bs=16
verify_pattern "$dev" 168 48 3 bs=48

# A write held by the error worker when suspend begins: it ends, soon, and well.
bad fmain 320 8 both ioerr
fill_pattern "$dev" 320 8 4 & lone=$!
read -rt 0.2 -u "$nothing" || true
dmsetup suspend d0
wait $lone
dmsetup resume d0
verify_pattern "$dev" 320 8 4
get_status d0
assert_eq "$st_held" 0

# A suspend that is interrupted: as if it had not been asked for, held writes and all.
tell fmain hold 400 8 write
fill_pattern "$dev" 400 8 5 & lone=$!
wait_held fmain 1
command dmsetup suspend --nolockfs d0 & asked=$!
read -rt 1 -u "$nothing" || true
kill -TERM $asked
wait $asked && fail "suspended with a write under way"
tell fmain release
wait $lone
verify_pattern "$dev" 400 8 5
bad fmain 408 8 both ioerr
fill_pattern "$dev" 408 8 6
verify_pattern "$dev" 408 8 6
assert_status d0 mode rw
