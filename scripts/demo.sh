#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A failing disk, a power cut, checksums: dm-remap shown in a virtual machine.
#
#   scripts/demo.sh		a minute or two once the packages are installed
#
# It is a test, too: each line with a tick was checked, and the exit status is 0
# only if all of them are true. No disk of this computer is touched: everything is in
# build/demo/, also what the guest said (*.log).
#
# The disk is QEMU's NVMe over its blkdebug driver, which fails reads and writes of
# chosen sectors with a media error; where errors must appear while it runs, the test
# target dm-remap-test lies over it (tests/vm/target). The acts: tests/demo/.

set -eEu
. "$(dirname "$0")/guest-lib.sh"

out=$build/demo
DISK_MB=192
SPARE_MB=32
FILES=40	# of act 1 and 2
KB=768		# the size of each
LATE=12		# the power goes after so many more are synced, or a bit later
ROUNDS=16	# of places going bad
BOOT_LIMIT=90	# seconds without a word from the guest
LINE_LIMIT=60

begun=$SECONDS
claims=0 false_claims=0
stage="preparing"

# --- what is shown ---

bold='' dim='' red='' green='' plain='' clear=''
if [ -t 1 ] && [ "${TERM-dumb}" != dumb ] && [ -z "${NO_COLOR-}" ]; then
	bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
	clear=$'\r\e[K'
fi

caption() {
	printf '\n%s%s%s\n' "$bold" "$1" "$plain"
	stage=${1%%:*}
}

tell() { printf '  %s\n' "$*"; }

yes() {
	claims=$((claims + 1))
	printf '  %s+ %s%s\n' "$green" "$1" "$plain"
}

no() {
	claims=$((claims + 1)) false_claims=$((false_claims + 1))
	printf '  %s- NOT TRUE: %s%s\n' "$red" "$1" "$plain"
}

# claim TEXT COMMAND...
claim() {
	local text=$1
	shift
	if "$@"; then
		yes "$text"
	else
		no "$text"
	fi
}

