#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# All tests, set up by itself. Each suite is a target of the Makefile; its output
# goes to build/check/SUITE.log, what it says of its tests is counted here, and
# the last line is the sum: "N passed, N failed".
#
#   scripts/check.sh             all suites
#   scripts/check.sh SUITE...    these: setup unit crash model fuzz lint cli sweep vm
#                                newer powercut hotpath; A+B beside each other
set -u
cd "$(dirname "$0")/.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL

# suite: its time limit in seconds (a backstop: a suite knows its own limits)
declare -A limit=([setup]=900 [unit]=600 [crash]=600 [model]=600 [fuzz]=600 [lint]=600
	[cli]=600 [sweep]=600 [vm]=1800 [newer]=900 [powercut]=900 [hotpath]=600)
# A+B: beside each other, they have one thread each
suites=(setup unit crash+model fuzz+sweep lint cli vm newer powercut hotpath)
[ $# -gt 0 ] && suites=("$@")

logs=build/check
mkdir -p $logs
passed=0 failed=0 skipped=0
names=()	# of what failed
table=()	# one line for each suite

command_of() {
	case $1 in
	setup) echo make -s setup ;;
	lint) echo make -s lint ;;
	crash) echo make -s check-crash QUICK=1 ;;
	vm) echo make -s check-vm QUICK=1 ;;
	newer) echo make -s check-newer QUICK=1 ;;
	powercut) echo make -s check-powercut N=10 ;;
	hotpath) echo make -s bench-hotpath ;;
	*) echo make -s "check-$1" ;;
	esac
}

# Failures are shown as they come; the slow suites show each test. Not with awk: mawk waits for
# four kilobytes of input.
show() {
	local what='^ *(not ok|FAIL) |^setup: '
	case $1 in
	setup | unit | cli) ;;
	*) what+='|^ *ok ' ;;
	esac
	grep --line-buffered -E "$what" | sed -u 's/^/  /'
}

# counts LOG: "passed failed skipped" by the suite's own last line, else by its TAP lines
counts() {
	awk '
		/^[0-9]+ passed, [0-9]+ failed/ { own = $1 + 0 " " $3 + 0 " " $5 + 0 }
		/^ *ok / { if (toupper($0) ~ /# *SKIP/) skip++; else ok++ }
		/^ *not ok / { bad++ }
		END { print own != "" ? own : ok + 0 " " bad + 0 " " skip + 0 }' "$1"
}

fail() {
	names+=("$1")
	failed=$((failed + 1))
}

# judge SUITE STATUS SECONDS: add the suite to the sums
judge() {
	local suite=$1 status=$2 log=$logs/$1.log p f s name
	read -r p f s < <(counts "$log")
	while IFS= read -r name; do
		names+=("$suite: $name")
	done < <(sed -nE 's/^ *(not ok( [0-9]+)?( -)?|FAIL) +//p' "$log" | sort -u)
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))

	if [ "$status" = 124 ] || [ "$status" = 137 ]; then
		fail "$suite: not finished after ${limit[$suite]} s"
	elif [ "$status" != 0 ] && [ "$f" = 0 ]; then
		fail "$suite: ended with status $status (see $log)"
		tail -n 15 "$log" | sed 's/^/  | /'
	elif [ $((p + f + s)) = 0 ]; then
		case $suite in
		setup | powercut | hotpath) passed=$((passed + 1)) p=1 ;;
		*) fail "$suite: ran no test (see $log)" ;;
		esac
	fi
	table+=("$(printf '%-10s %4d passed %4d failed %4d skipped  %5d s' \
		"$suite" "$p" "$f" "$s" "$3")")
}

# run SUITE+SUITE...: together; each is judged when it is over
run() {
	local suite status begun=$SECONDS
	local -a some
	local -A pid=()
	IFS=+ read -ra some <<<"$1"
	echo "${some[*]} ..."
	for suite in "${some[@]}"; do
		# in the background, so that an interrupt is seen at once
		(
			# shellcheck disable=SC2046 # words
			timeout -k 20 "${limit[$suite]}" $(command_of "$suite") </dev/null 2>&1 |
				tee "$logs/$suite.log" | show "$suite"
			exit "${PIPESTATUS[0]}"
		) &
		pid[$suite]=$!
	done
	for suite in "${some[@]}"; do
		wait "${pid[$suite]}"
		status=$?
		judge "$suite" $status $((SECONDS - begun))
		case $suite in
		crash | fuzz | model | sweep | powercut | hotpath)
			tail -n 5 "$logs/$suite.log" | sed 's/^/  /'
			;;
		esac
	done
}

finish() {
	echo
	[ ${#table[@]} = 0 ] || printf '%s\n' "${table[@]}"
	if [ ${#names[@]} -gt 0 ]; then
		echo
		echo "failed:"
		printf '  %s\n' "${names[@]}"
	fi
	echo
	[ $skipped = 0 ] || echo "$skipped skipped: the logs in $logs say which and why"
	echo "$passed passed, $failed failed"
	exit $((failed > 0))
}

# shellcheck disable=SC2317 # called by the trap
interrupted() {
	trap - INT TERM
	fail "interrupted"
	# the suite's commands are in process groups of their own (timeout makes them)
	for p in $(pgrep -P "$(jobs -p | tr '\n' ',' | sed 's/,$//')" 2>/dev/null); do
		kill "$p"
	done
	finish
}
trap interrupted INT TERM

for suite in "${suites[@]}"; do
	for one in ${suite//+/ }; do
		[ -n "${limit[$one]-}" ] || {
			fail "no suite named $one"
			continue 2
		}
	done
	run "$suite"
	# from an empty cache these kernels take minutes: made beside what needs no guest
	[ "$suite" != setup ] || {
		nice scripts/guest-uml.sh >$logs/uml.log 2>&1
		nice scripts/guest-sid.sh >$logs/sid.log 2>&1
	} &
done
finish
