#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How long a set with a million remaps takes to come up: in native time, as a ratio to
# reading and checksumming the bytes of its table, all copies of it, in the same run: bios of
# 1 MiB, one after the other, and the kernel's crc32c() of each block, in the kernel
# (readcrc/). The disk is memory, so there is no time of a disk in either: what is seen is
# the processor's part. And what is read of the spare, by its statistics, beside what the
# copies of the table have.
#
#   tests/bench/assembly.sh		exits 1 when a bar is missed
#
# The kernel is User Mode Linux without checkers; 1,000,000 blocks are scattered over 20 TB,
# five copies. Best of TRIES of each, taken in turns.
#
# Writes build/bench-assembly.json. Logs: build/bench-assembly/.

set -eu
. "$(dirname "$0")/lib.sh"

BAR_RATIO=3      # times reading and checksumming
BAR_READ=1.1     # times the bytes of all copies of the table
POINTS="10000 100000 1000000"
MAIN_BLOCKS=4882812500 # 20 TB
TRIES=9

# make_point REMAPS: the image of a set with so many, and its line for the guest
make_point() {
	local image=$dir/spare-$1 mb=$(($1 / 240 + 16))
	rm -f "$image"
	truncate -s "${mb}M" "$image"
	"$top/tools/dmremap" format --yes --force "$dir/main" "$image"
	"$top/tools/dmremap" dump "$image" >"$dir/empty.json"
	"$top/tests/bench/entries.py" "$dir/empty.json" "$1" --main $((MAIN_BLOCKS * 8)) \
		>"$dir/full.json"
	"$top/tools/dmremap" restore --yes --force "$dir/full.json" "$image"
	awk -v name="$1" -v mb="$mb" -v file="$(realpath "$image")" '
		/"high_water_table_blocks"/ { mark = $2 + 0 }
		/"copy_slots"/ { inside = 1; next }
		inside && /\]/ { exit }
		inside { places = places (places == "" ? "" : ",") ($1 + 0) }
		END { print name, mb, file, mark, 2 + int((mb * 256 + 503) / 504), places }
		' "$dir/full.json" >>"$dir/points"
}

report() {
	awk -v bar_ratio=$BAR_RATIO -v bar_read=$BAR_READ -v kernel="$kernel" \
		-v json="$build/bench-assembly.json" '
	{ sub(/\r$/, "") }
	FILENAME ~ /points$/ { bytes[$1] = split($6, unused, ",") * $4 * 4096; next }
	function least(of, value) {
		if (!((point, of) in best) || value + 0 < best[point, of])
			best[point, of] = value + 0
	}
	$1 == "point" { point = $2; points[++n] = point }
	$1 == "readcrc:" { least("base", $4) }
	$1 == "assembly" {
		least("open", $2 + $3)
		least("close", $4)
		read[point] = $5
		wrote[point] = $6
	}
	function verdict(nr, name, value, bar, kept) {
		printf "%s %d - assembly-%s: %.2f times (bar: at most %s)\n",
			kept ? "ok" : "not ok", nr, name, value, bar
		bars = bars sprintf("%s{\"name\": \"assembly.%s\", \"at_most\": %s, " \
			"\"value\": %.3f, \"kept\": %s}", nr > 1 ? ",\n    " : "", name, bar,
			value, kept ? "true" : "false")
	}
	END {
		printf "Assembly (%s)\n\n", kernel
		printf "%-10s %10s %14s %8s %10s %16s %14s\n", "remaps", "opens", "read and crc",
			"ratio", "closes", "read", "written"
		for (i = 1; i <= n; i++) {
			p = points[i]
			if (!((p, "base") in best) || !((p, "open") in best) || !read[p]) {
				print "assembly: not all of it was measured"
				exit 1
			}
			ratio = best[p, "open"] / best[p, "base"]
			part = read[p] / bytes[p]
			printf "%-10d %7.2f ms %11.2f ms %8.2f %7.2f ms %11d (%.2f) %14d\n", p,
				best[p, "open"] / 1e6, best[p, "base"] / 1e6, ratio,
				best[p, "close"] / 1e6, read[p], part, wrote[p]
			list = list sprintf("%s{\"remaps\": %d, \"seconds\": %.6f, " \
				"\"baseline_seconds\": %.6f}", i > 1 ? ",\n    " : "", p,
				best[p, "open"] / 1e9, best[p, "base"] / 1e9)
		}
		print ""
		# of the last point
		verdict(1, "ratio", ratio, bar_ratio, ratio <= bar_ratio)
		verdict(2, "read", part, bar_read, part <= bar_read)
		printf "{\n  \"version\": 1,\n  \"unit\": \"seconds\",\n  \"kernel\": \"%s\",\n" \
			"  \"points\": [%s],\n  \"bars\": [%s]\n}\n", kernel, list, bars >json
		close(json)
		exit !(ratio <= bar_ratio && part <= bar_read)
	}' "$dir/points" "$dir/guest.log"
}

dir=$build/bench-assembly
mkdir -p "$dir"
gcc -O2 -Wall -Wextra -o "$dir/assembly" "$top/tests/bench/assembly.c" -ldevmapper
truncate -s 64M "$dir/main"
rm -f "$dir/points"
for remaps in $POINTS; do
	make_point "$remaps" >"$dir/make-$remaps.log" 2>&1 ||
		die "no image of $remaps remaps: see $dir/make-$remaps.log"
done
rm "$dir"/*.json
bench_native assembly 300 "$dir/assembly" readcrc TRIES=$TRIES \
	MAIN_BLOCKS=$MAIN_BLOCKS POINTS="$(realpath "$dir/points")"
report
