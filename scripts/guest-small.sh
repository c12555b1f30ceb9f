#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An initramfs as small as can be, for a guest that is not the harness's:
#
#   scripts/guest-small.sh OUT INIT FILE...
#
# INIT is its process 1. Of the FILEs modules (*.ko) go to /modules, in their order in
# /modules/list, other programs with their libraries to /bin; busybox is there in any case.

set -eu
. "$(dirname "$0")/guest-lib.sh"

need cpio busybox
out=$1 init=$2
shift 2
mkdir -p "$build"
root=$(mktemp -d "$build/small.XXXXXX")
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{dev,proc,sys,run,modules} "$root"/usr/{bin,sbin,lib,lib64}
for d in bin sbin lib lib64; do
	ln -s "usr/$d" "$root/$d"
done
: >"$root/modules/list"
cp "$(command -v busybox)" "$root/bin/busybox"
for applet in $(busybox --list); do
	[ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
for f; do
	case $f in
	*.ko)
		strip --strip-debug -o "$root/modules/${f##*/}" "$f"
		echo "${f##*/}" >>"$root/modules/list"
		continue
		;;
	esac
	rm -f "$root/bin/${f##*/}"
	copy_program "$root" bin "$f"
done
cp "$init" "$root/init"
(cd "$root" && find . -print0 | cpio -0 -o -H newc --quiet) >"$out"
