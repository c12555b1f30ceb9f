#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tests/vm/swap.sh [SECONDS]: swap on a dm-remap device in a QEMU guest with the least
# memory that the stock kernel boots with, and 32 MiB: a hog of three times the memory
# checks its pages, blocks go bad under the swap, and a process that is locked in memory
# suspends and resumes the device now and then. For so long (300).
#
#   tests/vm/swap.sh control	does it notice lost pages, and a hang? Two minutes
#
# Bar: no deadlock, no lost page; and enough of all that to say so. A guest of which a
# part is silent for 60 s hangs: its blocked tasks are asked for, and shown. SEED= begins
# elsewhere, EXTRA_MB= is for more or less than 32. Logs: build/swap/.

set -eu
. "$(dirname "$0")/../../scripts/guest-lib.sh"
. "$top/tests/vm/bad-lines.sh"

MAIN_MB=640
SPARE_MB=128
BOOT_LIMIT=90 # seconds
extra_mb=${EXTRA_MB:-32}
silence=60 # seconds
seed=${SEED:-$RANDOM}
vm=$top/tests/vm
dir=$build/swap
qemu=

end_guest() {
	[ -z "$qemu" ] || kill -9 "$qemu" 2>/dev/null || true
	[ -z "$qemu" ] || wait "$qemu" 2>/dev/null || true
	qemu=
}
trap end_guest EXIT

prepare() {
	local kver
	local -a kos
	need qemu-system-x86_64 dmsetup modprobe
	kver=$(stock_kernel)
	"$top/scripts/guest-build.sh" qemu
	mapfile -t kos < <(modprobe -aS "$kver" --show-depends virtio_pci virtio_blk dm-mod \
		libcrc32c crc32c_generic | awk '$1 == "insmod" && !seen[$2]++ { print $2 }')
	mkdir -p "$dir"
	"$top/scripts/guest-small.sh" "$dir/initramfs" "$vm/swap/guest-init" "${kos[@]}" \
		"$build"/qemu/modules/dm-remap{,-test}.ko "$top/tools/dmremap" \
		"$(command -v dmsetup)" "$build"/helpers/swap{hog,faults}
	kernel=$(readlink -f "$build/qemu/kernel")
	[ -p "$dir/monitor" ] || mkfifo "$dir/monitor"
	exec 8<>"$dir/monitor"
}

# boot MB "VARIABLE=VALUE..." [QEMU-ARGUMENT...]
boot() {
	local mb=$1 say=$2
	shift 2
	: >"$dir/guest.log"
	qemu-system-x86_64 -accel "${ACCEL:-tcg,thread=multi}" -smp 2 -cpu max -m "$mb" \
		-nodefaults -display none -no-reboot -kernel "$kernel" \
		-initrd "$dir/initramfs" -serial "file:$dir/kernel.log" \
		-serial "file:$dir/guest.log" -monitor stdio "$@" \
		-append "console=ttyS0 loglevel=5 panic=-1 oops=panic log_buf_len=1M nokaslr
			rcupdate.rcu_cpu_stall_timeout=60 watchdog_thresh=30 mitigations=off
			random.trust_cpu=on zswap.enabled=0 $say" \
		<&8 >"$dir/monitor.log" 2>&1 &
	qemu=$!
}

# boots MB: as far as to the modules
boots() {
	local end=$((SECONDS + BOOT_LIMIT))
	boot "$1" PROBE=1
	until grep -q '^up' "$dir/guest.log"; do
		if [ $SECONDS -ge $end ] || ! kill -0 "$qemu" 2>/dev/null; then
			end_guest
			return 1
		fi
		sleep 0.2
	done
	end_guest
}

# The least memory, once for a kernel and a size of what is unpacked into it; sets least.
find_least() {
	local low=32 high=512 middle key
	key="$kernel $(($(stat -c %s "$dir/initramfs") >> 20))"
	if [ "$(head -n 1 "$dir/least" 2>/dev/null)" = "$key" ]; then
		least=$(tail -n 1 "$dir/least")
		return
	fi
	boots $high || die "the guest does not boot with $high MiB; logs are in $dir"
	while [ $((high - low)) -gt 1 ]; do
		middle=$(((low + high) / 2))
		if boots $middle; then high=$middle; else low=$middle; fi
	done
	least=$high
	printf '%s\n%s\n' "$key" "$least" >"$dir/least"
	say "boots with $least MiB, not with $low"
}

# What the kernel shows of its tasks when asked by keyboard: all messages, those that
# are blocked, all.
show_tasks() {
	local key
	for key in 8 w t m; do
		echo "sendkey alt-sysrq-$key" >&8
		sleep 4
	done
}

# Who has said that it is alive, and how often.
lives() {
	awk '/^@/ { n[$1]++; done[$1] = $2 == "done" }
		END { for (w in n) if (!done[w]) print w, n[w] }' "$dir/guest.log"
	echo "guest $(stat -c %s "$dir/guest.log")"
}

