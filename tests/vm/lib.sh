# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What VM tests are written with. A test sources this file first; it then stops
# at the first command that fails, and says which. Everything a test leaves
# behind (devices, mounts, faults) is removed for it.
#
# Sectors are of 512 bytes everywhere.

set -eEu
set -o pipefail

failed_at() {
	local status=$? i
	{
		echo "FAILED (status $status): $BASH_COMMAND"
		for ((i = 1; i < ${#FUNCNAME[@]}; i++)); do
			echo "  at ${BASH_SOURCE[i]##*/}:${BASH_LINENO[i - 1]} in ${FUNCNAME[i]}"
		done
	} >&2
}
trap failed_at ERR
# With --trace. Root's bash does not take PS4 from the environment; what a command says goes
# without the trace of its functions.
PS4='+ $EPOCHREALTIME '
exec {BASH_XTRACEFD}>&2

STAGE=${STAGE:-0}

echo $$ >/run/vm/session

# What a test does often, without a process: tests/vm/builtins. Who wants to kill it, or what it
# says without the trap of ERR, writes `command iopat`, `command dmsetup`.
enable -f "$VM/bin/builtins.so" shell_iopat shell_dmsetup shell_status

# A pipe that never says anything, for sleeping without a process.
exec {nothing}<>/run/nothing

# fail TEXT: end the test as failed.
fail() {
	echo "FAILED: $*" >&2
	return 1
}

# skip REASON: end the test as skipped.
skip() {
	echo "$*" >/run/vm/skip
	exit 77
}

# --- assertions ---

# assert_eq GOT WANTED [WHAT]
assert_eq() {
	[ "$1" = "$2" ] || fail "${3:-value}: got '$1', wanted '$2'"
}

# assert_ge GOT LEAST [WHAT], assert_le GOT MOST [WHAT]: integers.
assert_ge() {
	[ "$1" -ge "$2" ] || fail "${3:-value}: got $1, wanted at least $2"
}

assert_le() {
	[ "$1" -le "$2" ] || fail "${3:-value}: got $1, wanted at most $2"
}

# assert_match TEXT REGEX [WHAT]
assert_match() {
	[[ $1 =~ $2 ]] || fail "${3:-text}: '$1' does not match $2"
}

# expect_fail REGEX COMMAND...: the command fails, and says REGEX.
expect_fail() {
	local want=$1 out said=/run/vm/said.$BASHPID bad=
	shift
	"$@" >"$said" 2>&1 || bad=1
	IFS= read -rd '' out <"$said" || out=${out%$'\n'}
	[ "$bad" ] || fail "succeeded: $*: $out"
	[[ $out =~ $want ]] || fail "$*: said '$out', wanted $want"
}

# expect_status STATUS COMMAND...: the command exits with exactly that.
expect_status() {
	local want=$1 got=0
	shift
	"$@" || got=$?
	assert_eq "$got" "$want" "exit status of $*"
}

# wait_until SECONDS COMMAND...: poll until it succeeds.
wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || fail "never came true: $*"
		read -rt 0.02 -u "$nothing" || true
	done
}

# dmesg_since: the kernel's log since this test began.
dmesg_since() {
	dmesg | awk '/dm-remap-vm: / { n = 0; next } { line[++n] = $0 }
		END { for (i = 1; i <= n; i++) print line[i] }'
}

# expect_dmesg REGEX: the kernel's log since this test began has it.
expect_dmesg() {
	dmesg_since | grep -E "$1" >/dev/null || fail "the kernel did not say $1"
}

# ctr_errors: why tables were refused since this test began, a line each.
ctr_errors() {
	dmesg_since | sed -n 's/.*table: [0-9:]*: remap: \(.*\) (.*)$/\1/p'
}

# --- disks ---

# dmsetup ARG...: in this shell, but for what is rare
dmsetup() {
	local line
	case "$1 $# ${3-}" in
	'create 4 --table')
		shell_dmsetup "$@"
		return
		;;
	esac
	case "$*" in
	*' -'*) command dmsetup "$@" ;;
	'remove '* | 'suspend '* | 'resume '* | 'message '*) shell_dmsetup "$@" ;;
	'status '*)
		shell_status line "$2"
		echo "$line"
		;;
	*) command dmsetup "$@" ;;
	esac
}

