# storm: thousands of writes fail at 128 in flight, beside good ones: each is remapped, for few table writes and flushes
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# timeout: 180
. "$VM/lib.sh"

remaps=10000
[ "$GUEST" != uml ] || remaps=2000 # half a minute, else
flight=128
# Of a remap, in hundredths: table blocks written to each copy, flushes of the spare. A commit of
# its own for each would be 100 and 300. How many share one depends on this machine's speed here
# (in a busy UML 12: 9 and 25 were seen); the bar that matters is that of bench-storm.
bar_table=30
bar_flushes=80

faulty_pair 64 64
remap_create d0 "$main" "$spare" --yes
bad fmain 0 $((8 * remaps)) write ioerr

# A writer to good blocks, as long as it lasts: verdicts need somebody's success.
going=/tmp/storm-going
touch $going
good_writes() {
	while [ -e $going ]; do
		fill_pattern "$dev" 98304 2048 1
	done
}
good_writes &
writer=$!

log_start fspare
fill_pattern "$dev" 0 $((8 * remaps)) 2 bs=8 uring qd=$flight
log_stop fspare
rm $going
wait $writer
log_complete

get_status d0
assert_eq "$st_remaps" $remaps
assert_eq "$st_mode $st_slots_used" "rw $remaps"

# Into the extents of the copies go table blocks, and superblocks when the mark is raised.
extent=$((2 + ($(blockdev --getsz "$spare") / 8 + 503) / 504))
firsts=${st_copies//:insync/}
copies=$(wc -w <<<"${firsts//,/ }")
assert_eq "$copies" 5
log_lines 'key == "spare"' | awk -v firsts="$firsts" -v len="$extent" '
	BEGIN { n = split(firsts, first, ",") }
	$4 == "F" { flushes++ }
	$4 == "W" {
		for (i = 1; i <= n; i++)
			if ($5 / 8 >= first[i] && $5 / 8 < first[i] + len) {
				meta += $6 / 8
				next
			}
		data += $6 / 8
	}
	END { print meta + 0, data + 0, flushes + 0 }' >/tmp/storm
read -r meta data flushes </tmp/storm
echo "$remaps remaps, $st_commits commits: $meta metadata blocks to $copies copies," \
	"$data blocks of data, $flushes flushes"
awk "BEGIN {
	printf \"of a remap: %.4f blocks to each copy (bar: %.2f), %.4f flushes (bar: %.2f)\n\",
		$meta / $copies / $remaps, $bar_table / 100, $flushes / $remaps, $bar_flushes / 100
}"
assert_eq "$data" $remaps "blocks of data"
assert_ge "$meta" $((copies * (8 * remaps / 4032 / 8)))
assert_le $((100 * meta)) $((bar_table * copies * remaps)) "metadata blocks, times 100"
assert_le $((100 * flushes)) $((bar_flushes * remaps)) "flushes, times 100"

verify_pattern "$dev" 0 $((8 * remaps)) 2 bs=128
remap_close d0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 0 $((8 * remaps)) 2 bs=128
