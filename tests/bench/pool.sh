#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a pool costs against the slab allocator it stands on, and how the health map
# scales: instructions, counted in one boot.
#
#   tests/bench/pool.sh		exits 1 when a bar is missed
#
# Writes build/bench-pool.json. Logs: build/bench-pool/.

set -eu
. "$(dirname "$0")/lib.sh"

BAR_PAIR=60      # instructions more than kmem_cache_alloc() and kmem_cache_free()
BAR_SCALE=1.5    # a look at one of RECORDS records against one of 1,000
RECORDS=1000000

report() {
	awk -v bar_pair=$BAR_PAIR -v bar_scale=$BAR_SCALE -v records=$RECORDS \
		-v json="$build/bench-pool.json" -v kernel="${kernel##*/vmlinuz-}" '
	$1 == "slab-pair" { slab = $3 }
	$1 == "pool-pair" { pool = $3 }
	$1 == "health-find" { find[$2] = $3 }
	$1 == "health-note" { note[$2] = $3 }
	$1 == "slab" { objects = $2; bytes = $3 }
	$1 == "vmalloc" { table = $2 }
	/^passed/ { passed = 1 }
	function verdict(nr, kept, text) {
		print (kept ? "ok " : "not ok ") nr " - " text
	}
	END {
		if (!slab || !pool || !find[1000] || !find[records] || !passed || !objects) {
			print "pool: not all of it was measured"
			exit 1
		}
		more = pool - slab
		scale = find[records] / find[1000]
		printf "Instructions (QEMU -icount, Linux %s)\n\n", kernel
		printf "%-44s %9.1f\n", "kmem_cache_alloc() and kmem_cache_free()", slab
		printf "%-44s %9.1f\n\n", "a pool, take and give", pool
		printf "%-44s %9s %9s\n", "health map, records", 1000, records
		printf "%-44s %9.1f %9.1f\n", "look at a region", find[1000], find[records]
		printf "%-44s %9.1f %9.1f\n\n", "note an event", note[1000], note[records]
		printf "%d records: %.1f bytes each of the slab, %.1f more of the table\n\n", \
			records, bytes / objects, table / records
		ok_pair = more <= bar_pair
		ok_scale = scale <= bar_scale
		printf "{\n  \"version\": 1,\n  \"unit\": \"instructions\",\n" \
			"  \"kernel\": \"%s\",\n  \"slab_pair\": %.1f,\n  \"pool_pair\": %.1f,\n" \
			"  \"find\": {\"1000\": %.1f, \"%d\": %.1f},\n" \
			"  \"note\": {\"1000\": %.1f, \"%d\": %.1f},\n" \
			"  \"record_bytes\": %.1f,\n" \
			"  \"bars\": [{\"name\": \"pool.pair\", \"at_most\": %d, " \
			"\"value\": %.1f, \"kept\": %s},\n    {\"name\": \"health.scale\", " \
			"\"at_most\": %.1f, \"value\": %.3f, \"kept\": %s}]\n}\n", kernel, slab, \
			pool, find[1000], records, find[records], note[1000], records, \
			note[records], (bytes + table) / objects, bar_pair, more, \
			ok_pair ? "true" : "false", bar_scale, scale, \
			ok_scale ? "true" : "false" >json
		close(json)
		verdict(1, ok_pair, sprintf("pool-pair: %+.1f instructions against the slab " \
			"(bar: at most %d)", more, bar_pair))
		verdict(2, ok_scale, sprintf("health-scale: a look costs %.2f times as much " \
			"among %d records (bar: at most %.1f)", scale, records, bar_scale))
		exit !(ok_pair && ok_scale)
	}' "$build/bench-pool/guest.log"
}

bench_run pool 400 "" "RECORDS=$RECORDS"
report
