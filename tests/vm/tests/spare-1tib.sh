# spare-1tib: a spare of 1 TiB: 4 MiB of memory at most, and nothing read that was never written
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: uml
. "$VM/lib.sh"
. "$VM/tests/job.inc"

main_disk=$(make_disk dmain 64)
spare_disk=$(loop_disk big 1048576)
main=$(faulty fmain "$main_disk" main)
spare=$(faulty fspare "$spare_disk" spare)
remap_create d0 "$main" "$spare"
tell fmain scatter 0 64 1000 8 both ioerr
fill_pattern "$dev" 0 64000 1 bs=2048 flush
get_status d0
assert_eq "$st_slots_used $st_slots_total" "1000 268435456"

# Nor does a comparison of all copies read what is not there.
hwm=$((st_hwm_slots / 504))
run_job "verify done $hwm $hwm 0" verify
remap_close d0

# free_kb: memory that is really free.
free_kb() {
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^MemFree:/ { print $2 }' /proc/meminfo
}

# A mean of several: others take memory, too.
memory=0
log_start fspare
for i in 1 2 3 4; do
	before=$(free_kb)
	dmsetup create d0 --table "0 $(sectors "$main_disk") remap $main $spare"
	memory=$((memory + before - $(free_kb)))
	[ $i -gt 1 ] || log_stop fspare
	verify_pattern "$dev" 0 64000 1 bs=2048
	dmsetup remove d0
done
echo "open with 1000 remaps: $((memory / 4)) KiB (bar: at most 4096)"
assert_ge 4096 $((memory / 4)) "KiB of memory"

# What lies below the mark is read once from each copy, and little else: the bar of
# a second is kept by that, not by the speed of this machine.
log_complete
read=$(log_lines 'key == "spare" && op == "R"' | awk '{ n += $6 } END { print n / 8 }')
want=$((5 * 8)) # the first chunk of five copies; a thousand blocks before it are implied
echo "blocks read: $read (copies x table: $want)"
assert_ge $((want + 5 * 4)) "$read" "blocks read at most"
assert_ge "$read" "$want" "blocks read at least"
