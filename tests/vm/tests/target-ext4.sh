# target-ext4: a filesystem with a journal survives losing the volatile cache
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
# needs: ext4
. "$VM/lib.sh"

lower=$(make_disk x 64)
dev=$(faulty fx "$lower" x)
mkfs.ext4 -q "$dev"
mkdir /tmp/m
for seed in 1 2 3; do
	tell fx cache on
	mount "$dev" /tmp/m
	echo "kept $seed" >/tmp/m/kept
	sync /tmp/m/kept
	for i in 1 2 3 4 5 6 7 8; do
		echo "$i" >"/tmp/m/lost-$seed-$i"
	done
	tell fx powercut $seed
	umount /tmp/m
	tell fx revive
	e2fsck -fp "$dev" || [ $? -eq 1 ]
	mount "$dev" /tmp/m
	assert_eq "$(</tmp/m/kept)" "kept $seed"
	umount /tmp/m
done
