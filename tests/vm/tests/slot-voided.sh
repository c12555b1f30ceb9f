# slot-voided: a slot write that somebody else's failed flush has voided is written again before it is acknowledged
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

faulty_pair 16 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 256 1 flush
bad fmain 80 8 write ioerr
log_start fspare
fill_pattern "$dev" 72 16 2 bs=16
slot=$(log_lines 'key == "spare" && op == "W"' | awk '{ print $5; exit }')
log_stop fspare

# A write to the slot is done, its completion parked; a flush fails meanwhile.
log_start fspare
tell fspare hold-end "$slot" 8 write
fill_pattern "$dev" 80 8 3 &
writer=$!
wait_held fspare 1
tell fspare fail-nth 1 flush ioerr
bad fmain 160 8 write ioerr
fill_pattern "$dev" 152 16 2 bs=16
kill -0 $writer
tell fspare release
wait $writer
log_stop fspare
assert_ge "$(log_count "key == \"spare\" && op == \"W\" && sector == $slot && flags ~ /fua/")" 2 \
	"FUA writes of the slot"
verify_pattern "$dev" 80 8 3
assert_status d0 mode rw
