# faults: the k-th I/O or allocation of an operation fails: nothing is lost, nothing hangs, the set opens again
# SPDX-License-Identifier: GPL-2.0-only
# guest: uml
# needs: dm-remap dmremap failslab fail_page_alloc
# timeout: 300
. "$VM/lib.sh"

# KiB of the spare, sectors of main, what faults.c wants. Every second I/O of some operations
# here; tests/vm/faults.sh asks for every one of all.
some="open-crashed write-bad rewrite-pending slot-fails-used close thaw-doubt job-unmap copy-moves"
runs=("512 512 ioerr 2,11 20 $some")
[ ! -e "$VM/tests/faults-params" ] || . "$VM/tests/faults-params"

# what waits for memory is to find soon that there is some
echo 1 >/sys/module/dm_remap/parameters/calm_ms

# Main is a loop device: it knows write-zeroes.
main_disk=$(loop_disk m 16)
spare_disk=$(make_disk dspare 32)
# Others keep the caches that dm's tables share: to make and to lose them for each table
# takes most of the time, and the kernel leaks when making one fails.
dmsetup create keeper0 --table "0 8 zero"
dmremap create --yes keeper "$(make_disk kmain 1)" "$(make_disk kspare 1)" >/dev/null
wrong=0
for run in "${runs[@]}"; do
	read -r spare_kb main_sect how stride every names <<<"$run"
	read -ra names <<<"$names"
	dmsetup create fmain --table "0 $main_sect remap-test $main_disk main"
	dmsetup create fspare --table "0 $((spare_kb * 2)) remap-test $spare_disk spare"
	fill_pattern /dev/mapper/fmain 0 512 1 bs=64
	dmremap format --yes --force /dev/mapper/fmain /dev/mapper/fspare >/dev/null
	faults "$main_disk" "$spare_disk" "$how" "$stride" "$every" "${names[@]}" || wrong=1
	dmremap check /dev/mapper/fspare >/tmp/check || wrong=1
	dmsetup remove faults fmain fspare
done
[ "$wrong" -eq 0 ] || fail "a fault did more than fail: see above"
