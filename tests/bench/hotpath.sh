#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What dm-remap costs when nothing is remapped, in instructions: 4 KiB O_DIRECT
# I/Os on bare null_blk, on dm-linear and on dm-remap over it, in one boot.
#
#   tests/bench/hotpath.sh		exits 1 when the bar is missed
#
# Writes build/bench.json. Logs: build/bench-hotpath/. WINDOWS=, MAIN_GB= change the run.

set -eu
. "$(dirname "$0")/lib.sh"

BAR_IO=0.0    # percent above dm-linear, 4 KiB read and write
BAR_FLUSH=2.0 # of a disk with a write cache, the spare clean
WINDOWS=${WINDOWS:-101}
MAIN_GB=${MAIN_GB:-20480}

# The table for people, the file for machines, and the verdict, out of guest.log.
report() {
	awk -v bar_io=$BAR_IO -v bar_flush=$BAR_FLUSH -v kernel="${kernel##*/vmlinuz-}" \
		-v json="$build/bench.json" '
	function percent(op, dev) {
		return (m[op, dev] / m[op, "linear"] - 1) * 100
	}
	function kept(op) {
		return percent(op, "remap") <= bar[op]
	}
	function row(op, text,	d) {
		d = (m[op, "remap"] - m[op, "linear"]) / 100
		printf "%-14s %9.1f %10.1f %9.1f %+8.1f %+7.2f %%   at most %+.1f %%  %s\n", text,
			m[op, "null"] / 100, m[op, "linear"] / 100, m[op, "remap"] / 100, d,
			percent(op, "remap"), bar[op], kept(op) ? "kept" : "MISSED"
	}
	function json_bar(op, key) {
		return sprintf("{\"name\": \"%s.above_linear_percent\", \"at_most\": %.1f, " \
			"\"value\": %.3f, \"kept\": %s}", key, bar[op], percent(op, "remap"),
			kept(op) ? "true" : "false")
	}
	function verdict(nr, op, good) {
		printf "%s %d - hotpath-%s: dm-remap %+.2f %% against dm-linear " \
			"(bar: at most %+.1f %%)\n", good ? "ok" : "not ok", nr, op,
			percent(op, "remap"), bar[op]
	}
	function object(op) {
		return sprintf("{\"null_blk\": %.2f, \"linear\": %.2f, \"remap\": %.2f, " \
			"\"linear_again\": %.2f, \"above_linear_percent\": %.3f}",
			m[op, "null"] / 100, m[op, "linear"] / 100, m[op, "remap"] / 100,
			m[op, "linear-again"] / 100, percent(op, "remap"))
	}
	$1 ~ /^(read|write|flush)$/ { m[$1, $2] = $3; n++ }
	/^status / && / mode=rw / { open = 1 }
	END {
		if (n != 12 || !open) {
			print "hotpath: the guest measured " n + 0 " of 12 things"
			exit 1
		}
		bar["read"] = bar["write"] = bar_io
		bar["flush"] = bar_flush
		drift = percent("read", "linear-again")
		steady = drift < 0.1 && drift > -0.1

		printf "Instructions per I/O, nothing remapped (QEMU -icount, Linux %s)\n\n",
			kernel
		printf "%-14s %9s %10s %9s   remap - linear   bar\n", "", "null_blk",
			"dm-linear", "dm-remap"
		row("read", "4 KiB read")
		row("write", "4 KiB write")
		row("flush", "flush")
		printf "\ndm-linear measured again at the end: %.1f (%+.3f %%, " \
			"at most 0.1 either way: %s)\n", m["read", "linear-again"] / 100,
			drift, steady ? "kept" : "MISSED"
		printf "{\n  \"version\": 1,\n  \"unit\": \"instructions per I/O\",\n" \
			"  \"kernel\": \"%s\",\n  \"read_4k\": %s,\n" \
			"  \"write_4k\": %s,\n  \"flush\": %s,\n  \"bars\": [%s,\n" \
			"    %s,\n    %s]\n}\n", kernel, object("read"), object("write"),
			object("flush"), json_bar("read", "read_4k"),
			json_bar("write", "write_4k"), json_bar("flush", "flush") >json
		close(json)
		verdict(1, "read", kept("read") && steady)
		verdict(2, "write", kept("write"))
		verdict(3, "flush", kept("flush"))
		exit !(kept("read") && kept("write") && kept("flush") && steady)
	}' "$out/guest.log"
}

program=$build/bench-hotpath/hotpath
mkdir -p "${program%/*}"
gcc -O2 -Wall -Wextra -static -o "$program" "$top/tests/bench/hotpath.c"
bench_run hotpath 240 "$program" "WINDOWS=$WINDOWS" "MAIN_GB=$MAIN_GB"
report
