#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Kernel-doc comments are well formed, and every function of a core header has one.
. scripts/lint/common.sh

need perl perl
kernel_doc=$(kernel_script kernel-doc) || exit 1
mapfile -t headers < <(files 'src/core/*.h' 'src/kernel/*.h')
mapfile -t sources < <(files 'src/core/*.c' 'src/kernel/*.c')

# "not described" is dropped: a comment here says what the name and the type do
# not, and a parameter that needs no words gets none. What remains are comments
# that lie: another function's name, a parameter that is not there, bad syntax.
out=$(perl "$kernel_doc" -none "${headers[@]}" "${sources[@]}" 2>&1 |
	grep -E 'warning:|error:' | grep -vE 'not described in|No description found for return')
# plat.h only declares what others define
mapfile -t core < <(files 'src/core/*.h' | grep -v /plat.h)
fail_on_output "$(
	[ -z "$out" ] || printf '%s\n' "$out"
	perl scripts/lint/kernel-doc.pl "${core[@]}"
)"
