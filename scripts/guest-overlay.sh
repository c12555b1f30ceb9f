#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An initramfs for one boot of a QEMU guest, outside the test harness:
#
#   [GUEST=qemu|sid] scripts/guest-overlay.sh DIR OUT [PROGRAM...]
#
# OUT is the base archive (guest-build.sh has linked it) with DIR as /vm on top,
# whose guest-init is process 1; the modules under test in /vm/modules; dmremap
# and the PROGRAMs, with their libraries, in /vm/bin.

set -eu
. "$(dirname "$0")/guest-lib.sh"

dir=$1 out=$2
shift 2
root=$(mktemp -d "$build/overlay.XXXXXX")
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/vm/bin" "$root/vm/modules"
cp -a "$dir/." "$root/vm/"
cp "$build/${GUEST:-qemu}"/modules/*.ko "$root/vm/modules/"
for program in "$top/tools/dmremap" "$@"; do
	[ -x "$program" ] || die "$program is missing"
	copy_program "$root" vm/bin "$program"
done
# The archives lie one after the other, padded as the kernel wants them.
{
	cat "$build/${GUEST:-qemu}/initramfs"
	(cd "$root" && find . -print0 | cpio -0 -o -H newc --quiet)
} >"$out"
