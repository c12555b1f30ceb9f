# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the benchmarks have in common. To be sourced.
#
#   bench_run NAME LIMIT "PROGRAM..." [VARIABLE=VALUE...]
#
# boots the stock kernel under QEMU's instruction counting, where a nanosecond of the
# guest's clock is one instruction, whatever else this machine does.
#
#   bench_native NAME LIMIT "PROGRAM..." "MODULE..." [VARIABLE=VALUE...]
#
# boots a User Mode Linux without one checker, for what has to be measured in native time,
# as a ratio within one run. The modules are directories of tests/bench.
#
# Both boot guest-init, which runs NAME-guest.sh with the programs at hand; what that
# prints is build/bench-NAME/guest.log then. LIMIT: seconds for the guest. Directories in
# $out/tables, made by bench_table before, are in tables of the guest's directory.
#
# GUEST=sid takes Debian sid's kernel instead of the stock one; MEMORY_MB= and
# BENCH_PROCESSORS= are of the guest, the latter without counting.

. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/guest-lib.sh"

export GUEST=${GUEST:-qemu}
case $GUEST in
qemu | sid) ;;
*) die "GUEST is qemu or sid" ;;
esac

# one at a time builds in this tree
bench_lock() {
	mkdir -p "$build/vm" "$out"
	exec 9>"$build/vm/lock"
	flock -n 9 || {
		say "another run uses this build directory; waiting"
		flock 9
	}
}

# bench_stage NAME [VARIABLE=VALUE...]: what becomes the guest's directory of the run
bench_stage() {
	rm -rf "$out/vm"
	mkdir -p "$out/vm"
	cp "$top/tests/bench/guest-init" "$out/vm/"
	[ ! -d "$out/tables" ] || cp -r "$out/tables" "$out/vm/"
	cp "$top/tests/bench/$1-guest.sh" "$out/vm/measure.sh"
	shift
	printf '%s\n' "$@" >"$out/vm/parameters"
}

bench_finished() {
	grep -q '^done' "$out/guest.log" || {
		tail -n 15 "$out/kernel.log" "$out/guest.log" >&2
		die "the guest did not finish; logs are in $out"
	}
}

bench_prepare() {
	local name=$1 programs
	read -ra programs <<<"$2"
	shift 2
	need qemu-system-x86_64 gcc make cpio
	bench_lock
	"$top/scripts/guest-build.sh" "$GUEST" 9>&-
	bench_stage "$name" "GUEST=$GUEST" TTY=/dev/ttyS1 "$@"
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
	local how=(-accel tcg -icount "shift=0,sleep=off" -smp 1)
	[ -z "${BENCH_PROCESSORS-}" ] || how=(-accel "tcg,thread=multi" -smp "$BENCH_PROCESSORS")
	timeout -k 5 "$1" qemu-system-x86_64 "${how[@]}" \
		-m "${MEMORY_MB:-1024}" -nodefaults -display none -no-reboot \
		-kernel "$kernel" -initrd "$out/initramfs.cpio" \
		-serial "file:$out/kernel.log" -serial "file:$out/guest.log" \
		-append "console=ttyS0 loglevel=5 panic=-1 oops=panic nokaslr nowatchdog
			slab_nomerge random.trust_cpu=on" </dev/null >"$out/qemu.log" 2>&1 || true
	bench_finished
}

bench_run() {
	local name=$1 limit=$2
	shift 2
	out=$build/bench-$name
	bench_prepare "$name" "$@"
	bench_boot "$limit"
}

bench_native() {
	local name=$1 limit=$2 programs modules dir m
	read -ra programs <<<"$3"
	read -ra modules <<<"$4"
	shift 4
	out=$build/bench-$name
	need gcc make
	bench_lock
	dir=$("$top/scripts/guest-uml.sh" plain)
	build_module uml-plain src "$top/src" "$dir/linux" ARCH=um
	for m in "${modules[@]}"; do
		build_module uml-plain "$m" "$top/tests/bench/$m" "$dir/linux" ARCH=um
	done
	exec 9>&-
	bench_stage "$name" GUEST=uml TTY=/dev/tty1 "$@"
	mkdir "$out/vm/bin"
	cp -r "$build/uml-plain/modules" "$out/vm/"
	cp "$top/tools/dmremap" "${programs[@]}" "$out/vm/bin/"
	# shellcheck disable=SC2034 # of those who source this
	kernel=UML-$(make -s -C "$dir/linux" ARCH=um kernelversion)
	timeout -k 5 "$limit" "$dir/vmlinux-uml" mem=1024M rootfstype=hostfs rootflags=/ ro \
		"init=$(realpath "$out")/vm/guest-init" con=null con0=null,fd:2 con1=null,fd:1 \
		console=tty0 loglevel=5 panic=-1 null_blk.nr_devices=0 \
		</dev/null >"$out/guest.log" 2>"$out/kernel.log" || true
	bench_finished
}
