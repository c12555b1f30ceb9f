#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Rules cited in comments (R1, A5, B9 ...) are in doc/design.md and doc/hazards.md.
. scripts/lint/common.sh

known=$({
	grep -oE '^\*\*R[0-9]+\*\*' doc/design.md | tr -d '*'
	grep -oE '^\| [AB][0-9]+ \|' doc/hazards.md | tr -d '| '
} | sort -u)
mapfile -t src < <(c_files)
# in comments only: A4 may be a constant elsewhere
cited=$(grep -hE '/\*|^\s*\*|//' "${src[@]}" | grep -oE '\b[RAB][1-9][0-9]?\b' | sort -u)
fail_on_output "$(comm -13 <(printf '%s\n' "$known") <(printf '%s\n' "$cited") |
	sed 's/$/ is cited, but in neither document/')"
