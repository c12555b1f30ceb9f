#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What choosing and marking a slot costs, at several fills and in the worst layout,
# and against the whole remap it is a part of; both counted in one boot.
#
#   tests/bench/alloc.sh		exits 1 when a bar is missed
#
# Writes build/bench-alloc.json. Logs: build/bench-alloc/.

set -eu
. "$(dirname "$0")/lib.sh"

BAR=150      # instructions, each layout
BAR_SHARE=1  # percent of a remap
REMAPS=6400
LAYOUTS=5

report() {
	awk -v bar=$BAR -v bar_share=$BAR_SHARE -v layouts=$LAYOUTS \
		-v json="$build/bench-alloc.json" \
		-v remaps=$REMAPS -v kernel="${kernel##*/vmlinuz-}" '
	$1 == "alloc" {
		name[++n] = $2; slots[n] = $3; mean[n] = $4 / 100
		worst[n] = $5 / 100; publish[n] = $6 / 100
		if (mean[n] > most) most = mean[n]
	}
	$1 == "remap" { remap = $3 }
	/^status / { done_remaps = ($0 ~ " remaps=" remaps " ") && / mode=rw / }
	function verdict(nr, kept, text) {
		print (kept ? "ok " : "not ok ") nr " - " text
	}
	END {
		if (n != layouts || !remap || !done_remaps) {
			print "alloc: measured " n + 0 " of " layouts " layouts, all remaps:",
				done_remaps
			exit 1
		}
		share = most / remap * 100
		ok = most <= bar
		ok_share = share <= bar_share
		printf "Instructions to choose and mark a slot (QEMU -icount, Linux %s)\n\n", kernel
		printf "%-22s %9s %9s %17s %17s\n", "layout", "slots", "mean", "in dearest 100",
			"entry published"
		for (i = 1; i <= n; i++)
			printf "%-22s %9d %9.1f %17.1f %17.1f\n", name[i], slots[i], mean[i],
				worst[i], publish[i]
		printf "\n%-22s %9d %9.1f\n\n", "a whole remap", remaps, remap
		printf "{\n  \"version\": 1,\n  \"unit\": \"instructions\",\n" \
			"  \"kernel\": \"%s\",\n  \"remap\": %.1f,\n" \
			"  \"slot\": {", kernel, remap >json
		for (i = 1; i <= n; i++)
			printf "%s\"%s\": %.1f", (i == 1 ? "" : ", "), name[i], mean[i] >json
		printf "},\n  \"bars\": [{\"name\": \"slot.most\", \"at_most\": %d, " \
			"\"value\": %.1f, \"kept\": %s},\n    {\"name\": \"slot.share_percent\", " \
			"\"at_most\": %d, \"value\": %.3f, \"kept\": %s}]\n}\n", bar, most,
			ok ? "true" : "false", bar_share, share, ok_share ? "true" : "false" >json
		close(json)
		verdict(1, ok, sprintf("alloc-slot: %.1f instructions in the dearest layout " \
			"(bar: at most %d)", most, bar))
		verdict(2, ok_share, sprintf("alloc-share: %.2f %% of a remap (bar: at most %d %%)",
			share, bar_share))
		exit !(ok && ok_share)
	}' "$build/bench-alloc/guest.log"
}

out=$build/bench-alloc
mkdir -p "$out"
gcc -O2 -Wall -Wextra -static -o "$out/remap" "$top/tests/bench/remap.c" -lpthread
# as Kbuild compiles the core: no inlining across files
gcc -O2 -std=gnu11 -Wall -Wextra -static -I"$top/src/core" -o "$out/alloc" \
	"$top/tests/bench/alloc.c" "$top"/src/core/{alloc,layout,room,table}.c \
	"$top/tools/plat_user.c"
bench_run alloc 240 "$out/remap $out/alloc" "REMAPS=$REMAPS"
report
