#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Includes only point the allowed way: core to core, kernel and tools to core, never back.
#
#   src/core         core; <...> in plat.h only
#   src/kernel       kernel, core; <linux/...>, <asm/...>
#   tools            tools, core; <...>, but <libdevmapper.h> in dm-task.h only
#   tests/unit, sim  tests, core, tools/plat*; <...>
#   tests/fuzz       the same, kernel (on a kernel of its own), and the tool's walk
#   tests/vm/target  itself; <linux/...>, <asm/...>
#   other tests      tests, core; <...>
. scripts/lint/common.sh

need perl perl
c_files >"$LINT/c-files"
files 'src/core/*.def' >>"$LINT/c-files"
xargs perl scripts/lint/includes.pl <"$LINT/c-files"
