#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the number of remaps changes: instructions of an I/O elsewhere and of one to a remapped
# block, bytes of memory, instructions to load the table. Beside it what people make by hand, a
# dm-linear table with a segment for each remap.
#
#   tests/bench/scale.sh		exits 1 when a bar is missed
#
# Writes build/bench-scale.json, from which tests/bench/plot.sh makes pictures. Logs:
# build/bench-scale/.

set -eu
. "$(dirname "$0")/lib.sh"

MAIN_GB=20480
WINDOWS=31
REMAPS="1000 10000 100000 1000000"

out=$build/bench-scale
rm -rf "$out/tables"
mkdir -p "$out"
gcc -O2 -Wall -Wextra -static -o "$out/hotpath" "$top/tests/bench/hotpath.c"
for n in 0 $REMAPS; do
	bench_table "$n" $MAIN_GB
done
MEMORY_MB=2048 bench_run scale 600 "$out/hotpath" "MAIN_GB=$MAIN_GB" "WINDOWS=$WINDOWS" \
	"REMAPS='$REMAPS'" "SPARE_MB=$BENCH_SPARE_MB"
read -ra remaps <<<"$REMAPS"
"$top/tests/bench/scale-report.py" "$out/guest.log" "${kernel##*/vmlinuz-}" \
	"$build/bench-scale.json" "${remaps[@]}"
