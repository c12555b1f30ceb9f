#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build all that the guests boot and load:
#
#   scripts/guest-build.sh [qemu|uml|both|sid|helpers]
#
#   build/<guest>/kernel		what is booted (a link)
#   build/<guest>/initramfs		qemu, sid: the base archive (a link)
#   build/<guest>/modules/*.ko		dm-remap.ko and dm-remap-memtest.ko (if src/ is there),
#					dm-remap-test.ko
#   build/<guest>/stock			uml: its other modules (a link)
#   build/helpers/*			static helpers of the tests, and builtins of bash
#
# Kernels and initramfs come from the cache (see guest-uml.sh, guest-sid.sh,
# guest-initramfs.sh). kbuild of 6.1 has no output directory for external modules,
# so their sources are copied to build/<guest>/ and built there. Status 77: no sid
# is to be had here, guest-sid.sh has said why.

set -eu
. "$(dirname "$0")/guest-lib.sh"

guest=${1:-both}
case $guest in
qemu | uml | sid) guests=$guest ;;
both) guests='qemu uml' ;;
helpers) guests='' ;;
*) die "unknown guest $guest" ;;
esac

need make gcc cpio

# build_modules GUEST KDIR [make argument...]
build_modules() {
	local guest=$1
	shift
	build_module "$guest" target "$top/tests/vm/target" "$@"
	if [ -e "$top/src/Kbuild" ] && [ -z "${DM_REMAP_NO_SRC-}" ]; then
		build_module "$guest" src "$top/src" "$@"
		build_module "$guest" memtest "$top/tests/vm/memtest" "$@"
	else
		rm -f "$build/$guest/modules/dm-remap.ko"
	fi
}

build_qemu() {
	local kver initramfs
	kver=$(stock_kernel)
	initramfs=$("$top/scripts/guest-initramfs.sh" "$kver")
	mkdir -p "$build/qemu"
	ln -sfn "$initramfs" "$build/qemu/initramfs"
	ln -sfn "/boot/vmlinuz-$kver" "$build/qemu/kernel"
	build_modules qemu "/lib/modules/$kver/build"
}

build_sid() {
	local dir kver initramfs
	dir=$("$top/scripts/guest-sid.sh")
	kver=$(<"$dir/kver")
	initramfs=$("$top/scripts/guest-initramfs.sh" "$kver" "$dir/root")
	mkdir -p "$build/sid"
	ln -sfn "$initramfs" "$build/sid/initramfs"
	ln -sfn "$dir/root/boot/vmlinuz-$kver" "$build/sid/kernel"
	# a newer compiler that warns of more: of nothing, here
	build_modules sid "$dir/root:/lib/modules/$kver/build" W=1 KCFLAGS=-Werror
}

build_uml() {
	local dir
	dir=$("$top/scripts/guest-uml.sh")
	mkdir -p "$build/uml"
	ln -sfn "$dir/vmlinux-uml" "$build/uml/kernel"
	ln -sfn "$dir/modules" "$build/uml/stock"
	# with allocations that fail on demand; the module as shipped is in the other guest
	build_modules uml "$dir/linux" ARCH=um REMAP_DEBUG=1
}

# A helper is a file, or a directory of files, in tests/vm/helpers.
build_helpers() {
	local dir=$top/tests/vm/helpers from out
	local -a src
	for from in "$dir"/*.c "$dir"/*/; do
		out=$(basename "$from" .c)
		out=$build/helpers/$out
		[ -e "$out" ] && [ -z "$(find "$from" "$dir"/*.h -newer "$out")" ] && continue
		say "helper ${out##*/}"
		mkdir -p "${out%/*}"
		mapfile -t src < <(find "$from" -name '*.c')
		gcc -O2 -Wall -Wextra -static -o "$out" "${src[@]}"
	done
	make -s -C "$top/tests/sweep" module OUT="$build/helpers/fieldsweep"
	make -s -C "$top/tests/replay" OUT="$build/helpers/replay"
	make -s -C "$top/tests/sim" runs OUT="$build/helpers/known-runs"
}

# What the bash of a test loads into itself.
build_builtins() {
	local dir=$top/tests/vm/builtins iopat=$top/tests/vm/helpers/iopat
	local out=$build/helpers/builtins.so obj=$build/builtins f
	[ -e "$out" ] && [ -z "$(find "$dir" "$iopat" "$iopat"/../*.h -newer "$out")" ] && return
	say "builtins of bash"
	mkdir -p "$obj"
	for f in "$iopat"/*.c; do
		gcc -O2 -Wall -Wextra -fPIC -include "$dir/in-shell.h" \
			-c -o "$obj/$(basename "$f" .c).o" "$f"
	done
	gcc -O2 -Wall -Wextra -fPIC -shared -isystem /usr/include/bash \
		-isystem /usr/include/bash/include -o "$out" "$dir"/*.c "$obj"/*.o -ldevmapper
}

build_helpers
build_builtins
for g in $guests; do
	"build_$g"
done
