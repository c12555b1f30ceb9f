#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the module takes: bytes for each remap, for each health record, of an open set
# without either, of the module itself. Of free pages, slab and vmalloc, not computed.
#
#   tests/bench/memory.sh		exits 1 when a bar is missed
#
# Writes build/bench-memory.json. Logs: build/bench-memory/; of the records build/bench-pool/.

set -eu
. "$(dirname "$0")/lib.sh"

BAR_REMAP=20     # bytes, all told: table, index, and what the allocator rounds up
BAR_RECORD=256   # bytes of slab and table
REMAPS=500000

bench_run memory 600 "$top/tests/bench/entries.awk" "REMAPS=$REMAPS"
[ -e "$build/bench-pool.json" ] || "$(dirname "$0")/pool.sh" >"$out/pool.log" ||
	die "no figure of the pools: see $out/pool.log"
record=$(sed -n 's/.*"record_bytes": \([0-9.]*\).*/\1/p' "$build/bench-pool.json")
read -r text data bss _ < <(size "$build/qemu/modules/dm-remap.ko" | tail -n 1)

awk -v bar_remap=$BAR_REMAP -v bar_record=$BAR_RECORD -v remaps=$REMAPS -v record="$record" \
	-v text="$text" -v data="$data" -v bss="$bss" -v json="$build/bench-memory.json" \
	-v kernel="${kernel##*/vmlinuz-}" '
	$1 == "memory" { total[$2] = $3; slab[$2] = $4; vm[$2] = $5; used[$2] = $6 }
	function verdict(nr, kept, text) {
		print (kept ? "ok " : "not ok ") nr " - " text
	}
	END {
		if (used["none"] != "0" || used["full"] != remaps || !record || !text) {
			print "memory: not all of it was measured"
			exit 1
		}
		each = (total["full"] - total["none"]) / remaps
		printf "Bytes (Linux %s)\n\n", kernel
		printf "%-34s %12s %12s %12s\n", "an open set", "free pages", "slab", "vmalloc"
		printf "%-34s %12d %12d %12d\n", "without a remap", total["none"], slab["none"],
			vm["none"]
		printf "%-34s %12d %12d %12d\n", "with " remaps " remaps", total["full"],
			slab["full"], vm["full"]
		printf "%-34s %12.2f\n", "each remap", each
		printf "%-34s %12.2f\n", "each health record", record
		printf "%-34s %12d text, %d data, %d bss\n\n", "the module", text, data, bss
		ok_remap = each <= bar_remap
		ok_record = record <= bar_record
		printf "{\n  \"version\": 1,\n  \"unit\": \"bytes\",\n  \"kernel\": \"%s\",\n" \
			"  \"open\": %d,\n  \"remap\": %.2f,\n  \"record\": %.2f,\n" \
			"  \"module\": {\"text\": %d, \"data\": %d, \"bss\": %d},\n" \
			"  \"bars\": [{\"name\": \"memory.remap\", \"at_most\": %d, " \
			"\"value\": %.2f, \"kept\": %s},\n    {\"name\": \"memory.record\", " \
			"\"at_most\": %d, \"value\": %.2f, \"kept\": %s}]\n}\n", kernel,
			total["none"], each, record, text, data, bss, bar_remap, each,
			ok_remap ? "true" : "false", bar_record, record,
			ok_record ? "true" : "false" >json
		close(json)
		verdict(1, ok_remap, sprintf("memory-remap: %.2f bytes (bar: at most %d)", each,
			bar_remap))
		verdict(2, ok_record, sprintf("memory-record: %.2f bytes (bar: at most %d)",
			record, bar_record))
		exit !(ok_remap && ok_record)
	}' "$out/guest.log"
