#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Two processors: the throughput of dm-remap beside dm-linear's, a read of 4 KiB at a time on
# each, and what the second processor brings. In native time of an emulated machine, so only
# ratios mean something: of neighbours in time, the median of many.
#
#   tests/bench/smp.sh		exits 1 when a bar is missed
#
# Writes build/bench-smp.json. Logs: build/bench-smp/.

set -eu
. "$(dirname "$0")/lib.sh"

BAR_RATIO=0.95  # of dm-linear's throughput, on both processors
BAR_SCALE=0.95  # of what the second one brings to dm-linear
TURNS=25

report() {
	awk -v bar_ratio=$BAR_RATIO -v bar_scale=$BAR_SCALE -v kernel="${kernel##*/vmlinuz-}" \
		-v json="$build/bench-smp.json" '
	function median(list, n,	i, j, t) {
		for (i = 1; i <= n; i++)
			for (j = i + 1; j <= n; j++)
				if (list[j] < list[i]) {
					t = list[i]
					list[i] = list[j]
					list[j] = t
				}
		return list[int((n + 1) / 2)]
	}
	{ sub(/\r$/, "") }
	$1 == "smp" && $2 == 1 { l1[++n1] = $3; r1[n1] = $4; q1[n1] = $4 / $3 }
	$1 == "smp" && $2 == 2 { l2[++n2] = $3; r2[n2] = $4; q2[n2] = $4 / $3 }
	function verdict(nr, name, value, bar,	ok) {
		ok = value >= bar
		printf "%s{\"name\": \"smp.%s\", \"at_least\": %s, \"value\": %.4f, " \
			"\"kept\": %s}", (nr > 1 ? ",\n    " : ""), name, bar,
			value, (ok ? "true" : "false") >json
		printf "%s %d - smp-%s: %.3f (bar: at least %s)\n", ok ? "ok" : "not ok", nr,
			name, value, bar
		return ok
	}
	END {
		if (n1 < 5 || n2 != n1) {
			print "smp: not all of it was measured"
			exit 1
		}
		linear = median(l2, n2) / median(l1, n1)
		remap = median(r2, n2) / median(r1, n1)
		one = median(q1, n1)
		two = median(q2, n2)
		printf "Reads a second (QEMU, Linux %s), medians of %d turns\n\n", kernel, n1
		printf "%-14s %12s %12s %8s\n", "", "dm-linear", "dm-remap", "ratio"
		printf "%-14s %12d %12d %8.3f\n", "1 processor", median(l1, n1), median(r1, n1),
			one
		printf "%-14s %12d %12d %8.3f\n", "2 processors", median(l2, n2), median(r2, n2),
			two
		printf "%-14s %12.2f %12.2f %8.3f\n\n", "the second", linear, remap,
			remap / linear
		printf "{\n  \"version\": 1,\n  \"unit\": \"ratio to dm-linear\",\n" \
			"  \"kernel\": \"%s\",\n  \"one\": %.4f,\n  \"bars\": [", kernel,
			one >json
		kept = verdict(1, "two-processors", two, bar_ratio)
		kept += verdict(2, "second-processor", remap / linear, bar_scale)
		printf "]\n}\n" >json
		exit kept != 2
	}' "$out/guest.log"
}

out=$build/bench-smp
mkdir -p "$out"
gcc -O2 -Wall -Wextra -static -o "$out/smp" "$top/tests/bench/smp.c" -lpthread
BENCH_PROCESSORS=2 bench_run smp 300 "$out/smp" MAIN_GB=20480 MILLISECONDS=400 "TURNS=$TURNS"
report
