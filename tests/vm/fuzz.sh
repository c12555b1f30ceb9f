#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tests/vm/fuzz.sh [N [M]]: N table lines (100000) and M messages (N), made from
# their grammar, handed to the module under KASAN: tests/fuzz-lines.sh in its long
# form. SEED= chooses other lines.

set -eu
. "$(dirname "$0")/../../scripts/guest-lib.sh"

tables=${1:-100000}
messages=${2:-$tables}
vm=$top/tests/vm
dir=$build/fuzz-lines

rm -rf "$dir"
mkdir -p "$dir"
sed 's/^# timeout: .*/# timeout: 3600/' "$vm/tests/fuzz-lines.sh" >"$dir/fuzz-lines.sh"
printf 'TABLES=%u\nMESSAGES=%u\nSEED=%u\n' "$tables" "$messages" "${SEED:-$RANDOM}" \
	>"$dir/fuzz-lines.params"

status=0
"$vm/run" --guest uml --dir "$dir" || status=1
log=$build/vm/uml/logs/fuzz-lines.log
echo "with $(tr '\n' ' ' <"$dir/fuzz-lines.params")"

# result WHAT BAR
result() {
	local tried
	tried=$(sed -n "s/^$1 \([0-9]*\) taken .*/\1/p" "$log" 2>/dev/null)
	echo "$1: ${tried:-0} tried (bar: $2), $(sed -n "s/^RESULT $1 //p" "$log")"
	[ "${tried:-0}" -eq "$2" ] || status=1
}

result tables "$tables"
result messages "$messages"
exit $status
