#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Take what long runs have found into the tree, as few inputs as reach the same edges.
# Inputs named bug-* stay as they are.
#
#   corpus.sh BUILD TARGET...
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1
shift

for target; do
	case $target in
	args | message | status) kind=txt ;;
	*) kind=img ;;
	esac
	new=$build/merged/$target
	rm -rf "$new"
	mkdir -p "$new" "$build/found/$target" "$here/corpus/$target"
	# these first: what they cover needs no other input
	cp "$build/seeds/$target"/* "$new"
	cp "$here/corpus/$target"/bug-* "$new" 2>/dev/null || true
	"$build/fuzz-$target" -merge=1 -use_counters=0 "$new" "$here/corpus/$target" \
		"$build/found/$target" \
		2>"$build/$target.merge.log"
	find "$here/corpus/$target" -type f ! -name 'bug-*' -delete
	rm -f "$new"/seed-* "$new"/bug-*
	for f in "$new"/*; do
		[ ! -e "$f" ] || mv "$f" "$here/corpus/$target/$(basename "$f" | cut -c 1-12).$kind"
	done
	printf '%-8s %4d inputs %6d bytes\n' "$target" \
		"$(find "$here/corpus/$target" -type f | wc -l)" \
		"$(cat "$here/corpus/$target"/* 2>/dev/null | wc -c)"
done
