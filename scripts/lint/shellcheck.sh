#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# No shell script has anything that shellcheck finds (settings: .shellcheckrc).
. scripts/lint/common.sh

need shellcheck shellcheck
status=0
while IFS= read -r f; do
	case $(head -n 1 "$f") in
	'#!'*busybox*) shell=(-s dash) ;; # not in shellcheck's list; dash comes closest
	'#!'* | *'shellcheck shell='*) shell=() ;;
	*) shell=(-s bash) ;; # sourced by a script in bash
	esac
	shellcheck -f gcc "${shell[@]}" "$f" || status=1
done < <(shell_files)
exit $status
