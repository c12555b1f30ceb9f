#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build a small x86-64 kernel for two processors, full of checkers, into the cache:
#
#   scripts/guest-smp.sh kasan|kcsan
#
# once for each content of tests/vm/smp/base.config and of that flavour's; some minutes.
# Prints its directory: linux/ (the tree, for building modules), bzImage.

set -eu
. "$(dirname "$0")/guest-lib.sh"

flavour=${1-}
configs=("$top/tests/vm/smp/base.config" "$top/tests/vm/smp/$flavour.config")
case $flavour in
kasan | kcsan) ;;
*) die "which flavour: kasan or kcsan?" ;;
esac

tarball=$(uml_tarball)
key=$({
	cat "${configs[@]}" "$top/scripts/guest-smp.sh"
	stat -c '%n %s %Y' "$tarball"
	gcc -dumpfullversion
} | sha256sum | cut -c1-16)
dir=$cache/smp-$flavour-$key
if [ -e "$dir/done" ]; then
	echo "$dir"
	exit 0
fi

need make gcc bc flex bison xz
mkdir -p "$cache"
exec 9>"$cache/smp.lock"
flock 9
if [ -e "$dir/done" ]; then
	echo "$dir"
	exit 0
fi

log=$dir/build.log
rm -rf "$dir"
mkdir -p "$dir/linux"

step() {
	build_step "$flavour" "$@"
}

kernel() {
	make -s -C "$dir/linux" ARCH=x86_64 "$@"
}

configure() {
	kernel tinyconfig
	(cd "$dir/linux" && scripts/kconfig/merge_config.sh -m .config "${configs[@]}")
	kernel olddefconfig
}

step "unpacking $tarball" tar -x --strip-components=1 -C "$dir/linux" -f "$tarball"
step "configuring" configure
verify_config "$flavour" "$dir/linux/.config" "${configs[@]}"
step "building with $(nproc) jobs (some minutes)" \
	kernel -j"$(nproc)" KCFLAGS=-Wno-error bzImage modules
cp "$dir/linux/arch/x86/boot/bzImage" "$dir/bzImage"
touch "$dir/done"
say "$flavour: ready in $dir"
echo "$dir"
