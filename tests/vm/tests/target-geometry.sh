# target-geometry: 4 KiB sectors, no FUA, no cache, io_uring, fio on top
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
# needs: fio
. "$VM/lib.sh"

lower=$(make_disk big 16 lbs=4096 discard=1)
dev=$(faulty fbig "$lower" big)
assert_eq "$(queue_attr "$dev" logical_block_size)" 4096
tell fbig cache on
fill_pattern "$dev" 0 1024 1 uring
tell fbig powercut 3
tell fbig revive
verify_pattern "$dev" 0 1024 0,1
# Blocks of 4 KiB do not tear within.
list_pattern "$dev" 0 1024 | awk '{ split($1, a, "+"); if (a[1] % 8 || a[2] % 8) exit 1 }'
fill_pattern "$dev" 0 64 2
blkdiscard -o 0 -l 8192 "$dev"
verify_pattern "$dev" 0 16 0
verify_pattern "$dev" 16 48 2

lower=$(make_disk plain 16)
if [ "$GUEST" != sid ]; then # there, a target cannot hide FUA
	dev=$(faulty fplain "$lower" plain nofua)
	assert_eq "$(queue_attr "$dev" write_cache)" "write back"
	assert_eq "$(queue_attr "$dev" fua)" 0
	fill_pattern "$dev" 0 8 1 fua
	assert_ge "$(faulty_field fplain flushes)" 1 "a flush for the FUA"
	dmsetup remove fplain
fi
dev=$(faulty fplain "$lower" plain nocache)
assert_eq "$(queue_attr "$dev" write_cache)" "write through"
flush_dev "$dev"
assert_eq "$(faulty_field fplain flushes)" 0
dmsetup remove fplain

dev=$(faulty fplain "$lower" plain)
tell fplain cache on
tell fplain delay 1 0 512
fio --name=x --filename="$dev" --ioengine=io_uring --iodepth=8 --direct=1 --rw=randrw \
	--bs=512-16k --size=8M --io_size=4M --verify=crc32c --fsync=64 --verify_fatal=1 \
	--minimal >/tmp/fio.out || { cat /tmp/fio.out; fail fio; }