# bar DONE TOTAL TEXT: in place on a terminal, else every third or so
bar() {
	local width=24 total=$2 text=$3 hashes
	printf -v hashes '%*s' $(($1 * width / total)) ''
	hashes=${hashes// /#}
	if [ -z "$clear" ] && [ "$1" -lt "$total" ] && [ $(($1 % 16)) -ne 0 ]; then
		return
	fi
	printf '%s  [%-*s] %d of %d %s' "$clear" $width "$hashes" "$1" "$total" "$text"
	if [ -z "$clear" ] || [ "$1" -eq "$total" ]; then
		echo
	fi
}

stop() {
	[ -z "$clear" ] || echo
	printf '  %s%s: %s%s\n' "$red" "$stage" "$1" "$plain"
	if [ -n "${log-}" ]; then
		printf '  The guest said (%s):\n' "$log"
		tail -n 12 "$log" | sed 's/^/    /'
		printf '  Its kernel: %s\n' "$log.kernel"
	fi
	verdict
}

verdict() {
	local took=$((SECONDS - begun))
	kill_guest
	echo
	if [ "$stage" = end ]; then
		printf '%s%d claims held: %d of %d files outlived bad sectors and a power cut.' \
			"$bold$green" $claims "$synced" "$synced"
		printf '%s (%d s)\n' "$plain" $took
		exit 0
	fi
	printf '%sThe demo did not get to its end.%s' "$bold$red" "$plain"
	printf ' Logs: %s\n' "$out"
	exit 1
}

# --- the machine ---

guest=''

kill_guest() {
	[ -n "$guest" ] || return 0
	kill -9 "$guest" 2>/dev/null || true
	wait "$guest" 2>/dev/null || true
	guest=''
}
trap kill_guest EXIT
trap 'stop "failed: $BASH_COMMAND"' ERR
trap 'exit 130' INT TERM

# KVM where the test harness has found that it answers.
accelerator() {
	local memo
	memo=$cache/kvm$(uname -r)-_boot_vmlinuz-$kver
	if [ "$(cat "$memo" 2>/dev/null)" = yes ]; then
		echo kvm
	else
		echo tcg,thread=multi
	fi
}

# boot ACT: sets $guest (its process), $from_guest (its terminal), $log
boot() {
	local act=$1 vm=$out/vm drive=format=raw,if=none,cache=none,aio=threads
	rm -rf "$vm"
	mkdir -p "$vm/boot" "$vm/tests"
	cp "$top"/tests/vm/{guest-init,guest-modprobe,lib.sh,bad-lines.sh} "$vm/"
	cp "$top/tests/demo/$act.sh" "$vm/tests/"
	cp "$top/tests/demo/lib.sh" "$vm/demo-lib.sh"
	cp "$out"/*.sums "$vm/"
	printf '%s\n' "FILES=$FILES" "KB=$KB" "ROUNDS=$ROUNDS" >"$vm/parameters"
	printf '%s\n' GUEST=qemu TTY=/dev/ttyS1 OWN_BOOT=1 STAGE=0 >"$vm/boot/env"
	echo "$act 300 dm-remap dmremap ext4 nvme" >"$vm/boot/queue"
	"$top/scripts/guest-overlay.sh" "$vm" "$out/initramfs.cpio"

	log=$out/$act.log
	: >"$log"
	exec {from_guest}< <(exec qemu-system-x86_64 -accel "$(accelerator)" -smp 2 -cpu max \
		-m 1024 -nodefaults -display none -no-reboot \
		-kernel "/boot/vmlinuz-$kver" -initrd "$out/initramfs.cpio" \
		-serial "file:$log.kernel" -serial stdio \
		-append "console=ttyS0 loglevel=5 panic=-1 oops=panic log_buf_len=8M nokaslr
			mitigations=off nowatchdog random.trust_cpu=on" \
		-drive "file=blkdebug:$out/bad.rules:$out/disk.img,$drive,id=d0" \
		-device nvme,drive=d0,serial=disk0 \
		-drive "file=$out/spare.img,$drive,id=d1" \
		-device virtio-blk-pci,drive=d1,serial=disk1 </dev/null 2>"$log.qemu")
	guest=$!
}

# Read the guest's lines until one is of interest. Sets $word and $rest; status 1
# at the end of the guest, 2 when it says nothing.
next_line() {
	local line status=0
	while true; do
		IFS= read -r -t "$1" -u "$from_guest" line || {
			status=$?
			[ $status -le 128 ] || return 2
			return 1
		}
		line=${line%$'\r'}
		printf '%3d %s\n' $((SECONDS - begun)) "$line" >>"$log"
		[[ $line =~ ^(::[a-z]+|@@[A-Z]+)\ ?(.*)$ ]] || continue
		word=${BASH_REMATCH[1]} rest=${BASH_REMATCH[2]}
		return 0
	done
}

# One line of the guest's, shown or noted.
take_line() {
	case $word in
	::say) tell "$rest" ;;
	::show | ::kernel) printf '    %s%s%s\n' "$dim" "$rest" "$plain" ;;
	::bar)
		read -r a b c <<<"$rest"
		bar "$a" "$b" "$c"
		;;
	::yes) yes "$rest" ;;
	::no) no "$rest" ;;
	::writing) writing[${rest%% *}]=1 ;;
	::synced)
		read -r a b <<<"$rest"
		unset "writing[$a]"
		echo "$b  $a" >>"$out/synced.sums"
		synced=$((synced + 1))
		;;
	@@BAD) no "the kernel is content: $rest" ;;
	@@SKIP) stop "cannot run here: $rest" ;;
	@@WEDGED) stop "the guest is stuck" ;;
	esac
}

declare -A writing=()
synced=0
act=0

# play_until WORD: show lines up to one with that word, which has to come
play_until() {
	local limit=$BOOT_LIMIT status
	while true; do
		status=0
		next_line $limit || status=$?
		case $status in
		1) stop "the guest died" ;;
		2) stop "no word from the guest for $limit s" ;;
		esac
		[ "$word" != "$1" ] || return 0
		[ "$word" != @@END ] || stop "it ended too early"
		take_line
		limit=$LINE_LIMIT
	done
}

# What follows builds on it.
all_true() {
	[ $false_claims -eq 0 ] || stop "$false_claims of $claims claims did not hold"
}

# To the end of an act, which must have gone well.
play() {
	play_until @@END
	read -r a b c <<<"$rest"
	[ "$b" = 0 ] || stop "a command failed (status $b)"
	# it turns itself off
	while next_line 30; do :; done
	kill_guest
	all_true
}

# --- the disks ---

# Sectors of the NVMe disk that fail: every so often a free one, some of the journal.
# Blocks of the filesystem are of 4 KiB.
bad_sectors() {
	dumpe2fs "$out/disk.img" 2>/dev/null | awk -F': ' '
		/^  Free blocks:/ {
			n = split($2, range, ", ")
			for (i = 1; i <= n; i++) {
				split(range[i], r, "-")
				if (r[2] == "")
					r[2] = r[1]
				for (b = r[1]; b <= r[2]; b++)
					if (k++ % 450 == 150)
						print b * 8 + k % 8
			}
		}'
	debugfs -R 'stat <8>' "$out/disk.img" 2>/dev/null |
		sed -n 's/^(0-[0-9]*):\([0-9]*\)-.*/\1/p' |
		awk '{ for (i = 220; i < 1000; i += 160) print ($1 + i) * 8 }'
}

make_rules() {
	local sector
	for sector in "$@"; do
		printf '[inject-error]\nevent = "%s"\niotype = "%s"\nerrno = "5"\nsector = "%d"\n' \
			write_aio write "$sector" read_aio read "$sector" |
			sed 's/^sector.*/&\nonce = "off"\nimmediately = "off"/'
	done >"$out/bad.rules"
}

# A disk that has been in use: ext4 with old files.
make_disk() {
	local old=$out/root/old i
	mkdir -p "$old"
	for ((i = 0; i < 24; i++)); do
		head -c $((200000 + i * 9000)) /dev/urandom >"$old/$i"
	done
	(cd "$out/root" && sha256sum old/*) >"$out/old.sums"
	truncate -s ${DISK_MB}M "$out/disk.img"
	mkfs.ext4 -q -F -b 4096 -J size=4 -E lazy_itable_init=0,lazy_journal_init=0 \
		-d "$out/root" "$out/disk.img"
	truncate -s ${SPARE_MB}M "$out/spare.img"
	rm -rf "$out/root"
}

prepare() {
	PATH=$PATH:/usr/sbin:/sbin
	mkdir -p "$build/vm" "$out"
	rm -rf "${out:?}"/*
	"$top/scripts/setup.sh" --check >/dev/null 2>&1 || "$top/scripts/setup.sh"
	begun=$SECONDS
	exec 9>"$build/vm/lock"
	flock -n 9 || {
		tell "another run uses this build directory; waiting"
		flock 9
	}
	tell "building (log: $out/build.log)"
	{
		make -s --no-print-directory -C "$top" tools &&
			"$top/scripts/guest-build.sh" qemu
	} >"$out/build.log" 2>&1 9>&- || {
		tail -n 15 "$out/build.log"
		stop "building failed"
	}
	exec 9>&-
	kver=$(stock_kernel)
	make_disk
	cp --sparse=always "$out/disk.img" "$out/disk.orig"
	mapfile -t sectors < <(bad_sectors)
	make_rules "${sectors[@]}"
	: >"$out/synced.sums"
}

# --- the story ---

caption "dm-remap: a disk that loses sectors, and a power cut"
stage=preparing
prepare
tell "machine: QEMU with Linux $kver, 2 processors; no disk of this computer is touched"
tell "disk:    NVMe, $DISK_MB MiB, ext4 with $(wc -l <"$out/old.sums") old files;" \
	"${#sectors[@]} sectors can be neither read nor written"
tell "spare:   $SPARE_MB MiB, with a write cache that forgets when the power goes"

caption "Act 1: the disk without dm-remap"
boot act1
play

caption "Act 2: the same disk, as it was before act 1, with dm-remap"
cp --sparse=always "$out/disk.orig" "$out/disk.img"
: >"$out/synced.sums"
synced=0 writing=()
boot act2
play_until ::act
all_true

caption "Act 3: the power is cut"
act3_from=$synced
while [ $((synced - act3_from)) -lt $LATE ] || [ "$word" != ::writing ]; do
	next_line $LINE_LIMIT || stop "the guest does not write on"
	take_line
	all_true
done
sleep "0.$((RANDOM % 25 + 5))"
kill_guest # with SIGKILL: it has no time for anything
while next_line 5; do
	case $word in ::writing | ::synced) take_line ;; esac
done
tell "The virtual machine is killed. $((synced - act3_from)) more files were synced until then."
claim "it was in the middle of writing: ${!writing[*]}" test ${#writing[@]} -gt 0

caption "Act 4: the machine boots again"
boot act4
play
stage=end
verdict
