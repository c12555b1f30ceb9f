#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Modules on two processors, in a kernel that looks for what is wrong with memory and
# locks (kasan) or for data races (kcsan): a QEMU guest with tests/vm/smp/*.config.
#
#   tests/vm/smp.sh kasan|kcsan MODULE-DIRECTORY...
#	builds and loads them; the last one says "smp: done" in the kernel's log
#   tests/vm/smp.sh kasan|kcsan io	dm-remap and I/O from both processors
#   tests/vm/smp.sh kasan|kcsan control [FAULT...]
#	does it notice what smp/selftest does wrong?
#
# A module is built from a copy, with the make variable TOP naming this tree. Fails by the
# name of the module (or `io`) on any complaint of the kernel, on a hang, and without the
# last word. Of KCSAN's reports those count that have one of the modules in the two
# innermost frames of either access: a kernel has races of its own.
#
# LIMIT= seconds for the guest (600), PARAMETERS= of the last module, ROUNDS= of io (4).
# The kernel's log is shown as it comes (QUIET=1: only in the end), and kept in build/smp/.

set -eu
. "$(dirname "$0")/../../scripts/guest-lib.sh"
. "$top/tests/vm/bad-lines.sh"

vm=$top/tests/vm
dir=$build/smp
limit=${LIMIT:-600}
failed=0 nr=0

# initramfs NAME FILE...
initramfs() {
	"$top/scripts/guest-small.sh" "$dir/initramfs" "$vm/smp/guest-init" "${@:2}"
}

# boot PARAMETERS: until it ends, or has to be ended. Without ACPI only the first
# processor of each socket is found.
boot() {
	rm -f "$log"
	timeout -k 5 $((limit + 120)) qemu-system-x86_64 -accel "${ACCEL:-tcg,thread=multi}" \
		-smp 2,sockets=2 -cpu max -m 1024 -nodefaults -display none -no-reboot \
		-kernel "$kernel/bzImage" -initrd "$dir/initramfs" -serial stdio \
		-append "console=ttyS0 loglevel=8 panic=-1 oops=panic log_buf_len=4M nokaslr
			printk.time=0 printk.devkmsg=on ignore_loglevel null_blk.nr_devices=0
			kmemleak=on LIMIT=$limit ROUNDS=${ROUNDS:-4} PARAMETERS=${1-}" \
		</dev/null 2>"$dir/qemu.log" | sed -u 's/\r$//' |
		if [ -n "${QUIET-}" ]; then cat >"$log"; else tee "$log"; fi || true
}

# races MODULES: KCSAN's reports that are theirs, from its first line to its last
races() {
	awk -v modules="$1" '
	function end() {
		if (ours)
			printf "%s", text
		reading = ours = 0
	}
	/^BUG: KCSAN/ { end(); reading = 1; text = "" }
	!reading { next }
	/^=====/ { end(); next }
	{ text = text $0 "\n" }
	/^(read|write|race|assert)/ { frame = 0; next }
	/^ / && ++frame <= 2 && match($0, /\[[a-z0-9_]+\]/) &&
		index(modules, " " substr($0, RSTART + 1, RLENGTH - 2) " ") { ours = 1 }
	END { end() }' "$log"
}

# complaints MODULE...: all that counts
complaints() {
	grep -aE "$bad_lines|unreferenced object|smp: .* does not load" "$log" |
		grep -v '^BUG: KCSAN' || true
	grep -q '^smp: end' "$log" || echo "smp: WARNING: the guest did not come to its end"
	races " $* "
}

# looked: how often KCSAN did, and what else it found
looked() {
	sed -n 's/^setup_watchpoints: */; times it looked for a race: /p' "$log" | tr -d '\n'
	[ "$flavour" != kcsan ] ||
		echo ", races of the kernel's own: $(grep -c '^BUG: KCSAN' "$log" || true)"
}

