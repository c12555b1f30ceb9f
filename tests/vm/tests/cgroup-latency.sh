# cgroup-latency: io.latency of main protects a cgroup as it does through dm-linear
# SPDX-License-Identifier: GPL-2.0-only
# guest: uml
. "$VM/lib.sh"
. "$VM/tests/cgroup.inc"

echo 1 >/sys/module/blk_cgroup/parameters/blkcg_debug_stats
# a disk that takes 5 ms for each request
main=$(make_disk dmain 64 irqmode=2 completion_nsec=5000000)
spare=$(make_disk dspare 64)

# latency_of DEV: a cgroup that wants an answer within 1 ms of main, one beside it that does
# not care. The first misses its aim, so the other's queue is made shorter.
latency_of() {
	local wants other
	new_group wants other
	echo "$(numbers "$main") target=1000" >$groups/wants/io.latency
	in_group other bash -c "until [ -e /run/enough ]; do iopat read $1 4096 2048 bs=8; done" &
	in_group wants bash -c "for i in 1 2 3; do iopat read $1 0 1024 bs=8; done"
	wants=$(stat_of wants "$main")
	other=$(stat_of other "$main")
	touch /run/enough
	wait
	rm /run/enough
	rmdir $groups/wants $groups/other
	assert_match "$wants" ' rios=384 .* missed=[1-9].* depth=max$' "$1: who wants"
	assert_match "$other" ' depth=[0-9]+$' "$1: who does not"
}
dmsetup create lin --table "0 131072 linear $main 0"
latency_of /dev/mapper/lin
dmsetup remove lin
remap_create d0 "$main" "$spare" --force
latency_of "$dev"
remap_close d0
umount $groups
