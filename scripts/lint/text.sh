#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Lines of at most 100 columns, no blanks at their ends, a newline at the end of the file.
. scripts/lint/common.sh

need perl perl
# C is checkpatch's; the licence is quoted; on-disk images, logs of tests and plots are data
files | grep -vE '^LICENSE$|\.([ch]|def|except|patch|img|hex|map|json|txt|out|conf|svg)$' |
	xargs perl scripts/lint/text.pl
