# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the acts of the demo share, inside the guest. They run as tests of the
# harness do (tests/vm/guest-init, tests/vm/lib.sh), and talk to scripts/demo.sh
# through lines on their terminal:
#
#	::say TEXT		to be shown
#	::kernel TEXT		a line of the kernel's log, to be shown
#	::show TEXT		a line of a command's output, to be shown
#	::bar DONE TOTAL TEXT	progress
#	::yes TEXT, ::no TEXT	a claim that holds, or does not
#	::writing NAME		a file is begun
#	::synced NAME SUM	fsync() of a file and its directory has returned
#	::act N			the next act begins without a boot

# shellcheck source=tests/vm/lib.sh
. "$VM/lib.sh"
# FILES, KB and ROUNDS
# shellcheck source=/dev/null
. "$VM/parameters"

say() { echo "::say $*"; }
show() { sed 's/ set [0-9a-f-]\{36\},//' | fold -s -w 92 | sed 's/^/::show /'; }

# claim TEXT COMMAND...: shown as true or not; the act goes on either way
claim() {
	local text=$1
	shift
	if "$@"; then
		echo "::yes $text"
	else
		echo "::no $text"
	fi
}

# quietly LOG COMMAND...: what it says goes there
quietly() {
	local log=$1
	shift
	"$@" >"$log" 2>&1
}

# What the kernel said since the act began, without the time.
kernel_said() {
	dmesg | sed '1,/dm-remap-vm: /d; s/^\[[^]]*\] *//' | { grep -E "$1" || true; }
}

# quote_kernel REGEX N: its first N different lines
quote_kernel() {
	kernel_said "$1" | sed 's/ flags 0x.*//' |
		awk -v n="$2" '!seen[$0]++ && k++ < n { print "::kernel " $0 }'
}

count_kernel() {
	kernel_said "$1" | wc -l
}

count_media_errors() {
	count_kernel 'critical medium error, dev nvme'
}

# The disk itself, with what makes it age. Sets $main.
aging_disk() {
	main=$(faulty aging "$(disk 0)" main)
}

# A disk that loses with the power what was not flushed. Sets $spare.
spare_disk() {
	spare=$(faulty spare "$(disk 1)" spare)
	tell "$spare" cache on
}

# grow_bad ROUND: one more place in each MiB where writes fail
grow_bad() {
	local n=$(($(sectors "$main") / 2048 - 1))
	tell "$main" scatter $((1024 + $1 * 37 % 120 * 8)) 2048 $n 8 write medium
	echo $((n * ($1 + 1)))
}

# What files are made of: each is another part of it.
make_pool() {
	dd if=/dev/urandom of=/tmp/pool bs=1M count=16 2>/dev/null
}

# write_file NAME SEED: a file of $KB below /mnt, with all that makes it last;
# fails if anything does. Its checksum is of what was to be written.
write_file() {
	local part=(bs=64k count=$((KB / 64)) skip=$(($2 % 240)) if=/tmp/pool) sum
	sum=$(dd "${part[@]}" 2>/dev/null | sha256sum)
	echo "::writing $1"
	dd "${part[@]}" of="/mnt/$1" conv=fsync 2>>/tmp/dd.log || return 1
	echo "::synced $1 ${sum%% *}"
}

# count_intact SUMS: how many of the files have the checksum of the list
count_intact() {
	(cd /mnt && sha256sum -c "$1" 2>/dev/null) | grep -c ': OK$' || true
}
