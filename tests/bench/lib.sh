# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the benchmarks have in common: one boot of the stock kernel, or with
# GUEST=sid of a newer one, under QEMU's instruction counting, where a nanosecond
# of the guest's clock is one instruction, whatever else this machine does. To be
# sourced.
#
#   bench_run NAME LIMIT "PROGRAM..." [VARIABLE=VALUE...]
#
# boots guest-init, which runs NAME-guest.sh with the programs at hand; what that
# prints is build/bench-NAME/guest.log then. LIMIT: seconds for the guest.

. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/guest-lib.sh"

export GUEST=${GUEST:-qemu}
case $GUEST in
qemu | sid) ;;
*) die "GUEST is qemu or sid" ;;
esac

bench_prepare() {
	local name=$1 programs
	read -ra programs <<<"$2"
	shift 2
	mkdir -p "$build/vm" "$out"
	need qemu-system-x86_64 gcc make cpio
	exec 9>"$build/vm/lock"
	flock -n 9 || {
		say "another run uses this build directory; waiting"
		flock 9
	}
	"$top/scripts/guest-build.sh" "$GUEST" 9>&-
	rm -rf "$out/vm"
	mkdir -p "$out/vm"
	cp "$top/tests/bench/guest-init" "$out/vm/"
	cp "$top/tests/bench/$name-guest.sh" "$out/vm/measure.sh"
	printf '%s\n' "$@" >"$out/vm/parameters"
	"$top/scripts/guest-overlay.sh" "$out/vm" "$out/initramfs.cpio" "${programs[@]}"
	kernel=$(readlink -f "$build/$GUEST/kernel")
	exec 9>&-
}

bench_boot() {
	timeout -k 5 "$1" qemu-system-x86_64 -accel tcg -icount shift=0,sleep=off -smp 1 \
		-m 1024 -nodefaults -display none -no-reboot \
		-kernel "$kernel" -initrd "$out/initramfs.cpio" \
		-serial "file:$out/kernel.log" -serial "file:$out/guest.log" \
		-append "console=ttyS0 loglevel=5 panic=-1 oops=panic nokaslr nowatchdog
			slab_nomerge random.trust_cpu=on" </dev/null >"$out/qemu.log" 2>&1 || true
	grep -q '^done' "$out/guest.log" || {
		tail -n 15 "$out/kernel.log" "$out/guest.log" >&2
		die "the guest did not finish; logs are in $out"
	}
}

bench_run() {
	local name=$1 limit=$2
	shift 2
	out=$build/bench-$name
	bench_prepare "$name" "$@"
	bench_boot "$limit"
}
