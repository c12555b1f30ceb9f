# collision: a write to the spare that is led astray is refused, counted and logged, whatever it carries (R3)
# SPDX-License-Identifier: GPL-2.0-only
# guest: uml
. "$VM/lib.sh"

# parameters of a module built with REMAP_DEBUG=1
param=/sys/module/dm_remap/parameters

faulty_pair 64 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 512 1

log_start fspare
bad fmain 80 8 both ioerr
fill_pattern "$dev" 80 8 2
log_stop fspare
read -r _ _ _ _ slot _ < <(log_lines 'key == "spare" && op == "W"')

# refused KIND SECTOR N: the N-th refusal; SECTOR was not written, and all that was there still is
refused() {
	log_stop fspare
	assert_eq "$(log_count "key == \"spare\" && op ~ /W/ && \$5 <= $2 && $2 < \$5 + \$6")" 0 \
		"writes of sector $2"
	assert_status d0 refused "$3"
	assert_status d0 mode fail
	assert_status d0 why collision
	expect_dmesg "refused to write $1 to sector $2 of the spare"
	assert_eq "$(cat "$param/stray_block" "$param/stray_meta" "$param/stray_probe" | sort -u)" \
		-1 "nothing waits to go astray"
	verify_pattern "$dev" 80 8 2
	# blocks on main go on
	fill_pattern "$dev" 0 8 1
	dmremap thaw d0
	assert_status d0 mode rw
	log_start fspare
}

log_start fspare
n=0
# a block: to metadata, to another block's slot, to one nobody has in hand, behind the end
for to in 0 8 "$slot" $((slot + 800)) $((slot + 4)) 999999999; do
	n=$((n + 1))
	echo "$to" >"$param/stray_block"
	bad fmain 160 8 both ioerr
	expect_fail . fill_pattern "$dev" 152 16 3 bs=16
	good fmain 160 8
	refused "a block" "$to" $n
done

# metadata to a block's slot, and to a free one
for to in "$slot" $((slot + 800)); do
	n=$((n + 1))
	bad fmain 160 8 both ioerr
	echo "$to" >"$param/stray_meta"
	expect_fail . fill_pattern "$dev" 152 16 3 bs=16
	good fmain 160 8
	refused metadata "$to" $n
done

# a probe of a free slot, to metadata and to a block's slot
for to in 0 "$slot"; do
	n=$((n + 1))
	bad fspare $((slot + 8)) 640 write medium
	bad fmain 160 8 both ioerr
	echo "$to" >"$param/stray_probe"
	expect_fail . fill_pattern "$dev" 152 16 3 bs=16
	good fmain 160 8
	good fspare $((slot + 8)) 640
	refused "a probe" "$to" $n
done

# and nothing is left of it
bad fmain 160 8 both ioerr
fill_pattern "$dev" 160 8 3
verify_pattern "$dev" 160 8 3
verify_pattern "$dev" 80 8 2
log_stop fspare
