#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Run fuzz targets that were built, TAP on stdout; the last line adds them up.
#
#   run.sh BUILD TARGET...
#
# Each target gets its seeds first: they must come through to the inside. Then a
# bounded number of runs from the same seed, so that the same happens every time;
# with FUZZ_SECONDS that long, from a new seed, and what is found is kept in
# BUILD/found for the next time.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
build=$1
shift

# so many that all together take about a minute
declare -A runs=([super]=150000 [table]=20000 [image]=7000 [args]=300000 [message]=400000
	[status]=60000 [health]=60000 [dump]=200000 [import]=300000)
declare -A longest=([super]=1024 [table]=4200 [image]=400 [args]=160 [message]=64 [status]=2600
	[health]=1024 [dump]=2600 [import]=1000)

passed=0 failed=0

ok() {
	echo "ok - $1"
	passed=$((passed + 1))
}

not_ok() {
	echo "not ok - $1"
	failed=$((failed + 1))
}

# Addresses are inputs too (they are compared): fixed ones, or no two runs are the same.
fixed=()
if setarch -R true 2>/dev/null; then
	fixed=(setarch -R)
else
	echo "# addresses cannot be fixed here: runs are not repeatable, inputs are"
fi

# said LOG: the target's own count, and "accepted" without the rest
said() {
	sed -n 's/^fuzz: \(accepted [0-9]* of [0-9]*\).*/\1/p' "$1"
}

# explain LOG: what broke, without libFuzzer's own words
explain() {
	grep -E 'does not hold|ERROR:|runtime error|Test unit written|^ +#[0-9].* in ' "$1" |
		grep -vE ' in (fuzzer::|__sanitizer|__libc|main |_start|raise|abort|__pthread)' |
		sed -E 's/ \(BuildId: .*//' | head -n 25 | sed 's/^/#   /'
}

# inside STATUS LOG: it ended well, and something was accepted
inside() {
	[ "$1" = 0 ] && [[ $(said "$2") =~ ^accepted\ [1-9] ]]
}

# all_inside STATUS LOG: and nothing was refused
all_inside() {
	[ "$1" = 0 ] && [[ $(said "$2") =~ ^accepted\ ([1-9][0-9]*)\ of\ ([0-9]+)$ ]] &&
		[ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ]
}

options() {
	echo "-max_len=${longest[$1]} -len_control=0 -timeout=20 -rss_limit_mb=2048"
	echo "-artifact_prefix=$build/broken/$1- -print_final_stats=1 -reload=0"
	[ ! -e "$here/$1.dict" ] || echo "-dict=$here/$1.dict"
}

seeds() {
	local log=$build/$1.seeds.log status
	# shellcheck disable=SC2046 # words
	"$build/fuzz-$1" $(options "$1") "$build/seeds/$1"/* >"$log" 2>&1
	status=$?
	if all_inside $status "$log"; then
		ok "$1: seeds: $(said "$log")"
	else
		not_ok "$1: seeds: status $status, $(said "$log")"
		explain "$log"
	fi
}

# figures LOG: what is to be seen of a run
figures() {
	awk '
		/^INFO: Loaded 1 modules/ { gsub(/[^0-9 ]/, ""); edges = $2 }
		/ cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1) }
		/^stat::number_of_executed_units:/ { n = $2 }
		/^stat::average_exec_per_sec:/ { rate = $2 }
		END { printf "%d runs, %d of %d edges, %d a second", n, cov, edges, rate }' "$1"
}

fuzz() {
	local log=$build/$1.log status work=$build/units/$1
	local -a limit=(-runs="${runs[$1]}" -seed=1)
	rm -rf "$work"
	if [ -n "${FUZZ_SECONDS-}" ]; then
		limit=(-max_total_time="$FUZZ_SECONDS" -seed=0)
		work=$build/found/$1
	fi
	mkdir -p "$work" "$here/corpus/$1"
	# shellcheck disable=SC2046 # words
	"${fixed[@]}" "$build/fuzz-$1" $(options "$1") "${limit[@]}" "$work" "$build/seeds/$1" \
		"$here/corpus/$1" >"$log" 2>&1
	status=$?
	if inside $status "$log"; then
		ok "$1: $(figures "$log"), $(said "$log")"
	else
		not_ok "$1: status $status, $(figures "$log"), $(said "$log")"
		explain "$log"
	fi
}

mkdir -p "$build/broken"
# the seeds of all are made at once
for target in "${!runs[@]}"; do
	mkdir -p "$build/seeds/$target"
done
"$build/seeds-make" "$build/seeds" "$here/../unit/golden" || exit 1
cp -r "$here/seeds/." "$build/seeds/"
for target; do
	seeds "$target"
	fuzz "$target"
done
echo "fuzz: $passed passed, $failed failed"
[ $failed = 0 ]
