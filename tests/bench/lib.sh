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
# prints is build/bench-NAME/guest.log then. LIMIT: seconds for the guest. Directories in
# $out/tables, made by bench_table before, are /vm/tables there.

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
	[ ! -d "$out/tables" ] || cp -r "$out/tables" "$out/vm/"
	cp "$top/tests/bench/$name-guest.sh" "$out/vm/measure.sh"
	printf '%s\n' "$@" >"$out/vm/parameters"
	"$top/scripts/guest-overlay.sh" "$out/vm" "$out/initramfs.cpio" "${programs[@]}"
	kernel=$(readlink -f "$build/$GUEST/kernel")
	exec 9>&-
}

# bench_table REMAPS MAIN_GB: a spare with so many remaps, of a main of that size; see
# entries.py. Of its metadata $out/tables/REMAPS gets a file copy-SLOT for each copy, what is
# there from that slot on; a file places, of 20,000 blocks and their slots; and for up to
# 100,000 remaps a file linear, the table that dm-linear would need.
# Kept in build/bench-tables, for all benches. BENCH_SPARE_MB= changes the size of the spare.
BENCH_SPARE_MB=${BENCH_SPARE_MB:-4400} # has room for a million, and some
bench_table() {
	local remaps=$1 main_gb=$2 key dir file slot blocks
	make -s -C "$top/tools"
	key=$(cat "$top/tests/bench/entries.py" "$top/tools/dmremap" | sha256sum | cut -c1-16)
	dir=$build/bench-tables/$remaps-$main_gb-$BENCH_SPARE_MB-$key
	if [ ! -e "$dir/places" ]; then
		say "a spare with $remaps remaps"
		rm -rf "$build/bench-tables/$remaps-$main_gb-$BENCH_SPARE_MB"-*
		mkdir -p "$dir"
		file=$dir/spare
		truncate -s $((BENCH_SPARE_MB))M "$file"
		truncate -s 1G "$dir/main"
		"$top/tools/dmremap" format --yes --force "$dir/main" "$file" >"$dir/log" 2>&1
		"$top/tools/dmremap" dump "$file" >"$dir/empty"
		"$top/tests/bench/entries.py" "$dir/empty" "$remaps" \
			--main $((main_gb * 2097152)) --places "$dir/all" \
			--linear "$dir/linear" >"$dir/full"
		"$top/tools/dmremap" restore --yes --force "$dir/full" "$file" >>"$dir/log" 2>&1
		"$top/tools/dmremap" check "$file" >>"$dir/log" 2>&1
		blocks=$((2 + (BENCH_SPARE_MB * 256 + 503) / 504))
		for slot in $("$top/tools/dmremap" check --json "$file" |
			python3 -c 'import json, sys
for copy in json.load(sys.stdin)["copies"]: print(copy["slot"])'); do
			dd if="$file" of="$dir/copy-$slot" bs=4096 skip="$slot" \
				count=$blocks status=none
		done
		[ "$remaps" -le 100000 ] || rm "$dir/linear"
		head -n 20000 "$dir/all" >"$dir/places.new"
		rm "$file" "$dir"/{main,empty,full,all}
		mv "$dir/places.new" "$dir/places"
	fi
	mkdir -p "$out/tables/$remaps"
	cp "$dir"/copy-* "$dir/places" "$out/tables/$remaps/"
	[ ! -e "$dir/linear" ] || cp "$dir/linear" "$out/tables/$remaps/"
}

bench_boot() {
	timeout -k 5 "$1" qemu-system-x86_64 -accel tcg -icount shift=0,sleep=off -smp 1 \
		-m "${MEMORY_MB:-1024}" -nodefaults -display none -no-reboot \
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
