# cgroup: io.stat and io.max of a cgroup are what they are through dm-linear, for main, spare and the device
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"
. "$VM/tests/cgroup.inc"

main=$(make_disk dmain 64 discard=1 cache_size=1)
spare=$(make_disk dspare 64)
new_group linear remap slots slow

workload() {
	fill_pattern "$1" 0 1024 1
	fill_pattern "$1" 1024 256 1 bs=64 fua
	verify_pattern "$1" 0 1024 1 bs=128
	flush_dev "$1"
	blkdiscard -f -o 1M -l 1M "$1"
	blkdiscard -f -z -o 2M -l 64K "$1"
}

# nothing is remapped: the same figures on main and on the device itself
dmsetup create lin --table "0 131072 linear $main 0"
in_group linear workload /dev/mapper/lin
linear=$(stat_of linear "$main")
assert_match "$linear" 'rbytes=524288 wbytes=[1-9][0-9]* rios=8 ' "dm-linear's"
assert_eq "$(stat_of linear /dev/mapper/lin)" "$linear" "dm-linear and what is below it"
dmsetup remove lin
remap_create d0 "$main" "$spare" --force
in_group remap workload "$dev"
assert_eq "$(stat_of remap "$main")" "$linear" "main below dm-remap"
assert_eq "$(stat_of remap "$dev")" "$linear" "dm-remap itself"
assert_eq "$(stat_of remap "$spare")" "" "the spare"

# a block in a slot: the spare is charged to who reads and writes there
echo +80-87 >/sys/kernel/config/nullb/dmain/badblocks
fill_pattern "$dev" 80 8 2
get_status d0
# shellcheck disable=SC2154 # set by get_status
assert_eq "$st_slots_used" 1
in_group slots verify_pattern "$dev" 80 8 2
in_group slots fill_pattern "$dev" 80 8 3
in_group slots verify_pattern "$dev" 72 24 1,3
assert_match "$(stat_of slots "$spare")" 'rbytes=8192 wbytes=4096 rios=2 wios=1 ' "the spare"
assert_match "$(stat_of slots "$main")" 'rbytes=8192 wbytes=0 rios=2 wios=0 ' "main"

# io.max of each of the three holds back, and lets go: 6 I/Os at 4 a second
seconds_of() {
	local began=$EPOCHREALTIME
	"$@"
	echo $(((${EPOCHREALTIME/./} - ${began/./}) / 100000)) # tenths
}
for disk in "$dev" "$main" "$spare"; do
	at=512
	[ "$disk" = "$spare" ] && at=80
	for what in riops=4 rbps=16384; do
		# by bytes once, it is the same way
		[ "$what $disk" != "rbps=16384 $spare" ] || continue
		limit slow "$disk" $what
		assert_ge "$(seconds_of in_group slow bash -c "
			for i in 1 2 3 4 5 6; do iopat read $dev $at 8; done")" 8 "$what"
		limit slow "$disk" ${what%=*}=max
	done
done
assert_match "$(stat_of slow "$spare")" ' rios=6 ' "read from the slot"
remap_close d0
leave_groups
