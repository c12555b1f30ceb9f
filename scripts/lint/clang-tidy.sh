#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# clang-tidy finds nothing in the core and the tool (choice of checks: .clang-tidy).
. scripts/lint/common.sh

need clang-tidy clang-tidy
need pkg-config pkg-config
# the libraries that the tool's Makefile names
pkgs=$(sed -n 's/^PKGS *:= *//p' tools/Makefile)
# shellcheck disable=SC2086 # words
CFLAGS=$(pkg-config --cflags $pkgs) || exit 1
export CFLAGS
mapfile -t src < <(files 'src/core/*.c' 'tools/*.c')
export out=$LINT/clang-tidy
rm -rf "$out"
mkdir -p "$out"
# a file of output for each run: they would mix in one
# shellcheck disable=SC2016 # for the inner shell
printf '%s\n' "${src[@]}" | xargs -P "$(nproc)" -n 4 sh -c 'clang-tidy --quiet "$@" -- \
	-std=gnu11 -D_GNU_SOURCE -Isrc/core -Itools $CFLAGS >"$out/$$" 2>&1' sh
# the analyzer explains at length: the first line of a finding will do
fail_on_output "$(cat "$out"/* | grep -E ': (warning|error): ' | sed "s|^$PWD/||" | sort -u)"
