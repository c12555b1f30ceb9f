#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Run the unit tests named after the build directory, TAP on stdout, and add
# them up: "unit: N passed, M failed" is the last line, exit status 1 if M > 0.
# A program that dies, or says nothing, counts as one failure.

set -u
dir=$1
shift
passed=0
failed=0
for name in "$@"; do
	out=$(CMOCKA_MESSAGE_OUTPUT=TAP "$dir/test-$name" 2>&1)
	status=$?
	printf '# test-%s\n%s\n' "$name" "$out"
	ok=$(printf '%s\n' "$out" | grep -c '^ok ')
	bad=$(printf '%s\n' "$out" | grep -c '^not ok ')
	if [ "$bad" -eq 0 ]; then
		if [ "$status" -ne 0 ] || [ "$ok" -eq 0 ]; then
			printf 'not ok - test-%s ended with status %s\n' "$name" "$status"
			bad=1
		fi
	fi
	passed=$((passed + ok))
	failed=$((failed + bad))
done
printf 'unit: %s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
