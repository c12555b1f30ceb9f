# job-verify: verify finds what differs in any copy, and rewrites it; what it cannot compare it says
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
. "$VM/lib.sh"
. "$VM/tests/copies.inc"
. "$VM/tests/job.inc"

small_pair 3072
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 512 1 bs=128 flush
run_job 'remap done 20 20 0' remap 10 20
copies_of d0
hwm=$(($(status_field d0 hwm_slots) / 504))
[ $((hwm * 504)) -eq "$(status_field d0 hwm_slots)" ] || hwm=$((hwm + 1))

# Nothing differs, nothing is written.
log_start fspare
run_job "verify done $hwm $hwm 0" verify
log_stop fspare
assert_eq "$(log_count 'op == "W"') $(status_field d0 blocks_repaired)" "0 0"

# Each copy in turn, whole: its table, its superblock, its auxiliary block.
for c in "${!copy_at[@]}"; do
	before=$(status_field d0 blocks_repaired)
	destroy_copy "$c"
	run_job "verify done $hwm $hwm 0" verify
	assert_eq $(($(status_field d0 blocks_repaired) - before)) $((hwm + 2)) "repaired"
	all_in_sync d0
	run_job "verify done $hwm $hwm 0" verify
	assert_eq $(($(status_field d0 blocks_repaired) - before)) $((hwm + 2)) "repaired again"
done

# A block that cannot be read and can be written: rewriting it is the cure.
tell fspare pending $((copy_at[1] + 8)) 8
run_job "verify done $hwm $hwm 0" verify
expect_dmesg 'copy 1 of table block 0 is damaged: rewritten'

# What is noted and not written yet is no difference.
bad fmain 2000 1 read medium
expect_fail ENODATA read_sectors "$dev" 2000 8
run_job "verify done $hwm $hwm 0" verify
good fmain all
fill_pattern "$dev" 2000 8 1

# Each of them alone is enough by now.
for c in "${!copy_at[@]}"; do
	dmsetup remove d0
	destroy_others "$c"
	quick_open
	verify_pattern "$dev" 0 512 1 bs=128
	all_in_sync d0
done

# Too few copies to write: said, and nothing else.
dmsetup message d0 0 freeze
run_job "verify done $hwm $hwm 0" verify
dmremap thaw d0
no_alternates
break_copy 1 write
bad fmain 480 8 write ioerr
fill_pattern "$dev" 472 16 1 bs=16
assert_match "$(status_field d0 copies)" expelled
before=$(status_field d0 blocks_repaired)
run_job "verify done $hwm $hwm 0" verify
assert_status d0 blocks_repaired "$before" "repaired in a copy that was left behind"
for c in "${!copy_at[@]}"; do
	[ "$c" -eq 0 ] || break_copy "$c" write
done
bad fmain 400 8 write ioerr
expect_fail . fill_pattern "$dev" 400 8 2
assert_status d0 mode map-ro
run_job "verify failed 0 $hwm $hwm" verify
good fspare all
dmremap thaw d0
run_job "verify done $hwm $hwm 0" verify
