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
BAR_PEAK=32      # the same while a larger index is built
BAR_RECORD=256   # bytes of slab and table
REMAPS=1000000
MAIN_GB=20480
BENCH_SPARE_MB=8192 # so large that the index has room to grow

out=$build/bench-memory
rm -rf "$out/tables"
mkdir -p "$out/tables/debug"
bench_table 0 $MAIN_GB
bench_table $REMAPS $MAIN_GB
"$top/scripts/guest-build.sh" qemu
build_module bench-memory src "$top/src" "/lib/modules/$(stock_kernel)/build" REMAP_DEBUG=1
cp "$build/bench-memory/modules/dm-remap.ko" "$out/tables/debug/"
MEMORY_MB=3072 bench_run memory 900 "" "REMAPS=$REMAPS" "MAIN_GB=$MAIN_GB" \
	"SPARE_MB=$BENCH_SPARE_MB"
[ -e "$build/bench-pool.json" ] || "$(dirname "$0")/pool.sh" >"$out/pool.log" ||
	die "no figure of the pools: see $out/pool.log"
record=$(sed -n 's/.*"record_bytes": \([0-9.]*\).*/\1/p' "$build/bench-pool.json")
read -r text data bss _ < <(size "$build/qemu/modules/dm-remap.ko" | tail -n 1)

awk -v bar_remap=$BAR_REMAP -v bar_peak=$BAR_PEAK -v bar_record=$BAR_RECORD \
	-v remaps=$REMAPS -v record="$record" -v text="$text" -v data="$data" -v bss="$bss" \
	-v json="$build/bench-memory.json" \
	-v kernel="${kernel##*/vmlinuz-}" '
	{ sub(/\r$/, "") }
	$1 == "memory" { total[$2] = $3; slab[$2] = $4; vm[$2] = $5; used[$2] = $6 }
	# beside what the first remaps take, the arrays that came with the new index, and a page
	# for each table block; a remap job and its fences take memory of pools, not vmalloc
	$1 == "peak" { arrays[$2] = $3; blks[$2] = $4; entries[$2] = $5; growing = $6 }
	function verdict(nr, name, bar, value,	ok) {
		ok = value <= bar
		printf "%s{\"name\": \"memory.%s\", \"at_most\": %d, \"value\": %.2f, " \
			"\"kept\": %s}", (nr > 1 ? ",\n    " : ""), name, bar, value,
			(ok ? "true" : "false") >json
		printf "%s %d - memory-%s: %.2f bytes (bar: at most %d)\n", ok ? "ok" : "not ok",
			nr, name, value, bar
		return ok
	}
	END {
		if (used["none"] != "0" || used["full"] != remaps || !record || !text ||
		    !growing || entries["before"] != remaps) {
			print "memory: not all of it was measured"
			exit 1
		}
		each = (total["full"] - total["none"]) / remaps
		more = arrays["growing"] - arrays["before"]
		more += (blks["growing"] - blks["before"]) * 4096
		most = (total["full"] - total["none"] + more) / entries["growing"]
		printf "Bytes (Linux %s)\n\n", kernel
		printf "%-34s %12s %12s %12s\n", "an open set", "free pages", "slab", "vmalloc"
		printf "%-34s %12d %12d %12d\n", "without a remap", total["none"], slab["none"],
			vm["none"]
		printf "%-34s %12d %12d %12d\n", "with " remaps " remaps", total["full"],
			slab["full"], vm["full"]
		printf "%-34s %12.2f\n", "each remap", each
		printf "%-34s %12.2f (%d remaps, a larger index for %d table blocks)\n",
			"each remap, while it grows", most, entries["growing"], growing
		printf "%-34s %12.2f\n", "each health record", record
		printf "%-34s %12d text, %d data, %d bss\n\n", "the module", text, data, bss
		printf "{\n  \"version\": 1,\n  \"unit\": \"bytes\",\n  \"kernel\": \"%s\",\n" \
			"  \"open\": %d,\n  \"remap\": %.2f,\n  \"record\": %.2f,\n" \
			"  \"module\": {\"text\": %d, \"data\": %d, \"bss\": %d},\n  \"bars\": [",
			kernel, total["none"], each, record, text, data, bss >json
		kept = verdict(1, "remap", bar_remap, each)
		kept += verdict(2, "remap-growing", bar_peak, most)
		kept += verdict(3, "record", bar_record, record)
		printf "]\n}\n" >json
		close(json)
		exit kept != 3
	}' "$out/guest.log"
