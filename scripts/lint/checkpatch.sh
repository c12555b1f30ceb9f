#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# checkpatch --strict finds nothing (exceptions, with reasons: checkpatch.except).
. scripts/lint/common.sh

need perl perl
checkpatch=$(kernel_script checkpatch.pl) || exit 1

# message types not meant for FILE
excepted() {
	local pattern types reason
	while read -r pattern types reason; do
		case $pattern in '' | '#'*) continue ;; esac
		[ -n "$reason" ] || echo "NO_REASON_GIVEN_FOR_$pattern"
		# shellcheck disable=SC2254 # it is a pattern
		case $1 in $pattern) printf '%s,' "$types" ;; esac
	done <scripts/lint/checkpatch.except
}

# one run per set of exceptions
declare -A group
while IFS= read -r f; do
	group[$(excepted "$f")]+="$PWD/$f "
done < <(c_files)

# It runs elsewhere, over an empty "kernel", as it looks for names in include/
# and leaves a cache of them where it is.
top=$PWD
mkdir -p "$LINT/checkpatch/include"
cd "$LINT/checkpatch" || exit 1
fail_on_output "$(for types in "${!group[@]}"; do
	# shellcheck disable=SC2086 # names without blanks
	printf '%s\n' ${group[$types]} | xargs -P "$(nproc)" -n 12 \
		perl "$checkpatch" --root="$PWD" --strict --no-tree --terse --show-types \
		--no-summary --quiet --max-line-length=100 --ignore "$types" -f 2>&1
done | sed "s|^$top/||" | sort)"
