# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the guest-*.sh scripts share: places, kernels, progress lines.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # of those who source this
build=${DM_REMAP_BUILD:-$top/build}
cache=${DM_REMAP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dm-remap}

say() {
	printf '[%s] %s\n' "${0##*/}" "$*" >&2
}

die() {
	say "$*"
	exit 1
}

need() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null ||
			die "$tool is missing; scripts/setup.sh installs it"
	done
}

# The stock kernel of the QEMU guest: $QEMU_KERNEL, or the newest one that has
# an image, its modules and its headers.
stock_kernel() {
	local v
	if [ -n "${QEMU_KERNEL-}" ]; then
		echo "$QEMU_KERNEL"
		return
	fi
	for v in $(printf '%s\n' /lib/modules/*-amd64 | sort -Vr); do
		v=${v##*/}
		if [ -e "/boot/vmlinuz-$v" ] && [ -e "/lib/modules/$v/build" ]; then
			echo "$v"
			return
		fi
	done
	die "no stock kernel with headers; scripts/setup.sh installs one"
}

# The tarball of the UML guest's source, and what names its version.
uml_tarball() {
	local t=${UML_TARBALL:-/usr/src/linux-source-6.1.tar.xz}
	[ -e "$t" ] || die "$t is missing; scripts/setup.sh installs it"
	echo "$t"
}

# The directory a UML kernel is cached in: its fragment, its recipe, its source.
uml_dir() {
	local tarball
	tarball=$(uml_tarball)
	local key
	key=$({
		cat "$top/tests/vm/uml.config" "$top/scripts/guest-uml.sh"
		stat -c '%n %s %Y' "$tarball"
		gcc -dumpfullversion
	} | sha256sum | cut -c1-16)
	echo "$cache/uml-$key"
}

# Files only change when their content does, so that make and hashes see it.
install_changed() {
	cmp -s "$1" "$2" || cp "$1" "$2"
}
