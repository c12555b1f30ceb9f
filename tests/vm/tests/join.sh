# join: two writers on one bad block at once share a slot; a write during its commit waits, then lands in the slot
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

faulty_pair 16 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 512 1 bs=128

# The second error comes while the first is being worked on.
bad fmain 80 8 write ioerr
tell fspare hold 0 1 flush
fill_pattern "$dev" 80 2 2 bs=1 & one=$!
fill_pattern "$dev" 84 4 3 bs=4 & two=$!
wait_held fspare 1
# Inside the commit: held back (R13), though main would take it now.
good fmain 80 8
fill_pattern "$dev" 82 1 4 bs=1 & three=$!
fill_pattern "$dev" 240 8 4
read -rt 0.5 -u "$nothing" || true
kill -0 $three
# Reads go on.
read_sectors "$dev" 80 8
tell fspare release
wait $one $two $three
verify_pattern "$dev" 80 2 2 bs=1
verify_pattern "$dev" 82 1 4 bs=1
verify_pattern "$dev" 83 1 1 bs=1
verify_pattern "$dev" 84 4 3
assert_status d0 slots_used 1
assert_status d0 held 0

# Many at once, some of them overlapping two blocks.
bad fmain 160 16 write ioerr
for s in 160 162 164 166 168 170 172 174; do
	fill_pattern "$dev" $s 2 5 bs=2 &
done
wait
verify_pattern "$dev" 160 16 5
assert_status d0 slots_used 3
remap_close d0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 160 16 5
verify_pattern "$dev" 82 1 4 bs=1
