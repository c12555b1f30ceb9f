# SPDX-License-Identifier: GPL-2.0-only
# First file: the table. Then lines of "object address type symbol".
FNR == NR && /^[^#]/ { pattern[++n] = $1; prefix[n] = $2; next }
FNR == NR { next }

# made by the build, not by us
$1 ~ /\.mod\.o$/ || $4 ~ /^(__this_module|__UNIQUE_ID|__crc_|__ksymtab|__kstrtab|__pfx_)/ { next }

# the module as linked has the symbols of all its objects
$1 ~ /dm-remap\.o$/ { next }

# the core compiled for the tool
{ sub(/^.*[\/]core[\/-]/, "src/core/", $1) }

{
	file = $1
	sub(/^.*\//, "", file)
	sub(/[-.].*$/, "", file)
	for (i = 1; i <= n; i++) {
		if ($1 !~ "(^|/)" pattern[i] "$")
			continue
		want = prefix[i]
		sub(/<file>/, file, want)
		if ($4 !~ "^(" want ")")
			print $1 ": " $4 " does not begin with " want
		next
	}
	print $1 ": no line for this file in scripts/lint/symbols.prefixes"
}
