#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh DIR BAR ARGS SPARE...: the crash engine over each shape of spare, two at
# a time; TAP on stdout, the sum of the distinct crash states beside the bar.
# Exit status 1 when a promise was broken, or when there were too few states.

set -u
dir=$1 bar=$2 args=$3
shift 3

# shellcheck disable=SC2016 # expanded by the inner shell
printf '%s\n' "$@" | xargs -P 2 -I @ sh -c '
	# shellcheck disable=SC2086 # words
	"$0"/crash $1 -g "$2" >"$0/$2.log" 2>&1
	echo $? >"$0/$2.status"' "$dir" "$args" @

failed=0
sum=0
for spare in "$@"; do
	status=$(cat "$dir/$spare.status")
	grep '^#' "$dir/$spare.log"
	if [ "$status" = 0 ]; then
		echo "ok - crash states of a spare of shape $spare"
		n=$(sed -n 's/.* cuts, \([0-9]*\) distinct.*/\1/p' "$dir/$spare.log")
		sum=$((sum + n))
	else
		grep '^not ok' "$dir/$spare.log" ||
			echo "not ok - $spare: ended with status $status"
		failed=1
	fi
done
echo "# $sum distinct crash states (bar: at least $bar)"
if [ "$sum" -ge "$bar" ]; then
	echo "ok - number of crash states"
else
	echo "not ok - number of crash states"
	failed=1
fi
exit $failed
