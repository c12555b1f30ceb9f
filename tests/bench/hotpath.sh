#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What dm-remap costs an I/O, in instructions: O_DIRECT I/O on bare null_blk, on dm-linear and
# on dm-remap over it, in one boot: with nothing remapped, and beside and to a million blocks
# that are.
#
#   tests/bench/hotpath.sh		exits 1 when a bar is missed, or a committed figure
#
# Writes build/bench-hotpath.json. Logs: build/bench-hotpath/. GUEST=sid: on Debian sid's
# kernel, into build/bench-hotpath-sid.json. WINDOWS=, MAIN_GB=, REMAPS= change the run;
# COMMIT=1 makes what it measures what later runs are held to.

set -eu
. "$(dirname "$0")/lib.sh"

WINDOWS=${WINDOWS:-101}
MAIN_GB=${MAIN_GB:-20480}
REMAPS=${REMAPS:-1000000}

out=$build/bench-hotpath
json=$build/bench-hotpath.json
[ "$GUEST" = qemu ] || json=$build/bench-hotpath-$GUEST.json
rm -rf "$out/tables"
mkdir -p "$out"
gcc -O2 -Wall -Wextra -static -o "$out/hotpath" "$top/tests/bench/hotpath.c"
bench_table "$REMAPS" "$MAIN_GB"
bench_run hotpath 300 "$out/hotpath" "WINDOWS=$WINDOWS" "MAIN_GB=$MAIN_GB" "REMAPS=$REMAPS" \
	"SPARE_MB=$BENCH_SPARE_MB"
"$top/tests/bench/hotpath-report.py" "$out/guest.log" "${kernel##*/vmlinuz-}" "$REMAPS" \
	"$WINDOWS" "$json" "$top/tests/bench/committed.json" ${COMMIT:+--commit}
