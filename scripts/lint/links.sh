#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Links of the documents to files and headings of the tree lead somewhere.
. scripts/lint/common.sh

need perl perl
files '*.md' | xargs -r perl scripts/lint/links.pl