# verdict NAME MODULE...
verdict() {
	local name=$1 what=''
	shift
	complaints "$@" >"$dir/complaints"
	nr=$((nr + 1))
	grep -q '^smp: done' "$log" || what='it never said "smp: done"'
	grep -q 'Brought up 1 node, 2 CPUs' "$log" || what='the second processor did not come up'
	[ ! -s "$dir/complaints" ] || what='the kernel complained'
	if [ -n "$what" ]; then
		failed=$((failed + 1))
		sed 's/^/#   /' "$dir/complaints" | head -n 60
		echo "not ok $nr - smp-$name: $what; the log is $log"
	else
		echo "ok $nr - smp-$name: no complaint$(looked)"
	fi
}

# modules_in DIR...: sets kos, and names as the kernel says them
modules_in() {
	local ko
	kos=() names=()
	for ko; do
		mapfile -t -O ${#kos[@]} kos < <(find "$ko" -name '*.ko')
	done
	for ko in "${kos[@]}"; do
		ko=${ko##*/}
		ko=${ko%.ko}
		names+=("${ko//-/_}")
	done
}

# built NAME SOURCE
built() {
	build_module "smp-$flavour" "$1" "$2" "$kernel/linux" ARCH=x86_64 TOP="$top"
}

run_modules() {
	local source name
	local -a dirs=()
	for source; do
		name=$(basename "$source")
		built "$name" "$(realpath "$source")"
		dirs+=("$build/smp-$flavour/$name")
	done
	modules_in "${dirs[@]}"
	initramfs "$name" "${kos[@]}"
	log=$dir/$flavour-$name.log
	boot "${PARAMETERS-}"
	verdict "$flavour-$name" "${names[@]}"
}

run_io() {
	make -s -C "$top" tools
	"$top/scripts/guest-build.sh" helpers
	built target "$vm/target"
	built src "$top/src"
	modules_in "$build/smp-$flavour/target" "$build/smp-$flavour/src"
	cp "$vm/smp/io.sh" "$dir/work"
	initramfs io "${kos[@]}" "$dir/work" "$build/helpers/iomix" "$top/tools/dmremap" \
		"$(command -v dmsetup)"
	log=$dir/$flavour-io.log
	boot ''
	verdict "$flavour-io" "${names[@]}"
}

# noticed FAULT REGEX: the selftest, wrong in that way
noticed() {
	case " $only " in
	'  ' | *" $1 "*) ;;
	*) return 0 ;;
	esac
	log=$dir/$flavour-control-$1.log
	boot "fault=$1"
	complaints "${names[@]}" >"$dir/complaints"
	nr=$((nr + 1))
	if grep -qE "$2" "$dir/complaints" || [ "$2$(wc -l <"$dir/complaints")" = 0 ]; then
		echo "ok $nr - smp-$flavour-control-$1: as it must be"
	else
		failed=$((failed + 1))
		echo "not ok $nr - smp-$flavour-control-$1: not noticed; the log is $log"
	fi
}

# run_control [FAULT...]
run_control() {
	only=$*
	export QUIET=1
	built selftest "$vm/smp/selftest"
	modules_in "$build/smp-$flavour/selftest"
	initramfs selftest "${kos[@]}"
	noticed none ''
	if [ "$flavour" = kcsan ]; then
		noticed race 'BUG: KCSAN: data-race'
		return
	fi
	noticed order 'possible circular locking'
	noticed sleep 'scheduling while atomic|sleeping function'
	noticed after 'BUG: KASAN: use-after-free'
	noticed leak 'kmemleak: .* new'
	limit=60
	noticed hang 'not done in|did not come to its end'
}

flavour=${1-}
[ $# -ge 2 ] || die "which flavour, and what? See the head of this script"
shift
need qemu-system-x86_64 make gcc cpio
mkdir -p "$dir"
kernel=$("$top/scripts/guest-smp.sh" "$flavour")
case $1 in
io) run_io ;;
control) run_control "${@:2}" ;;
*) run_modules "$@" ;;
esac
[ $failed -eq 0 ]
