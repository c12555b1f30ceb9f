#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Python scripts, if any, compile.
. scripts/lint/common.sh

mapfile -t py < <(python_files)
[ ${#py[@]} -eq 0 ] && exit 0
need python3 python3
for f in "${py[@]}"; do
	python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$f" || bad=1
done
exit "${bad-0}"
