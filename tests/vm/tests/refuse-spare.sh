# refuse-spare: spares that ctr and open refuse by what is on them, or by sizes that no longer fit
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
. "$VM/lib.sh"

said=()

# refused SENTENCE LENGTH SPARE [TOOL SAYS]: by the kernel, and by open
refused() {
	said+=("$1")
	! dmsetup create no --table "0 $2 remap $main $3" 2>/dev/null || fail "taken: $*"
	[ -z "${4-}" ] || expect_fail "$4" dmremap open no "$main" "$3"
}

# Spares of the smallest size: copies at 0 and slot 6.
disk=$(make_disk dspare 16)
for i in 1 2 3; do
	dmsetup create "s$i" --table "0 72 linear $disk $((i * 4096))"
done
a=/dev/mapper/s1
b=/dev/mapper/s2
c=/dev/mapper/s3
main_disk=$(make_disk dmain 16)
dmsetup create m --table "0 16384 linear $main_disk 0"
main=/dev/mapper/m

refused 'Spare is not formatted for dm-remap; format it with dmremap format' 16384 "$a" \
	'is it the right device'
fs=$(make_disk fs 16)
mkfs.ext4 -q -F "$fs"
refused 'Spare is not formatted for dm-remap; format it with dmremap format' 16384 "$fs" \
	'is it the right device'

dmremap format "$main" "$a" --yes --force
dmremap format "$main" "$b" --yes --force
refused 'Length is beyond the end of main' 16392 "$a"

# One byte of both superblocks: damaged, foreign, newer.
put() { # SPARE BYTE VALUE: at that byte of both
	printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
	printf '%b' "$3" | dd of="$1" bs=1 seek=$((6 * 4096 + $2)) conv=notrunc status=none
}
dd if="$a" of=/tmp/a status=none
put "$a" 8 '\005'
refused 'Spare has a newer format than this module knows; use a newer dm-remap' 16384 "$a" \
	'update this one'
put "$a" 8 '\003'
! dmsetup create no --table "0 16384 remap $main $a" 2>/dev/null || fail "version 3 taken"
said+=("$(ctr_errors | tail -n 1)")
put "$a" 8 '\004'
put "$a" 3000 x
refused 'All superblocks of the spare are damaged; see dmremap check' 16384 "$a" \
	'dmremap check'
dd if=/tmp/a of="$a" status=none
dd if="$b" of="$a" bs=4096 skip=6 seek=6 count=3 conv=notrunc status=none
refused 'Spare has superblocks of different sets; see dmremap check' 16384 "$a" 'dmremap check'
dd if=/tmp/a of="$a" status=none

# Sizes. `a` is whole again.
resize() { # NAME SECTORS
	dmsetup load "$1" --table "0 $2 linear $3 $4"
	dmsetup resume "$1"
}
resize m 16376 "$main_disk" 0
refused 'Main is smaller than the one the spare was formatted for; wrong main?' 16376 "$a" .
resize m 16392 "$main_disk" 0
refused 'Length is beyond main as it was when the spare was formatted' 16392 "$a"
dmsetup create yes --table "0 16384 remap $main $a"
dmsetup remove yes
resize m 16384 "$main_disk" 0

dmsetup create big --table "0 2048 linear $disk 16384"
dmremap format "$main" /dev/mapper/big --yes --force
resize big 2040 "$disk" 16384
refused 'Spare is smaller than when it was formatted; restore its size' 16384 /dev/mapper/big .
resize big 4096 "$disk" 16384
remap_open d0 "$main" /dev/mapper/big
get_status d0
assert_eq "$st_slots_total" 256 "slots of a spare that has grown"
remap_close d0
declare_spare /dev/mapper/big

dmremap format "$main" "$c" --yes --force
declare_spare "$c"
dmsetup create other --table "0 32768 linear $main_disk 0"
dmsetup create no --table "0 16384 remap /dev/mapper/other $c" # larger: may be the same, grown
dmsetup remove no

ctr_errors >/tmp/heard
printf '%s\n' "${said[@]}" >/tmp/said
diff /tmp/said /tmp/heard