# make_disk NAME SIZE_MB [ATTRIBUTE=VALUE...]: a RAM disk; prints its path.
# lbs=4096 is short for blocksize=4096; others are null_blk's configfs ones
# (discard=1 cache_size=... badblocks=+8-15 irqmode=...).
make_disk() {
	local name=$1 dir=/sys/kernel/config/nullb/$1 a
	mkdir "$dir"
	echo "$2" >"$dir/size"
	echo 1 >"$dir/memory_backed"
	shift 2
	for a; do
		a=${a/#lbs=/blocksize=}
		echo "${a#*=}" >"$dir/${a%%=*}"
	done
	echo 1 >"$dir/power"
	read -r a <"$dir/index"
	if [ -b "/dev/nullb$a" ]; then
		echo "/dev/nullb$a"
	else
		echo "/dev/$name"
	fi
}

# remove_disk NAME
remove_disk() {
	echo 0 >"/sys/kernel/config/nullb/$1/power"
	rmdir "/sys/kernel/config/nullb/$1"
}

# loop_disk NAME SIZE_MB [losetup option...]: a loop device on tmpfs.
loop_disk() {
	local file=/tmp/$1.img size=$2
	shift 2
	truncate -s "${size}M" "$file"
	losetup --show -f "$@" "$file"
}

# partition DEV START NR [START NR]...: a DOS partition table, up to four.
partition() {
	local dev=$1 table='' v
	shift
	while [ $# -ge 2 ]; do
		table+='\0\0\0\0\x83\0\0\0'
		for v in "$1" "$2"; do
			table+=$(printf '\\x%02x' $((v & 255)) $((v >> 8 & 255)) \
				$((v >> 16 & 255)) $((v >> 24 & 255)))
		done
		shift 2
	done
	printf '%b' "$table" | dd of="$dev" bs=1 seek=446 conv=notrunc status=none
	printf '\x55\xaa' | dd of="$dev" bs=1 seek=510 conv=notrunc,fsync status=none
	blockdev --rereadpt "$dev"
}

# part DEV N: its N-th partition.
part() {
	if [ -b "$1$2" ]; then echo "$1$2"; else echo "$1p$2"; fi
}

# disk N: the test's N-th `# disk:` (from 0), which survives reboots.
disk() {
	local s
	if [ "$GUEST" = uml ]; then
		printf '/dev/ubd%b\n' "\\x$(printf %x $((97 + $1)))"
		return
	fi
	for s in /sys/block/*/serial /sys/block/*/device/serial; do
		[ -e "$s" ] || continue
		[ "$(tr -d ' ' <"$s")" = "disk$1" ] || continue
		s=${s#/sys/block/}
		echo "/dev/${s%%/*}"
		return
	done
	fail "no disk $1"
}

# sectors DEV: its size.
sectors() {
	if [ -e "/sys/class/block/${1##*/}/size" ]; then
		echo "$(<"/sys/class/block/${1##*/}/size")"
	else
		blockdev --getsz "$1"
	fi
}

# queue_attr DEV NAME: a file of its queue in sysfs.
queue_attr() {
	local t T
	read -r t T < <(stat -L -c '%t %T' "$1")
	cat "/sys/dev/block/$((16#$t)):$((16#$T))/queue/$2"
}

# --- the faulty disk (target remap-test; all its messages: target/rt.h) ---

# faulty NAME LOWER KEY [nofua] [nocache]: prints /dev/mapper/NAME.
faulty() {
	local name=$1 lower=$2
	shift 2
	dmsetup create "$name" --table "0 $(sectors "$lower") remap-test $lower $*"
	echo "/dev/mapper/$name"
}

# faulty_pair [MAIN_MB [SPARE_MB [ATTRIBUTE=VALUE...]]]: the usual two disks,
# /dev/mapper/fmain (key main) and fspare (key spare). Sets $main and $spare,
# and $main_disk and $spare_disk to what is below them.
# shellcheck disable=SC2034 # for the test
faulty_pair() {
	local main_mb=${1:-64} spare_mb=${2:-64}
	shift $(($# < 2 ? $# : 2))
	main_disk=$(make_disk dmain "$main_mb" "$@")
	spare_disk=$(make_disk dspare "$spare_mb" "$@")
	main=$(faulty fmain "$main_disk" main)
	spare=$(faulty fspare "$spare_disk" spare)
}

# tell DEV VERB...: a message to a faulty disk (a name or a /dev/mapper path).
tell() {
	echo "${1##*/} ${*:2}" >/sys/kernel/debug/dm-remap-test/message
}

# bad DEV FIRST NR CLASS STATUS [COUNT], good DEV FIRST NR|all
bad() {
	local dev=$1
	shift
	tell "$dev" bad "$@"
}

good() {
	local dev=$1
	shift
	tell "$dev" good "$@"
}

# get_faulty DEV: all values of its status line, as $faulty_reads _writes
# _flushes _fua _discards _zeroes _failed _in_flight _held _dirty _bad _state.
# No process: those are slow in both guests.
# shellcheck disable=SC2034 # for the test
faulty_reads='' faulty_writes='' faulty_flushes='' faulty_fua='' faulty_discards='' \
	faulty_zeroes='' faulty_failed='' faulty_in_flight='' faulty_held='' \
	faulty_dirty='' faulty_bad='' faulty_state='' faulty_judged='' faulty_collisions=''

get_faulty() {
	local name rest i
	local -a word
	while read -r name rest; do
		[ "$name" = "${1##*/}" ] || continue
		read -ra word <<<"$rest"
		for ((i = 1; i < ${#word[@]}; i += 2)); do
			printf -v "faulty_${word[i]}" %s "${word[i + 1]}"
		done
		return 0
	done </sys/kernel/debug/dm-remap-test/status
	fail "no faulty disk $1"
}

# faulty_field DEV FIELD: one of them, printed.
faulty_field() {
	local var=faulty_$2
	get_faulty "$1"
	echo "${!var}"
}

# wait_held DEV N: until N I/Os are parked there.
wait_held() {
	wait_until 20 held_is "$1" "$2"
}

held_is() {
	get_faulty "$1"
	[ "$faulty_held" -eq "$2" ]
}

# io_powercut SEED: power goes from all faulty disks at once, and comes back.
io_powercut() {
	local any
	read -r any _ </sys/kernel/debug/dm-remap-test/status
	tell "$any" powercut-all "$1"
	tell "$any" revive-all
}

# --- the log of all faulty disks ---

# log_start DEV: begin anew. log_stop DEV.
log_start() {
	tell "$1" log on
	tell "$1" log clear
}

log_stop() {
	tell "$1" log off
}

# log_lines [AWK CONDITION]: the log's lines for which it holds, with the names
# submit complete key op sector nr flags status. For example:
# log_lines 'key == "spare" && op == "W" && flags ~ /fua/'
log_lines() {
	awk "{ submit = \$1; complete = \$2; key = \$3; op = \$4; sector = \$5 + 0
		nr = \$6 + 0; flags = \$7; status = \$8 }
		/^#/ { next }
		${1:-1} { print }" /sys/kernel/debug/dm-remap-test/log
}

# log_count [AWK CONDITION]
log_count() {
	log_lines "${1:-1}" | {
		mapfile -t
		echo ${#MAPFILE[@]}
	}
}

# log_complete: fails if the log was too small for what happened.
log_complete() {
	! grep '^# lost' /sys/kernel/debug/dm-remap-test/log
}

# --- patterns (helpers/iopat/iopat.c has the options: bs= fua flush uring ...) ---

# iopat ARG...: in this shell; requests of io_uring may outlive a run, those want a process
iopat() {
	case " $* " in
	*' uring '*) command iopat "$@" ;;
	*) shell_iopat "$@" ;;
	esac
}

# fill_pattern DEV FIRST NR SEQ [OPTION...]
fill_pattern() {
	iopat write "$@"
}

# verify_pattern DEV FIRST NR SEQ[,SEQ...]|MIN-MAX [OPTION...]; 0: zeroes.
verify_pattern() {
	iopat verify "$@"
}

# read_sectors DEV FIRST NR [OPTION...], list_pattern DEV FIRST NR [OPTION...]
read_sectors() {
	iopat read "$@"
}

list_pattern() {
	iopat list "$@"
}

# flush_dev DEV
flush_dev() {
	iopat flush "$1"
}

# drop_cache DEV: so that the next buffered read is one.
drop_cache() {
	blockdev --flushbufs "$1"
}

# --- dm-remap ---

# The options of `dmremap` may follow; a spare that is written is declared.

# remap_format MAIN SPARE [OPTION...]
remap_format() {
	dmremap format --yes "$@"
	declare_spare "$2"
}

# remap_create NAME MAIN SPARE [OPTION...]: format and open; sets $dev.
# shellcheck disable=SC2034 # for the test
remap_create() {
	dmremap create --yes "$@"
	declare_spare "$3"
	dev=/dev/mapper/$1
}

# create_moved CLASS: remap_create d0 over the faulty pair; sectors 0 to 255 hold
# writing 1, but 72 to 87 writing 2, the second half of which (block 10) main
# refuses, CLASS being what fails there (write, both): it lives in a slot.
create_moved() {
	remap_create d0 "$main" "$spare"
	fill_pattern "$dev" 0 256 1
	bad "$main" 80 8 "$1" ioerr
	fill_pattern "$dev" 72 16 2 bs=16
}

# remap_open NAME MAIN SPARE [OPTION...]: sets $dev.
# shellcheck disable=SC2034 # for the test
remap_open() {
	dmremap open "$@"
	dev=/dev/mapper/$1
}

# remap_close NAME
remap_close() {
	dmremap close "$1"
}

# declare_spare DEV [STATUS...]: `dmremap check DEV` has to exit with one of
# these (default 0) after the test, once its devices are gone.
declare_spare() {
	echo "$*" >>/run/vm/spares
}

# shellcheck disable=SC2034 # for the test
st_mode='' st_why='' st_policy='' st_forced='' st_uuid='' st_main_sect='' \
	st_spare_sect='' st_main_lbs_bytes='' st_slots_total='' st_slots_used='' \
	st_slots_pending='' st_slots_free='' st_slots_bad='' st_slots_meta='' \
	st_pending_sect='' st_lost_sect='' st_hwm_slots='' st_allowance_left='' \
	st_allowance='' st_held='' st_doubt_blk='' st_epoch='' st_copies='' \
	st_read_errors='' st_write_errors='' st_path_errors='' st_passed='' st_remaps='' \
	st_partial='' st_noted='' st_healed_write='' st_healed_read='' st_cleared='' \
	st_verdicts_allowance='' st_no_verdict='' st_timed_out='' st_slot_reads='' \
	st_slot_writes='' st_slot_errors='' st_slots_retired='' st_slots_moved='' \
	st_commits='' st_commits_doubt='' st_flush_failures='' st_copies_expelled='' \
	st_copies_rewritten='' st_copies_moved='' st_hints_reclaimed='' st_no_slot='' \
	st_refused='' st_room='' st_moved_out='' st_moved_back='' st_blocks_repaired='' \
	st_job='' st_job_state='' st_memory='' st_slow='' st_emergencies=''

# get_status NAME: all values of its status line, as $st_mode, $st_slots_used...
get_status() {
	local line word
	shell_status line "${1##*/}"
	for word in $line; do
		[[ $word == *=* ]] && printf -v "st_${word%%=*}" %s "${word#*=}"
	done
	return 0
}

# find_field NAME FIELD: a word after FIELD (or FIELD=) on the status line, as $field.
find_field() {
	local line word hit=
	shell_status line "${1##*/}"
	field=
	for word in $line; do
		if [ "$hit" ]; then
			field=$word
			break
		fi
		case $word in
		"$2") hit=1 ;;
		"$2="*)
			field=${word#*=}
			break
			;;
		esac
	done
}

# status_field NAME FIELD: printed. In a $( ), which costs a fork.
status_field() {
	local field
	find_field "$1" "$2"
	echo "$field"
}

# status_is NAME FIELD VALUE: for wait_until
status_is() {
	local field
	find_field "$1" "$2"
	[ "$field" = "$3" ]
}

# assert_status NAME FIELD WANTED [WHAT]
assert_status() {
	local field
	find_field "$1" "$2"
	assert_eq "$field" "$3" "${4:-$2 of $1}"
}

# --- reboots: only with `# reboot: yes` ---

# next_stage: the power goes, now and for real; the script runs again from its
# start with STAGE one higher. Does not return.
next_stage() {
	echo "@@NEXT"
	sleep 600
	fail "the harness did not cut the power"
}

# save NAME VALUE: $NAME is set in all later stages.
save() {
	echo "@@SAVE $1=$2"
}
