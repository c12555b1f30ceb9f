# refuse-copies: what the kernel says of spares whose copies cannot be believed: two histories, unreadable, left behind
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

said=()

# refused SENTENCE TOOL SAYS: by the kernel and by the tool, forced or not.
refused() {
	said+=("$1")
	! dmsetup create no --table "0 32768 remap $main $spare" 2>/dev/null || fail "taken: $1"
	expect_fail "$2" dmremap open no "$main" "$spare"
}

# not_forced TOOL SAYS: there is nothing in it that could be shown.
not_forced() {
	expect_fail "$1" dmremap open no "$main" "$spare" --force
	! dmsetup create no --table "0 32768 remap $main $spare 1 force_readonly" 2>/dev/null ||
		fail "forced: $1"
	said+=("${said[-1]}")
}

# put FILE [SECTOR]: the spare as it was, or that block of it. Both past the page
# cache, as the kernel writes it.
put() {
	dd if="$1" of="$spare_disk" bs=4k ${2:+skip="$(($2 / 8))" seek="$(($2 / 8))" count=1} \
		oflag=direct conv=notrunc status=none
}

keep() {
	dd if="$spare_disk" of="$1" bs=4k count=512 iflag=direct status=none
}

# history AT FILE: one more activation, with a remap at AT.
history() {
	put /tmp/begin
	quick_open
	bad fmain "$1" 8 write ioerr
	fill_pattern "$dev" $(($1 - 8)) 16 2 bs=16
	dmsetup remove d0
	good fmain all
	keep "$2"
}

# Four copies. The same spare goes on in two ways: the same generations, with
# other content.
small_pair 2048
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 256 1
copies_of d0
remap_close d0
keep /tmp/begin
history 80 /tmp/one
history 160 /tmp/other

# A third way, with as many writes of metadata: the last superblock names one copy less.
put /tmp/begin
quick_open
break_copy 3 write
dmsetup remove d0
good fspare all
keep /tmp/fewer

put /tmp/other
put /tmp/fewer "${copy_at[2]}"
refused 'Spare has superblocks that contradict each other; see dmremap check' 'two histories'
not_forced 'two histories'
expect_status 4 dmremap check "$spare" >/tmp/check
grep -qi 'histories' /tmp/check || fail "check: $(</tmp/check)"

# Two histories of a table block, under superblocks that say the same: found when the
# tables are read, at the resume.
put /tmp/other
put /tmp/one "${copy_at[2]}"
put /tmp/one $((copy_at[2] + 8))
expect_fail . dmsetup create d0 --table "0 32768 remap $main $spare"
expect_dmesg 'remap: [0-9:]+: no copy of table block 0 can be believed; see dmremap check$'
dmsetup remove d0 2>/dev/null || true
expect_fail 'lost metadata' dmremap open d0 "$main" "$spare"
expect_status 4 dmremap check "$spare" >/tmp/check
cat /tmp/check
put /tmp/other

# Nothing that can be read; and one that can be, but is garbage.
tell fspare fail read medium
refused 'No superblock of the spare can be read; check its cable and its health' \
	'cannot be read where its superblocks are'
not_forced 'cannot be read where its superblocks are'
tell fspare fail none
destroy_copy 1
for i in 0 2 3; do
	break_copy $i read
done
refused 'No superblock of the spare can be read; check its cable and its health' \
	'cannot be read where its superblocks are'
good fspare all
put /tmp/other

# A copy that was left behind, and is all that can be read.
quick_open
no_alternates
break_copy 3 write
bad fmain 240 8 write ioerr
fill_pattern "$dev" 232 16 2 bs=16
copies_of d0
assert_eq "${copy_state[3]}" expelled
dmsetup remove d0
good fspare all
for i in 0 1 2; do
	break_copy $i read
done
refused 'Only copies that were left behind can be read; see dmremap check' 'left behind'

ctr_errors >/tmp/heard
printf '%s\n' "${said[@]}" >/tmp/want
diff /tmp/want /tmp/heard

# Of all this nothing was written.
good fspare all
remap_open d0 "$main" "$spare"
all_in_sync d0
verify_pattern "$dev" 152 16 2 bs=16
verify_pattern "$dev" 232 16 2 bs=16
get_status d0
assert_eq "$st_slots_used" 2
