#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every source file of the module is in src/Kbuild, once, and no other.
. scripts/lint/common.sh

# core files that serve the tool only, one pattern
tool_only='core/[a-z]+-parse\.o'
have=$(files 'src/core/*.c' 'src/kernel/*.c' | sed 's|^src/||; s|c$|o|' |
	grep -vxE "$tool_only" | sort)
listed=$(sed 's/#.*//' src/Kbuild | grep -oE '(core|kernel)/[a-z0-9_-]+\.o' | sort)
fail_on_output "$(diff <(printf '%s\n' "$listed") <(printf '%s\n' "$have") |
	sed -n 's/^< /listed, but no such file (or twice): /p; s/^> /not listed: /p')"
