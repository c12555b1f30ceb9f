#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What an import of bad places costs: PLACES of them scattered over main are moved,
# then listed again; of LISTED ones it is only said what would be done. Counted in
# one boot of the stock kernel under instruction counting. How long the tool takes
# to read the long list on this machine is printed beside.
#
#   tests/bench/import.sh		exits 1 when a bar is missed
#
# Writes build/bench-import.json. Logs: build/bench-import/.

set -eu
. "$(dirname "$0")/lib.sh"

PLACES=20000
LISTED=1000000
bars=(
	"commits 0.006 for_each_block"
	"table_blocks_per_copy 0.012 for_each_block,_raises_of_the_mark_included"
	"flushes 0.018 for_each_block"
	"messages 0.004 for_each_block"
	"grace_periods 0.006 for_each_block"
	"instructions 25000 for_each_block"
	"instructions_again 12000 for_each_block_that_has_moved_already"
	"instructions_listed 2500 for_each_line,_with_--dry-run"
)

# Native: read and understood, then there is no such device.
native() {
	local list=$out/list from to
	awk -v n=$LISTED 'BEGIN { for (i = 0; i < n; i++) print i * 268 + i % 97 }' >"$list"
	from=$(date +%s%N)
	"$top/tools/dmremap" import no-such-device "$list" --yes >"$out/native.log" 2>&1 || true
	to=$(date +%s%N)
	awk -v ns=$((to - from)) -v n=$LISTED 'BEGIN {
		printf "a list of %d lines is read in %.2f s on this machine\n\n", n, ns / 1e9
	}'
	rm "$list"
}

report() {
	printf '%s\n' "${bars[@]}" | awk -v places=$PLACES -v listed=$LISTED \
		-v json="$build/bench-import.json" -v log_file="$build/bench-import/guest.log" '
	BEGIN {
		while ((getline line <log_file) > 0) {
			split(line, w)
			if (w[1] == "status") {
				whole = line ~ (" moved_out=" places " ") && line ~ / mode=rw /
				commits = line
				sub(/.* commits=/, "", commits)
			} else if (w[1] == "import") {
				copies = w[2]; meta = w[3]; data = w[4]; flushes = w[5]
			} else if (w[1] == "first") {
				busy = w[2]; asked = w[3]; grace = w[4]
			} else if (w[1] == "again") {
				again = w[2]
			} else if (w[1] == "dry") {
				dry = w[2]
			}
		}
		if (!whole || data != places || copies < 2 || !dry) {
			print "import: not all was moved, or it is not in mode rw"
			failed = 1
			exit
		}
		value["commits"] = (commits + 0) / places
		value["table_blocks_per_copy"] = meta / copies / places
		value["flushes"] = flushes / places
		value["messages"] = asked / places
		value["grace_periods"] = grace / places
		value["instructions"] = busy * 1e7 / places
		value["instructions_again"] = again * 1e7 / places
		value["instructions_listed"] = dry * 1e7 / listed
		printf "{\n  \"version\": 1,\n  \"unit\": \"for each block\",\n  \"bars\": [" >json
	}
	{
		v = value[$1]
		kept = v <= $2
		if (!kept)
			failed = 1
		gsub(/_/, " ", $3)
		printf("%sok %d - import-%s: %.5g %s (bar: at most %s)\n", (kept ? "" : "not "),
			NR, $1, v, $3, $2)
		printf("%s{\"name\": \"import.%s\", \"at_most\": %s, \"value\": %.5g, " \
			"\"kept\": %s}", (NR > 1 ? ",\n    " : ""), $1, $2, v,
			(kept ? "true" : "false")) >json
	}
	END {
		if (NR)
			print "]\n}" >json
		exit failed
	}'
}

out=$build/bench-import
bench_run import 550 "" "PLACES=$PLACES" "LISTED=$LISTED"
native
report
