#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every source file says its licence in its first three lines.
. scripts/lint/common.sh

bad=$(
	{
		files '*.[ch]' '*.def' '*.pl' '*Makefile' '*Kbuild'
		shell_files
		python_files
	} | sort -u | while IFS= read -r f; do
		head -n 3 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-only' ||
			echo "$f: no SPDX line"
	done
)
fail_on_output "$bad"
