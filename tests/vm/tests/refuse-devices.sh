# refuse-devices: main and spare as they may not be: sizes, places, block sizes, zones
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
. "$VM/lib.sh"

said=()

# refused SENTENCE LENGTH MAIN SPARE
refused() {
	said+=("$1")
	! dmsetup create no --table "0 $2 remap $3 $4" 2>/dev/null || fail "taken: $2 $3 $4"
}

main=$(make_disk dmain 16)
big=$(make_disk big 16 lbs=4096)
big_spare=$(make_disk bigspare 16 lbs=4096)
disk=$(make_disk dspare 16)

# At the smallest size, and a sector below.
dmsetup create s72 --table "0 72 linear $disk 0"
dmsetup create s71 --table "0 71 linear $disk 8192"
spare=/dev/mapper/s72
expect_fail 'too small .*smallest size that works is 36 KiB' \
	dmremap format "$main" /dev/mapper/s71 --yes
out=$(dmremap format "$main" "$spare" --yes 2>&1)
assert_match "$out" 'room for 3 blocks'
assert_match "$out" 'small: it has two copies'
declare_spare "$spare"
refused 'Spare is too small; it needs at least 36 KiB' 32768 "$main" /dev/mapper/s71

refused 'Length is beyond the end of main' 32769 "$main" "$spare"
refused 'Length is not a multiple of main.s logical block size' 32764 "$big" "$spare"
refused 'Logical blocks of the spare are larger than main.s; use another spare' \
	32768 "$main" "$big_spare"
refused 'Logical block size of main has changed since the spare was formatted' \
	32768 "$big" "$spare"

# The same device by another name, a partition and its disk, a partition askew.
refused 'Main and spare are the same device or overlap; use a spare of its own' \
	32768 "$main" "$(stat -c '%Hr:%Lr' "$main")"
pdisk=$(make_disk pd 32)
partition "$pdisk" 2048 8192 10241 8192
p1=$(part "$pdisk" 1)
p2=$(part "$pdisk" 2)
refused 'Spare device not found or busy; check its path and who holds it' 32768 "$pdisk" "$p1"
refused 'Spare does not start at a multiple of 4 KiB; align the partition' 32768 "$main" "$p2"
expect_fail 'starts at sector 10241' dmremap format "$main" "$p2" --yes
expect_fail 'is a part of main' dmremap format "$pdisk" "$p1" --yes
expect_fail 'lies on spare' dmremap format "$p1" "$pdisk" --yes
expect_fail 'the same device' dmremap format "$main" "$main" --yes
expect_fail 'does not exist' dmremap format /dev/nowhere "$spare" --yes
expect_fail 'does not exist' dmremap create d0 "$main" /dev/nowhere --yes

# Held by somebody who is not of dm.
mkdir /tmp/m
mkfs.ext4 -q -F "$big"
mount "$big" /tmp/m
refused 'Main device not found or busy; check its path and who holds it' 32768 "$big" "$spare"
umount /tmp/m

zoned=$(make_disk zoned 32 zone_size=8 zoned=1 2>/dev/null) || true
if [ -b "$zoned" ]; then
	refused 'Zoned devices are not supported' 32768 "$zoned" "$spare"
	expect_fail 'zoned device' dmremap format "$zoned" "$spare" --yes --force
fi

ctr_errors | tr \' . >/tmp/heard
printf '%s\n' "${said[@]}" >/tmp/said
diff /tmp/said /tmp/heard
