#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A symbol's prefix tells its file (table: symbols.prefixes).
. scripts/lint/common.sh

need nm binutils
bad=$(
	find "$TREE"/{src/core,src/kernel,tools,build} -name '*.o' 2>/dev/null |
		while IFS= read -r obj; do
			nm -g --defined-only "$obj" | sed "s|^|${obj#"$TREE/"} |"
		done | awk -f scripts/lint/symbols.awk scripts/lint/symbols.prefixes -
)
fail_on_output "$bad"
