# refuse-second: no second device over the same main, spare or set, and no second target beside it
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

said=()

refused() { # SENTENCE MAIN SPARE
	said+=("$1")
	! dmsetup create no --table "0 32768 remap $2 $3" 2>/dev/null || fail "taken: $*"
}

m1=$(make_disk m1 16)
m2=$(make_disk m2 16)
s1=$(make_disk s1 16)
s2=$(make_disk s2 16)
s3=$(make_disk s3 16)
dmremap format "$m1" "$s2" --yes
remap_create d0 "$m1" "$s1"

refused 'Main is already in use by another remap device' "$m1" "$s2"
refused 'Main is already in use by another remap device' "$m1" "$s1"
refused 'Spare or main is already in use by another remap device' "$m2" "$s1"
dmremap format "$m2" "$s3" --yes
! dmsetup create no --table "0 32768 remap $s1 $s3" 2>/dev/null || fail "its spare as main"
said+=('Spare or main is already in use by another remap device')

# A clone of the spare, over another disk.
remap_close d0
dd if="$s1" of="$s3" bs=64k conv=fsync status=none
remap_open d0 "$m1" "$s1"
refused 'Another remap device uses a spare of the same set; is this one a clone?' "$m2" "$s3"

ctr_errors >/tmp/heard
printf '%s\n' "${said[@]}" >/tmp/said
diff /tmp/said /tmp/heard

# Not even in one table, and not beside another target.
expect_fail . dmsetup create no --table "0 32760 remap $m2 $s2
32760 8 linear $m1 0"
expect_fail . dmsetup create no --table "0 8 linear $m1 0
8 32760 remap $m2 $s2"

# The tool says the same in its own words, and leaves the first one alone.
expect_status 5 dmremap open d1 "$m1" "$s2"
expect_status 5 dmremap open d1 "$m1" "$s1"
expect_status 5 dmremap open d1 "$m2" "$s1"
expect_fail 'clone' dmremap open d1 "$m2" "$s3"
fill_pattern "$dev" 0 64 1
verify_pattern "$dev" 0 64 1
get_status d0
assert_eq "$st_mode" rw

# Another set beside it is welcome.
remap_create d2 "$m2" "$s2" --force
remap_close d2
