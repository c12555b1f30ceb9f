#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Nothing is left for later, and conditional code is where it belongs.
. scripts/lint/common.sh

# the words are taken apart, or this file would find itself
todo='\b(TO''DO|FIX''ME|XX''X|HA''CK)\b|^\s*#\s*if\s+0\b'
version='LINUX_VERSION''_CODE'
kernel='__KERNEL''__'

mapfile -t all < <(files | grep -vE '^(LICENSE|scripts/lint/.*)$')
mapfile -t c < <(c_files)
bad=$(
	grep -nEI "$todo" "${all[@]}"
	grep -nE "#.*\bif.*$version" "${c[@]}" |
		grep -vE '^(src/kernel/compat\.h|tests/vm/target/rt-compat\.h):' |
		sed 's/$/   (kernel versions are told apart in compat.h)/'
	grep -nE "^\s*#.*\b$kernel" "${c[@]}" | grep -vE '^src/core/plat\.h:' |
		sed 's/$/   (the platform is plat.h)/'
)
fail_on_output "$bad"
