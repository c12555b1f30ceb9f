# swap: with 32 MiB of memory left, swap on a device whose blocks go bad, suspended now and then: no page is lost
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# needs: dm-remap dmremap
# timeout: 300
# disk: virtio 640
# disk: virtio 64
. "$VM/lib.sh"

# At length, and in a guest that has no more memory: tests/vm/swap.sh. Disks of the
# host's, as RAM disks would take the memory that they are to give.
main=$(faulty fmain "$(disk 0)" main)
spare=$(faulty fspare "$(disk 1)" spare)
remap_create d0 "$main" "$spare" --allowance 65536
mkswap "$dev"
echo 1 >/proc/sys/vm/overcommit_memory
memlock 32 >/tmp/locked &
lock=$!
wait_until 60 grep -q locked /tmp/locked
swapon "$dev"

swapfaults d0 fmain "$(sectors "$dev")" 1 &
faults=$!
# without it the device stays suspended
echo -1000 >/proc/$faults/oom_score_adj
swaphog 256 45 2 1
kill $faults $lock
wait $faults
get_status d0
assert_eq "$st_mode" rw
assert_ge "$st_remaps" 20 remaps
swapoff "$dev"
remap_close d0
