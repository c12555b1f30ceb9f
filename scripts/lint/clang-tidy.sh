#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# clang-tidy finds nothing in the core and the tool (choice of checks: .clang-tidy).
. scripts/lint/common.sh

need clang-tidy clang-tidy
mapfile -t src < <(files 'src/core/*.c' 'tools/*.c')
out=$(printf '%s\n' "${src[@]}" | xargs -P "$(nproc)" -n 4 sh -c \
	'clang-tidy --quiet "$@" -- -std=gnu11 -D_GNU_SOURCE -Isrc/core -Itools 2>/dev/null' sh)
# the analyzer explains at length: the first line of a finding and its source line will do
fail_on_output "$(printf '%s\n' "$out" | grep -E ': (warning|error): ' |
	sed "s|^$PWD/||" | sort -u)"
