# io-zeroes: write-zeroes goes to main as such, over a moved block as zeroes to its slot
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

main=$(faulty fmain "$(loop_disk m 16)" main)
spare=$(faulty fspare "$(make_disk dspare 16)" spare)
[ "$(queue_attr "$main" write_zeroes_max_bytes)" != 0 ] || skip "no write-zeroes below"
remap_create d0 "$main" "$spare"
assert_eq "$(queue_attr "$dev" write_zeroes_max_bytes)" \
	"$(queue_attr "$main" write_zeroes_max_bytes)"

fill_pattern "$dev" 0 512 1
bad fmain 80 8 write ioerr
bad fmain 204 1 write ioerr
fill_pattern "$dev" 72 16 2 bs=16
fill_pattern "$dev" 203 3 2 bs=3
get_status d0
assert_eq "$st_slots_used" 2

# Where nothing moved.
log_start fmain
iomix punch "$dev" 256 64
log_stop fmain
assert_eq "$(log_count 'key == "main" && op == "Z" && sector == 256 && nr == 64')" 1
assert_eq "$(log_count 'op != "R"')" 1
verify_pattern "$dev" 256 64 0

# Over the moved block.
log_start fmain
iomix punch "$dev" 64 32
log_stop fmain
places=$(log_lines 'key == "main" && op == "Z"' | awk '{ printf "%d+%d ", $5, $6 }')
assert_eq "$places" "64+16 88+8 "
assert_eq "$(log_count 'key == "main" && op == "W"')" 0
assert_eq "$(log_count 'key == "spare" && op == "W" && nr == 8')" 1
assert_eq "$(log_count 'key == "spare" && op == "Z"')" 0
verify_pattern "$dev" 64 32 0
verify_pattern "$dev" 56 8 1
verify_pattern "$dev" 96 8 1

# Over a block of which three sectors moved, both ways.
iomix punch "$dev" 202 3
verify_pattern "$dev" 200 2 1 bs=2
verify_pattern "$dev" 202 3 0 bs=3
verify_pattern "$dev" 205 1 2 bs=1
verify_pattern "$dev" 206 2 1 bs=2
iomix zero "$dev" 192 64
verify_pattern "$dev" 192 64 0

# Its errors go up, or the caller falls back to writes, which are protected.
tell fmain fail zeroes ioerr 1
expect_fail EIO iomix punch "$dev" 320 8
get_status d0
assert_eq "$st_slots_used $st_slots_pending" "2 0"
bad fmain 400 8 write+zeroes ioerr
if ! said=$(iomix zero "$dev" 384 64 2>&1); then
	assert_match "$said" EIO "newer kernels leave it to the caller"
	dd if=/dev/zero of="$dev" bs=4k seek=48 count=8 oflag=direct status=none
fi
verify_pattern "$dev" 384 64 0
get_status d0
assert_eq "$st_slots_used" 3

remap_close d0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 64 32 0
verify_pattern "$dev" 192 64 0
verify_pattern "$dev" 384 64 0

# While nothing can be moved: to the slot what lives there, as zeroes, and to main the rest.
bad fmain 512 8 write+zeroes ioerr
fill_pattern "$dev" 514 1 3 bs=1
good fmain all
dmsetup message d0 0 freeze
fill_pattern "$dev" 512 8 4
iomix zero "$dev" 512 8
verify_pattern "$dev" 512 8 0
verify_pattern "$main" 512 2 0 bs=2
verify_pattern "$main" 515 5 0 bs=5
