# refuse-other-main: a main written behind our back, or another partition of its size, is refused
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
# needs: dm-remap dmremap ext4
. "$VM/lib.sh"

disk=$(make_disk dmain 64)
partition "$disk" 2048 32768 34816 32768
printf 'ABCD' | dd of="$disk" bs=1 seek=440 conv=notrunc,fsync status=none
blockdev --rereadpt "$disk"
main=$(part "$disk" 1)
other=$(part "$disk" 2)
spare=$(make_disk dspare 16)
mkdir /tmp/m
mkfs.ext4 -q -F "$main"
remap_create d0 "$main" "$spare"
mount "$dev" /tmp/m
echo one >/tmp/m/file
umount /tmp/m
remap_close d0

# Mounted through us it may change as it likes.
remap_open d0 "$main" "$spare"
remap_close d0

# The same size, another place: the kernel cannot know, the tool does.
expect_fail 'PARTUUID|partition' dmremap open d0 "$other" "$spare"
dd if="$main" of="$other" bs=64k conv=fsync status=none
expect_fail 'PARTUUID|partition' dmremap open d0 "$other" "$spare"

# Mounted without us: the blocks on the spare may be older now.
mount "$main" /tmp/m
echo two >/tmp/m/file
umount /tmp/m
! dmsetup create d0 --table "0 32768 remap $main $spare" 2>/dev/null || fail "taken"
assert_eq "$(ctr_errors)" "Main was written without dm-remap since its close, or is another disk"
expect_status 4 dmremap open d0 "$main" "$spare"
expect_fail 'was written without dm-remap' dmremap open d0 "$main" "$spare"
remap_open d0 "$main" "$spare" --force
get_status d0
assert_eq "$st_mode" readonly
expect_fail . fill_pattern "$dev" 0 8 1
remap_close d0
expect_fail . dmremap open d0 "$main" "$spare"
