#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0-only
#
# A document of `dmremap dump` of a new set, with entries: for `dmremap restore`.
#
#   awk -v remaps=N -v blocks=N -f entries.awk EMPTY >FULL
#
# So many used entries, in the first slots that are not metadata, for blocks scattered over
# the first `blocks` of main, which becomes that large if it was smaller. All table blocks
# that they need lie below the mark. The slots hold nothing.

# each number below 2^bits once, in an order that looks like none
function next_block() {
	x = (1664525 * x + 1013904223) % space
	return int(x * (blocks / space))
}

function entries(	slot, c, len, done) {
	for (space = 1; space * 2 <= blocks;)
		space *= 2
	len = 2 + int((slots + 503) / 504)
	for (slot = 1; done < remaps; slot++) {
		for (c = 1; c <= copies; c++)
			if (slot >= first[c] && slot < first[c] + len)
				break
		if (c <= copies)
			continue
		printf "{ \"slot\": %.0f, \"kind\": \"used\", \"main_block\": %.0f, " \
			"\"states\": \"ssssssss\", \"serial\": 0 }%s\n", slot, next_block(),
			++done < remaps ? "," : ""
	}
}

/"entries": \[\]/ {
	print "\"entries\": ["
	entries()
	print "]"
	next
}
/"(main|spare)": / { device = $1 }
/"bytes"/ && device ~ /spare/ { slots = $2 / 4096 }
/"bytes"/ && device ~ /main/ && $2 + 0 < blocks * 4096 {
	larger = 1
	sub(/[0-9]+/, sprintf("%.0f", blocks * 4096))
}
/"sectors"/ && device ~ /main/ && larger {
	sub(/[0-9]+/, sprintf("%.0f", blocks * 8))
	larger = 0
}
/"logical_block_bytes"/ { device = "" }
/"high_water_table_blocks"/ {
	sub(/[0-9]+/, int((remaps + 8 * (2 + slots / 504)) / 504) + 1)
}
/"copy_slots"/ { in_copies = 1; print; next }
in_copies && /\]/ { in_copies = 0 }
in_copies { first[++copies] = $1 + 0 }
{ print }
