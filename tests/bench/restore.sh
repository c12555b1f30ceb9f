#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a dump and a restore of a million entries cost: instructions for each entry,
# counted by valgrind at 10,000 and at 100,000, and memory for each, at a million.
# What was restored is dumped, restored elsewhere and dumped again, and is the same.
#
#   tests/bench/restore.sh		exits 1 when a bar is missed
#
# Writes build/bench-restore.json. Logs: build/bench-restore/.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../scripts/guest-lib.sh"

BAR_RESTORE=22000   # instructions for each entry, at 100,000
BAR_DUMP=17000      # of dump
BAR_LINEAR=1.10     # the same figures by those at 10,000
BAR_MEMORY=64       # bytes for each entry, resident at the peak, at 1,000,000
ENTRIES=1000000
LIMIT_KIB=98304     # of addresses, for ENTRIES; as a tree they took 1.4 GB

out=$build/bench-restore
tool=$top/tools/dmremap
need valgrind python3
rm -rf "$out"
mkdir -p "$out"

# document N: N.json, and an empty spare for it
document() {
	local bytes
	bytes=$(python3 "$here/restore.py" make "$1" "$out/$1.json")
	truncate -s "$bytes" "$out/$1.img"
}

# counted COMMAND...: instructions
counted() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$out/valgrind.log" \
		"$@" >"$out/counted.out" 2>"$out/counted.err" ||
		die "$* failed: see $out/counted.err"
	sed -n 's/.*Collected *: *//p' "$out/valgrind.log"
}

# measured COMMAND...: its seconds, all and on a processor, and peak of bytes, within the
# limit; its output goes to fd 3
measured() {
	(
		ulimit -v $LIMIT_KIB
		exec python3 "$here/restore.py" run "$@"
	) 2>"$out/measured" >&3 || die "$* failed: see $out/measured"
	tail -n 1 "$out/measured"
}

# what two dumps of one set differ in: when, and of which generation
same() {
	sed -E '/^  "dumped": |^    "epoch": /d' "$1"
}

instructions() {
	local n=$1
	document "$n"
	echo "instructions $n restore $(counted "$tool" restore "$out/$n.json" "$out/$n.img" --yes)"
	echo "instructions $n dump $(counted "$tool" dump "$out/$n.img")"
	rm -f "$out/$n.img"
}

million() {
	local doc=$out/$ENTRIES.json img=$out/$ENTRIES.img
	document $ENTRIES
	cp "$img" "$out/again.img"
	echo "million restore $(measured "$tool" restore "$doc" "$img" --yes 3>/dev/null)"
	echo "million dump $(measured "$tool" dump "$img" 3>"$out/first.json")"
	echo "million again $(measured "$tool" restore "$out/first.json" "$out/again.img" \
		--yes 3>/dev/null)"
	"$tool" dump "$out/again.img" >"$out/second.json"
	cmp <(same "$out/first.json") <(same "$out/second.json") >&2 || die "two dumps differ"
	cmp <(grep '^    { "slot"' "$doc") <(grep '^    { "slot"' "$out/first.json") >&2 ||
		die "what was dumped is not what was restored"
	rm -f "$img" "$out/again.img" "$doc" "$out/first.json" "$out/second.json"
}

instructions 10000 >"$out/figures"
instructions 100000 >>"$out/figures"
million >>"$out/figures"

awk -v bar_restore=$BAR_RESTORE -v bar_dump=$BAR_DUMP -v bar_linear=$BAR_LINEAR \
	-v bar_memory=$BAR_MEMORY -v n=$ENTRIES -v limit=$LIMIT_KIB \
	-v json="$build/bench-restore.json" '
	$1 == "instructions" { each[$3, $2] = $4 / $2 }
	$1 == "million" { seconds[$2] = $3; cpu[$2] = $4; bytes[$2] = $5 / n }
	function bar(name, value, at_most, unit, kept) {
		kept = value <= at_most
		missed += !kept
		bars = bars (bars ? ",\n    " : "") sprintf("{\"name\": \"restore.%s\", " \
			"\"at_most\": %s, \"value\": %.3f, \"kept\": %s}", name, at_most, value,
			kept ? "true" : "false")
		lines = lines sprintf("%s %d - %s: %.2f %s (bar: at most %s)\n",
			kept ? "ok" : "not ok", ++nr, name, value, unit, at_most)
	}
	function linear(what) {
		return each[what, 100000] / each[what, 10000]
	}
	END {
		if (!each["restore", 10000] || !each["dump", 100000] || !bytes["again"]) {
			print "restore: not all of it was measured"
			exit 1
		}
		printf "%-10s %22s %12s %12s %9s %9s\n", "", "instructions per entry",
			"at 100,000", "bytes/entry", "seconds", "on a CPU"
		split("restore dump", what)
		for (i = 1; i <= 2; i++)
			printf "%-10s %22.0f %12.0f %12.1f %9.2f %9.2f\n", what[i],
				each[what[i], 10000], each[what[i], 100000], bytes[what[i]],
				seconds[what[i]], cpu[what[i]]
		printf "(bytes and seconds: at %d entries, within %d KiB of addresses)\n\n",
			n, limit
		bar("instructions", each["restore", 100000], bar_restore, "for each entry")
		bar("dump-instructions", each["dump", 100000], bar_dump, "for each entry")
		bar("linear", linear("restore"), bar_linear, "times those at 10,000")
		bar("dump-linear", linear("dump"), bar_linear, "times those at 10,000")
		bar("memory", bytes["restore"], bar_memory, "bytes for each entry")
		bar("dump-memory", bytes["dump"], bar_memory, "bytes for each entry")
		printf "{\n  \"version\": 1,\n  \"unit\": \"instructions\",\n" \
			"  \"restore\": {\"10000\": %.0f, \"100000\": %.0f, \"bytes\": %.1f, " \
			"\"seconds\": %.2f, \"cpu_seconds\": %.2f},\n" \
			"  \"dump\": {\"10000\": %.0f, \"100000\": %.0f, \"bytes\": %.1f, " \
			"\"seconds\": %.2f, \"cpu_seconds\": %.2f},\n  \"bars\": [%s]\n}\n",
			each["restore", 10000], each["restore", 100000], bytes["restore"],
			seconds["restore"], cpu["restore"], each["dump", 10000],
			each["dump", 100000], bytes["dump"], seconds["dump"], cpu["dump"],
			bars >json
		close(json)
		printf "%s", lines
		exit missed > 0
	}' "$out/figures"