# watch: until the guest ends, or a part of it is silent; sets hang.
watch() {
	local who n
	local -A count=() since=()
	hang=
	while kill -0 "$qemu" 2>/dev/null; do
		while read -r who n; do
			if [ "${count[$who]-}" != "$n" ]; then
				count[$who]=$n since[$who]=$SECONDS
			elif [ $((SECONDS - since[$who])) -ge $silence ]; then
				hang="$who silent for $silence s"
			fi
		done < <(lives)
		if [ -n "$hang" ]; then
			show_tasks
			break
		fi
		sleep 1
	done
	end_guest
}

# result WORDS: what follows them on the guest's RESULT line
result() {
	sed -n "s/^RESULT $1 //p" "$dir/guest.log" | tr -d '\r' | tail -n 1
}

# number WORDS KEY: the number behind KEY there
number() {
	result "$1" | grep -oE "(^| )$2[ =][0-9]+" | grep -oE '[0-9]+$' || echo 0
}

# run SECONDS [CONTROL]
run() {
	local mb=$((least + extra_mb))
	rm -f "$dir"/{main,spare}.img
	truncate -s "${MAIN_MB}M" "$dir/main.img"
	truncate -s "${SPARE_MB}M" "$dir/spare.img"
	say "$mb MiB of memory, hog $((3 * mb)) MiB, $1 s, seed $seed"
	boot $mb "HOG=$((3 * mb)) LOAD=$1 SEED=$seed ${2:+CONTROL=\"$2\"}" \
		-drive "file=$dir/main.img,format=raw,if=none,id=d0,cache=unsafe" \
		-device virtio-blk-pci,drive=d0 \
		-drive "file=$dir/spare.img,format=raw,if=none,id=d1,cache=unsafe" \
		-device virtio-blk-pci,drive=d1
	watch
	grep -aE "$bad_lines|Out of memory" "$dir/kernel.log" >"$dir/complaints" || true
}

# verdict NAME TEXT COMMAND...
verdict() {
	local name=$1 text=$2
	shift 2
	nr=$((nr + 1))
	if "$@"; then
		echo "ok $nr - swap-$name: $text"
	else
		echo "not ok $nr - swap-$name: $text"
		failed=$((failed + 1))
	fi
}

# The end of a hang or a crash, for who reads only this.
show_failure() {
	sed 's/^/#   /' "$dir/complaints" | head -n 20
	tail -n 15 "$dir/guest.log" | sed 's/^/#   /'
	if [ -n "$hang" ]; then
		sed -n '/sysrq: Show Blocked State/,/sysrq: Show State/p' "$dir/kernel.log" |
			head -n 200 | sed 's/^/#   /'
	fi
	echo "# logs: $dir/kernel.log $dir/guest.log"
}

judge() {
	local seconds=$1 remaps suspends checks
	remaps=$(number status remaps)
	suspends=$(number faults suspends)
	checks=$(number hog checks)
	echo "guest: boots with $least MiB, had $((least + extra_mb)) (bar: $extra_mb more);" \
		"$(number hog pages) pages, $(number faults ranges) bad places," \
		"$(number faults suspend_ms) ms to suspend and $(number faults resume_ms)" \
		"to resume at most, seed $seed"
	verdict deadlock "${hang:-none} (bar: none)" [ -z "$hang" ]
	verdict end "it came to its end" grep -q '^@end done' "$dir/guest.log"
	verdict pages "$checks checks (bar: at least $((seconds * 100)))" \
		[ "$checks" -ge $((seconds * 100)) ]
	verdict lost "$(number hog wrong) wrong (bar: 0), the hog's exit $(result hog-status)" \
		[ "$(number hog wrong)-$(result hog-status)" = 0-0 ]
	verdict remaps "$remaps (bar: at least $seconds), mode $(result status |
		grep -o 'mode=[^ ]*')" eval "[ $remaps -ge $seconds ] && result status |
		grep -q ' mode=rw '"
	verdict suspends "$suspends (bar: at least $((seconds / 10)))" \
		[ "$suspends" -ge $((seconds / 10)) ]
	verdict close "swapoff, close, check of the spare: $(result check)" \
		[ "$(result swapoff)-$(result check)-$(result faults-status)" = 0-0-0 ]
	verdict log "the kernel's log: $(wc -l <"$dir/complaints") complaints (bar: 0)" \
		[ ! -s "$dir/complaints" ]
}

control() {
	local wrong
	run 60 "lose 4000"
	wrong=$(grep -c '^wrong: ' "$dir/guest.log") || true
	verdict control-lost "4000 blocks written over: $wrong pages told as wrong (bar: 1)" \
		[ "$wrong" -ge 1 ]
	silence=15
	run 60 "hang 20"
	verdict control-hang "suspended for good: ${hang:-not noticed}" [ -n "$hang" ]
	verdict control-tasks "blocked tasks are shown" \
		grep -q 'sysrq: Show Blocked State' "$dir/kernel.log"
}

nr=0 failed=0
prepare
find_least
if [ "${1-}" = control ]; then
	control
else
	run "${1:-300}"
	judge "${1:-300}"
fi
[ $failed -eq 0 ] || show_failure
[ $failed -eq 0 ]
