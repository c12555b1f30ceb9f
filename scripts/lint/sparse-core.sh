#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# sparse, with endian checks, finds nothing in the core as userspace compiles it.
. scripts/lint/common.sh

need sparse sparse
mapfile -t src < <(files 'src/core/*.c')
# only what it says of our files: glibc's headers are not ours to mend
fail_on_output "$(sparse -std=gnu11 -D_GNU_SOURCE -D__CHECK_ENDIAN__ -Wbitwise -Wcast-truncate \
	-Isrc/core "${src[@]}" 2>&1 |
	grep -E '^src/.*: (warning|error): ')"
