# target-stress: faults, holds and power cuts from several sides at once
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
# needs: fio
# timeout: 180
. "$VM/lib.sh"

faulty_pair 32 32
tell fmain cache on
tell fmain scatter 64 1024 60 8 both medium
tell fmain delay 2 0 4096
tell fspare scatter 0 512 100 1 write ioerr
log_start fmain

# I/O errors are what this is about; a hang or a complaint is what fails.
for dev in "$main" "$spare"; do
	fio --name=s --filename="$dev" --direct=1 --rw=randrw --bs=512-32k --size=32M \
		--ioengine=io_uring --iodepth=16 --numjobs=2 --time_based --runtime=10 \
		--fdatasync=32 \
		--continue_on_error=all --minimal >/dev/null 2>&1 &
done
busy() {
	get_faulty "$1"
	[ "$faulty_writes" -ge 10 ]
}
# fio takes its time to start here.
wait_until 60 busy fmain
wait_until 60 busy fspare

for ((i = 0; i < 12; i++)); do
	tell fmain hold $((i * 512)) 256 both
	tell fspare hold-end $((i * 512)) 256 both
	read -rt 0.2 -u "$nothing" || true
	tell fmain release
	tell fspare release
	tell fmain cut-at 5 write $i
	tell fmain fail-nth 3 flush ioerr
	tell fmain good $((64 + i * 1024)) 4
	read -rt 0.2 -u "$nothing" || true
	tell fmain powercut-all $i
	tell fmain revive-all
done
tell fmain calm-all
wait
io_powercut 1

# Whatever happened: the numbers add up, and the disk is one again.
for dev in fmain fspare; do
	get_faulty "$dev"
	assert_eq "$faulty_in_flight $faulty_held $faulty_dirty" "0 0 0"
	assert_ge "$faulty_failed" 1
	fill_pattern "/dev/mapper/$dev" 0 65536 1 bs=64
	verify_pattern "/dev/mapper/$dev" 0 65536 1 bs=64
done
