#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a storm of failing writes costs the spare: table blocks and flushes for each
# remap, with the default allowance. Deterministic: under instruction counting the
# same happens every time, whatever else this machine does.
#
#   tests/bench/storm.sh		exits 1 when a bar is missed
#
# Writes build/bench-storm.json. Logs: build/bench-storm/.

set -eu
. "$(dirname "$0")/lib.sh"

BAR_TABLE=0.02 # blocks to each copy, for each remap, raises of the mark included
BAR_FLUSH=0.03 # flushes of the spare
REMAPS=10000
WRITERS=128

report() {
	awk -v bar_table=$BAR_TABLE -v bar_flush=$BAR_FLUSH -v remaps=$REMAPS -v writers=$WRITERS \
		-v json="$build/bench-storm.json" '
	function verdict(nr, kept, text) {
		print (kept ? "ok " : "not ok ") nr " - " text
	}
	/^status / { whole = ($0 ~ " remaps=" remaps " ") && / mode=rw / }
	$1 == "storm" { copies = $2; meta = $3; data = $4; flushes = $5 }
	END {
		if (!whole || data < remaps || copies < 2) {
			print "storm: not all was remapped, or it is not in mode rw"
			exit 1
		}
		table = meta / copies / remaps
		flush = flushes / remaps
		printf "%d remaps, %d at a time: %d blocks to %d copies, %d flushes\n\n", remaps,
			writers, meta, copies, flushes
		printf "{\n  \"version\": 1,\n  \"unit\": \"for each remap\",\n" \
			"  \"bars\": [{\"name\": \"storm.table_blocks_per_copy\", " \
			"\"at_most\": %s, \"value\": %.4f, \"kept\": %s},\n    " \
			"{\"name\": \"storm.flushes\", \"at_most\": %s, " \
			"\"value\": %.4f, \"kept\": %s}]\n}\n", bar_table, table,
			(table <= bar_table ? "true" : "false"), bar_flush, flush,
			(flush <= bar_flush ? "true" : "false") >json
		close(json)
		verdict(1, table <= bar_table, sprintf("storm-table: %.4f blocks to each copy " \
			"(bar: at most %s)", table, bar_table))
		verdict(2, flush <= bar_flush, sprintf("storm-flushes: %.4f (bar: at most %s)",
			flush, bar_flush))
		exit !(table <= bar_table && flush <= bar_flush)
	}' "$build/bench-storm/guest.log"
}

out=$build/bench-storm
mkdir -p "$out"
gcc -O2 -Wall -Wextra -static -o "$out/remap" "$top/tests/bench/remap.c" -lpthread
bench_run storm 400 "$out/remap" "REMAPS=$REMAPS" "WRITERS=$WRITERS"
report
