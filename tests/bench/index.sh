#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a look at the index costs, among a million entries: instructions, counted in a
# guest; and in native time what no count of instructions shows, a look with cold caches,
# as a ratio to a step from pointer to pointer.
#
#   tests/bench/index.sh		exits 1 when a bar is missed
#
# Writes build/bench-index.json. Logs: build/bench-index/.

set -eu
. "$(dirname "$0")/lib.sh"

BAR_MISS=30     # instructions
BAR_HIT=60      # after the filter
BAR_RANGE=400   # 256 blocks, none of which has an entry
BAR_COLD=2.5    # steps from pointer to pointer: two cache misses, and what is not one
ENTRIES=1000000
RUNS="1 64 1000"
TIMES=10        # native runs; the best counts

report() {
	awk -v bar_miss=$BAR_MISS -v bar_hit=$BAR_HIT -v bar_range=$BAR_RANGE \
		-v bar_cold=$BAR_COLD -v entries=$ENTRIES -v json="$build/bench-index.json" '
	{ sub(/\r$/, "") }
	$1 == "native" { native = 1 }
	$1 == "run" { run = $2; if (!(run in seen)) { seen[run] = ++n; runs[n] = run } }
	$1 == "index" && $2 == "cold" {
		look[run] = $3 / 100
		chase[run] = $4 / 100
		ratio[run, ++tries[run]] = $3 / $4
	}
	$1 == "index" && $2 == "bytes" { bytes = $3 / entries }
	$1 == "index" && $4 != "" && $2 != "cold" {
		if (!native)
			instr[run, $2] = $3 / 100
		else if (!((run, $2) in ns) || $4 / 100 < ns[run, $2])
			ns[run, $2] = $4 / 100
	}
	function verdict(name, value, bar, unit,	ok) {
		ok = value != "" && value <= bar
		printf "%s %d - index-%s: %.2f %s (bar: at most %s)\n", ok ? "ok" : "not ok",
			++nr, name, value, unit, bar
		all += ok
		bars = bars sprintf("%s{\"name\": \"index.%s\", \"at_most\": %s, " \
			"\"value\": %.2f, \"kept\": %s}", nr > 1 ? ",\n    " : "", name, bar,
			value, ok ? "true" : "false")
	}
	# the dearest shape
	function most(key,	i, m) {
		for (i = 1; i <= n; i++) {
			if (!((runs[i], key) in instr))
				return 1e9
			if (instr[runs[i], key] > m)
				m = instr[runs[i], key]
		}
		return m
	}
	function median(r,	i, j, t) {
		for (i = 1; i <= tries[r]; i++)
			for (j = i + 1; j <= tries[r]; j++)
				if (ratio[r, j] < ratio[r, i]) {
					t = ratio[r, i]; ratio[r, i] = ratio[r, j]; ratio[r, j] = t
				}
		return tries[r] ? ratio[r, int((tries[r] + 1) / 2)] : 1e9
	}
	END {
		printf "A look at the index, %d entries: instructions (nanoseconds)\n\n", entries
		printf "%-18s %14s %14s %14s %14s %20s\n", "entries", "miss", "hit",
			"hit and filter", "range of 256", "cold, in steps"
		for (i = 1; i <= n; i++) {
			r = runs[i]
			c = median(r)
			if (c > cold)
				cold = c
			printf "%-18s %7.1f (%4.1f) %7.1f (%4.1f) %7.1f (%4.1f) " \
				"%7.1f (%4.1f)  %8.2f (%d ns)\n",
				r == 1 ? "scattered" : "in runs of " r, instr[r, "miss"],
				ns[r, "miss"], instr[r, "hit"], ns[r, "hit"], instr[r, "both"],
				ns[r, "both"], instr[r, "range"], ns[r, "range"], c, look[r]
		}
		printf "\n%.1f bytes for each entry, of an index that has just grown\n\n", bytes
		verdict("miss", most("miss"), bar_miss, "instructions")
		verdict("hit", most("hit"), bar_hit, "instructions")
		verdict("range", most("range"), bar_range, "instructions")
		verdict("cold", cold, bar_cold, "dependent misses")
		printf "{\n  \"version\": 1,\n  \"entries\": %d,\n  \"bytes\": %.2f,\n" \
			"  \"bars\": [%s]\n}\n", entries, bytes, bars >json
		close(json)
		exit all != nr
	}' "$out/guest.log" "$out/native.log"
}

program=$build/bench-index/index
mkdir -p "${program%/*}"
make -s -C "$top/tests/fuzz" O="$build/fuzz" headers
gcc -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -static \
	-I"$build/fuzz/include" -I"$top/src/core" -I"$top/src/kernel" -I"$top/tests/fuzz" \
	-o "$program" "$top/tests/bench/index.c" "$top/src/kernel/index.c"
bench_run index 300 "$program" "ENTRIES=$ENTRIES" "RUNS='$RUNS'"
for run in $RUNS; do
	echo "run $run"
	for ((i = 0; i < TIMES; i++)); do
		"$program" $ENTRIES "$run" warm
		"$program" $ENTRIES "$run" cold
	done
done >"$out/native.log"
sed -i '1i native' "$out/native.log"
report
