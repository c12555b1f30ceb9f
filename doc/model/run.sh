#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The model of the protocol: proofs that it holds, mistakes that must be found.
#
#   doc/model/run.sh               the short sizes, every mistake
#   doc/model/run.sh --full        the larger sizes as well, and for each mistake the proof
#                                  that its size is free of errors without it
#   doc/model/run.sh NAME...       these lines of the file sizes
#   doc/model/run.sh --trail NAME  the shortest way to the error of this mistake, told step by step
#
# MEM=<MiB> is the most memory one search may take (4096).
set -u
cd "$(dirname "$0")/../.." || exit 1
model=doc/model
build=build/model
mkdir -p $build
MEM=${MEM:-4096}
DEPTH=100000	# steps; a search that reaches it fails
CC=${CC:-gcc}
passed=0 failed=0

die() {
	echo "$0: $*" >&2
	exit 1
}

for tool in spin $CC; do
	command -v "$tool" >/dev/null ||
		die "$tool is not installed (Debian: apt install $tool, or make setup)"
done

# The core as the kernel has it, and what is between it and the model.
core() {
	local f
	for f in src/core/{protocol,copies,search,check,codec,codec-super,layout}.c \
		tools/plat_user.c $model/glue.c; do
		$CC -std=gnu11 -O2 -Wall -Wextra -Werror -Isrc/core -c \
			-o "$build/$(basename "$f" .c).o" "$f" || die "$f does not compile"
	done
}

# compile DIR "SIZES" "FLAGS": a search in DIR/pan
compile() {
	local dir=$1 defs=$2 flags=$3 d args=()
	rm -rf "$dir"
	mkdir -p "$dir"
	for d in $defs; do args+=("-D$d"); done
	(cd "$dir" && spin -a "${args[@]}" "../../../$model/remap.pml") >"$dir/spin.log" 2>&1
	if grep -q Error "$dir/spin.log" || [ ! -s "$dir/pan.c" ]; then
		cat "$dir/spin.log"
		return 1
	fi
	# shellcheck disable=SC2086 # words
	$CC -std=gnu11 -w $flags -DSAFETY -DNOFAIR -DCOLLAPSE -DMEMLIM="$MEM" -I$model -Isrc/core \
		-o "$dir/pan" "$dir/pan.c" $build/*.o
}

# search DIR: run it; what it says is in DIR/pan.log
search() {
	(cd "$1" && ./pan -m$DEPTH -w"${2:-20}") >"$1/pan.log" 2>&1
}

# How a search ended: proved, found, or why it says nothing.
verdict() {
	local log=$1/pan.log
	local short='max search depth too small|out of memory|reached -DMEMLIM|memory exceeded'
	if grep -qE "$short" "$log"; then
		echo truncated
	elif grep -q 'errors: 0' "$log" && ! grep -q 'Search not completed' "$log"; then
		echo proved
	elif grep -q 'pan:1: assertion violated' "$log"; then
		echo found
	else
		echo "ended oddly, see $log"
	fi
}

states() {
	sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$1/pan.log" | head -n 1
}

# one WANTED NAME SIZES FLAGS TABLE: run it, say a line of TAP
one() {
	local wanted=$1 name=$2 defs=$3 flags=$4 dir=$build/$2 begun=$EPOCHREALTIME got secs
	compile "$dir" "$defs" "$flags" && search "$dir" "$5"
	got=$(verdict "$dir")
	secs=$(awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
	if [ "$got" = "$wanted" ]; then
		passed=$((passed + 1))
		printf 'ok '
	else
		failed=$((failed + 1))
		printf 'not ok '
	fi
	printf -- '- %-17s %-6s %9s states %6s s  %s\n' "$name" "$got" "$(states "$dir")" \
		"$secs" "$defs"
	rm -f "$dir"/pan.[bcmhpt]
}

# Lines of the file sizes: kind name sizes
lines() {
	sed -e 's/#.*//' -e '/^[[:space:]]*$/d' $model/sizes
}

run_line() {
	local kind=$1 name=$2 defs=$3
	case $kind in
	# to compile these with -O2 takes longer than it saves
	short) one proved "$name" "$defs" -O0 22 ;;
	full) one proved "$name" "$defs" -O2 26 ;;
	mistake)
		one found "$name" "MISTAKE=$name $defs" -O0 20
		[ -z "$full" ] || one proved "not-$name" "$defs" -O2 24
		;;
	*) die "$model/sizes: $kind?" ;;
	esac
}

# Breadth first: the first error found is one of the shortest.
trail() {
	local name=$1 dir=$build/$1 defs
	defs=$(lines | awk -v n="$name" '$1 == "mistake" && $2 == n { $1 = $2 = ""; print }')
	[ -n "$defs" ] || die "no mistake named $name in $model/sizes"
	compile "$dir" "MISTAKE=$name $defs" "-O2 -DBFS" || exit 1
	search "$dir" 24
	[ "$(verdict "$dir")" = found ] || die "$name: $(verdict "$dir")"
	echo "$name: $(sed -n "s|^#define $name\b.*/\* \(.*\) \*/|\1|p" $model/mistakes.h)"
	echo "sizes: $defs"
	(cd "$dir" && ./pan -r remap.pml.trail -S 2>&1) | sed '/^spin: trail ends/,$d; /^pan:1/d' |
		tee "$dir.story"
}

full=
case ${1-} in
--trail)
	[ $# = 2 ] || die "--trail NAME"
	core
	trail "$2"
	exit
	;;
--full)
	full=1
	shift
	;;
-*) die "unknown option $1 (--full, --trail NAME)" ;;
esac

core
while read -r kind name defs; do
	if [ $# -gt 0 ]; then
		case " $* " in *" $name "*) ;; *) continue ;; esac
	elif [ "$kind" = full ] && [ -z "$full" ]; then
		continue
	fi
	run_line "$kind" "$name" "$defs"
done < <(lines)
echo "model: $passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
