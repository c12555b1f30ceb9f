#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# doc/status.md speaks of every counter, mode, reason and copy state the code can print.
. scripts/lint/common.sh

[ -e doc/status.md ] || fail_on_output "no doc/status.md"
# rows of its table of fields, and the names in the tables of words
keys=$(sed -nE 's/^\tFIELD(_[A-Z]+)?\(([A-Z0-9]+, )?([a-z_0-9]+).*/\3/p' src/core/statusline.c)
words=$(sed -nE 's/^\t\[DMR_[A-Z_]+\] = "([a-z-]+)",$/\1/p' src/core/statusline.c)
counters=$(sed -n 's/^\tX(\([a-z_]*\),.*/\1/p' src/core/statusline.h)

for list in "$counters" "$keys" "$words"; do
	[ "$(wc -w <<<"$list")" -gt 15 ] ||
		fail_on_output "the tables in src/core/statusline.* are not where this check looks"
done
fail_on_output "$(for w in $counters $keys $words; do
	grep -qE "\`${w}[\`=]" doc/status.md || echo "doc/status.md does not mention \`$w\`"
done)"
