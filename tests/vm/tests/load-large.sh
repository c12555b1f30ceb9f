# load-large: a table of several large reads with blocks that cannot be read here and there: all right, only those reads again
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

blocks=200 # of the table, of which 64 are one large read: four reads of each copy
bads="0:10 1:11 2:12 3:13 4:14 0:63 1:64 2:126 2:127 3:128 0:191 4:199 0:30 1:30 2:30 3:30"

# An entry in each block of the table, in no copy's place: the n-th is block n of main.
with_entries() {
	awk -v n=$blocks '
		/"high_water_table_blocks"/ { sub(/[0-9]+/, n) }
		/"bytes"/ { slots = $2 / 4096 }
		/"copy_slots"/ { inside = 1; print; next }
		inside && /\]/ { inside = 0 }
		inside { first[++copies] = $1 + 0 }
		/"entries": \[\]/ {
			len = 2 + int((slots + 503) / 504)
			print "\"entries\": ["
			for (b = 0; b < n; b++) {
				slot = b * 504 + 20
				for (c = 1; c <= copies; c++)
					if (slot >= first[c] && slot < first[c] + len)
						slot = b * 504 + (b * 504 < first[c] ? 0 : 490)
				printf "{ \"slot\": %d, \"kind\": \"used\", \"main_block\": %d, " \
					"\"states\": \"ssssssss\", \"serial\": 0 }%s\n", slot, b,
					b + 1 < n ? "," : ""
			}
			print "]"
			next
		}
		{ print }' "$1"
}

# reads_are: each copy's table was asked for in reads of 64 blocks; of those that failed,
# each block once by itself, and of no other.
reads_are() {
	log_complete
	log_lines 'key == "spare" && op == "R"' |
		awk -v copies="${copy_at[*]}" -v bads="$bads" -v blocks=$blocks '
		BEGIN {
			n = split(copies, at, " ")
			for (i = split(bads, bad, " "); i; i--) {
				split(bad[i], w, ":")
				failed[w[1], int(w[2] / 64)] = 1
			}
		}
		{
			for (c = 1; c <= n; c++)
				if ($5 >= at[c] + 8 && $5 < at[c] + 8 * (blocks + 1))
					seen[c - 1, ($5 - at[c]) / 8 - 1, $6 / 8]++
		}
		END {
			for (c = 0; c < n; c++)
				for (b = 0; b < blocks; b++) {
					large = b + 64 <= blocks ? 64 : blocks - b
					if (b % 64 == 0 && seen[c, b, large] != 1)
						print "copy " c ": no large read at " b
					if (seen[c, b, 1] + 0 != ((c, int(b / 64)) in failed))
						print "copy " c " block " b ": read " \
							seen[c, b, 1] + 0 " times"
					delete seen[c, b, large]
					delete seen[c, b, 1]
				}
			for (k in seen) {
				gsub(SUBSEP, " ", k)
				print "another read: copy, block, blocks: " k
			}
		}' >/tmp/wrong
	[ ! -s /tmp/wrong ] || fail "reads: $(head -n 20 /tmp/wrong)"
}

faulty_pair 64 800
remap_format "$main" "$spare"
dmremap dump "$spare" >/tmp/empty.json
with_entries /tmp/empty.json >/tmp/full.json
dmremap restore --yes --force /tmp/full.json "$spare"
remap_open d0 "$main" "$spare"
fill_pattern "$dev" 0 $((blocks * 8)) 2
get_status d0
assert_eq "$st_slots_used" $blocks
copies_of d0
remap_close d0

for at in $bads; do
	bad "$spare" $((copy_at[${at%:*}] + 8 + 8 * ${at#*:})) 8 read medium
done
log_start "$spare"
# without the tool, which reads for itself
dmsetup create d0 --readonly --table "0 $(sectors "$main") remap $main $spare"
log_stop "$spare"
get_status d0
assert_eq "$st_slots_used" $blocks
verify_pattern "$dev" 0 $((blocks * 8)) 2
remap_close d0
reads_are

# What could not be read is written again; all copies are in sync, and each will do.
remap_open d0 "$main" "$spare"
all_in_sync d0
verify_pattern "$dev" 0 $((blocks * 8)) 2
remap_close d0
good "$spare" all
for ((i = 0; i < 4; i++)); do
	fill_pattern "$spare_disk" "${copy_at[i]}" $((8 * (blocks + 1))) 666
done
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 0 $((blocks * 8)) 2
remap_close d0
