# cgroup-latency: io.latency of main protects a cgroup as it does through dm-linear
# SPDX-License-Identifier: GPL-2.0-only
# guest: uml
. "$VM/lib.sh"
. "$VM/tests/cgroup.inc"

echo 1 >/sys/module/blk_cgroup/parameters/blkcg_debug_stats
# a disk that takes 5 ms for each request
main=$(make_disk dmain 64 irqmode=2 completion_nsec=5000000)
spare=$(make_disk dspare 64)

# told_apart: who wants an answer missed its aim and keeps its queue, the other's is shorter
told_apart() {
	[[ $(stat_of wants "$main") =~ \ missed=[1-9].*\ depth=max$ ]] &&
		[[ $(stat_of other "$main") =~ \ depth=[0-9]+$ ]]
}

# latency_of DEV: a cgroup that wants an answer within 1 ms of main, one beside it that does
# not care. The first misses its aim, so the other's queue is made shorter. How soon depends on
# when the kernel looks (windows of 100 ms and more of its own clock): both read until then.
latency_of() {
	new_group wants other
	echo "$(numbers "$main") target=1000" >$groups/wants/io.latency
	in_group other bash -c "until [ -e /run/enough ]; do iopat read $1 4096 2048 bs=8; done" &
	in_group wants bash -c "until [ -e /run/enough ]; do iopat read $1 0 1024 bs=8; done" &
	wait_until 60 told_apart
	touch /run/enough
	wait
	rm /run/enough
	rmdir $groups/wants $groups/other
}
dmsetup create lin --table "0 131072 linear $main 0"
latency_of /dev/mapper/lin
dmsetup remove lin
remap_create d0 "$main" "$spare" --force
latency_of "$dev"
remap_close d0
umount $groups
