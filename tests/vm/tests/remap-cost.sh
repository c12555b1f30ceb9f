# remap-cost: a remap costs 1 data write, 1 table block for each copy and 3 flushes
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

main_disk=$(make_disk dmain 16)
spare_disk=$(make_disk dspare 16)
main=$(faulty fmain "$main_disk" main)

# cost SPARE_SECTORS COPIES
cost() {
	local copies=$2 seq half
	dmsetup create fspare --table "0 $1 remap-test $spare_disk spare"
	spare=/dev/mapper/fspare
	tell fspare cache on
	dmremap format "$main" "$spare" --yes --force
	declare_spare "$spare"
	remap_open d0 "$main" "$spare"
	fill_pattern "$dev" 0 512 1
	bad fmain 80 8 both ioerr
	bad fmain 160 8 both ioerr
	fill_pattern "$dev" 72 16 2 bs=16

	log_start fspare
	fill_pattern "$dev" 152 16 2 bs=16
	log_stop fspare
	log_complete
	log_lines 'key == "spare"'
	assert_eq "$(log_count 'key == "spare" && op == "W"')" $((1 + copies)) "writes to the spare"
	assert_eq "$(log_count 'key == "spare" && op == "W" && nr != 8')" 0 "writes of another size"
	assert_eq "$(log_count 'key == "spare" && op == "R"')" 0 "reads of the spare"
	assert_eq "$(log_count 'key == "main" && op == "F"')" 0 "flushes of main"
	assert_eq "$(faulty_field fspare dirty)" 0 "sectors in the spare's cache"

	# Data, flush, half of the copies, flush, the others, flush.
	half=$((copies / 2))
	seq=$(log_lines 'key == "spare"' | awk '{ printf "%s", $4 }')
	assert_match "$seq" "^WFW{$half}FW{$((copies - half))}F$"
	# Nothing is submitted before the flush ahead of it is complete, no flush
	# before the writes that it is for.
	log_lines 'key == "spare"' | awk '
		$4 == "F" { if ($1 < last) exit 1; flushed = $2 }
		$4 == "W" && $1 < flushed { exit 1 }
		$2 > last { last = $2 }'

	remap_close d0
	dmsetup remove fspare
	good fmain all
}

cost 32768 5
cost 2048 4
cost 256 2
