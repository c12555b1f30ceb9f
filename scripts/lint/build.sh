#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A scratch copy of the sources, built once with every warning on: the module and
# the test target at W=1 under sparse, and the tool. Other checks read its logs
# and objects.
. scripts/lint/common.sh

rm -rf "$TREE"
mkdir -p "$TREE"
cp Makefile "$TREE"
for d in src tools tests/vm/target; do
	[ -d $d ] || continue
	mkdir -p "$TREE/$d"
	(cd $d && tar -cf - --exclude='*.o' --exclude='*.ko' --exclude='.*.cmd' --exclude='*.mod' \
		--exclude='*.mod.c' --exclude=dmremap .) | tar -xf - -C "$TREE/$d"
done

# its own variables, not those `make lint` was called with
unset MAKEFLAGS MFLAGS MAKELEVEL
jobs=-j$(nproc)

strict=(W=1 C=2 CF=-D__CHECK_ENDIAN__)

make -C "$TREE" "$jobs" module "${strict[@]}" >"$LINT/module.log" 2>&1
echo $? >"$LINT/module.rc"
make -C "$(make -s --no-print-directory kdir)" M="$PWD/$TREE/tests/vm/target" "$jobs" \
	modules "${strict[@]}" >"$LINT/target.log" 2>&1
echo $? >"$LINT/target.rc"
make -C "$TREE" "$jobs" tools >"$LINT/tools.log" 2>&1
echo $? >"$LINT/tools.rc"
