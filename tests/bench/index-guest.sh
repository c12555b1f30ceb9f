# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a look at the index costs (index.c), among ENTRIES entries in runs of RUNS.

for run in $RUNS; do
	echo "run $run"
	index "$ENTRIES" "$run" warm
done
