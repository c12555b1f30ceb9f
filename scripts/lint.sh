#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Everything that can be checked without running it. One check is one script in
# scripts/lint/, which prints what is wrong and exits 1, or prints notes and exits 0.
#
#   scripts/lint.sh              all checks
#   scripts/lint.sh NAME...      these
#   scripts/lint.sh -l           their names and what they say
set -u
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C

all=(module-warnings tools-warnings sparse-module sparse-core symbols kbuild checkpatch clang-tidy
	shellcheck includes kernel-doc sizes spdx words allocs text links rules status-keys python)

if [ "${1-}" = -l ]; then
	for c in "${all[@]}"; do
		printf '%-16s %s\n' "$c" "$(sed -n '3s/^# //p' "scripts/lint/$c.sh")"
	done
	exit 0
fi
[ $# -gt 0 ] && all=("$@")

mkdir -p build/lint
for c in "${all[@]}"; do
	[ -x "scripts/lint/$c.sh" ] || {
		echo "no check named $c (scripts/lint.sh -l lists them)" >&2
		exit 1
	}
	case $c in
	module-warnings | tools-warnings | sparse-module | symbols) build=yes ;;
	esac
done

# one at a time: two would overwrite each other's logs
exec 9>build/lint/lock
flock 9
start=$SECONDS
[ -z "${build-}" ] || scripts/lint/build.sh 9>&-

# as many at a time as there are processors; reported in order
running=0
declare -A pid
for c in "${all[@]}"; do
	if [ $running -ge "$(nproc)" ]; then
		wait -n
		running=$((running - 1))
	fi
	rm -f "build/lint/$c.rc"
	(
		"scripts/lint/$c.sh" >"build/lint/$c.log" 2>&1 9>&-
		echo $? >"build/lint/$c.rc"
	) &
	pid[$c]=$!
	running=$((running + 1))
done

passed=0 failed=0
for c in "${all[@]}"; do
	wait "${pid[$c]}" 2>/dev/null
	if [ "$(cat "build/lint/$c.rc" 2>/dev/null)" = 0 ]; then
		echo "ok   $c"
		passed=$((passed + 1))
	else
		echo "FAIL $c"
		failed=$((failed + 1))
	fi
	sed 's/^/     /' "build/lint/$c.log"
done
echo "lint took $((SECONDS - start)) s"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
