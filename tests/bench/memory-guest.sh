# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What an open set takes, with no remap and with REMAPS of them: pages that were free before
# it was opened and are not after, whoever has them; beside that, what slab and vmalloc say.
# Then the peak: a job remaps more until a larger index is being built beside the one in use,
# which a module built for it does slowly. The slots hold nothing.

slab_bytes() {
	awk '!/^(#|slabinfo)/ { sum += $15 * $6 * 4096 } END { print sum }' /proc/slabinfo
}

vmalloc_bytes() {
	awk '/\[dm_remap\]/ { sum += $2 } END { print sum + 0 }' /proc/vmallocinfo
}

status_of() {
	dmsetup status bench | sed "s/.* $1=\([^ ]*\).*/\1/"
}

stats_of() {
	awk -v key="$1" '$1 == key { print $2 }' /sys/kernel/debug/dm-remap/*/index_stats
}

open_bench() {
	dmsetup create bench --table "0 $(blockdev --getsz "$main") remap $main $1"
}

# measure WORD SPARE: open, look, close
measure() {
	local pages slabs vmalloc
	pages=$(free_pages) slabs=$(slab_bytes) vmalloc=$(vmalloc_bytes)
	open_bench "$2"
	echo "memory $1 $(((pages - $(free_pages)) * 4096)) $(($(slab_bytes) - slabs))" \
		"$(($(vmalloc_bytes) - vmalloc)) $(status_of slots_used)"
	dmremap close bench
}

# peak SPARE: "peak <vmalloc bytes> <table blocks> <remaps>", before and while it grows
peak() {
	open_bench "$1"
	echo "peak before $(vmalloc_bytes) $(($(status_of hwm_slots) / 504))" \
		"$(status_of slots_used)"
	echo 1 >/sys/module/dm_remap/parameters/grow_pause_ms
	dmsetup message bench 0 remap 0 400000
	while [ "$(stats_of growing_table_blocks)" = 0 ]; do
		case $(status_of job_state) in
		queued | running) sleep 0.01 ;;
		*) break ;;
		esac
	done
	echo "peak growing $(vmalloc_bytes) $(($(status_of hwm_slots) / 504))" \
		"$(status_of slots_used) $(stats_of growing_table_blocks)"
	dmsetup message bench 0 cancel 1
	echo 0 >/sys/module/dm_remap/parameters/grow_pause_ms
	dmremap close bench
}

mount -t debugfs debugfs /sys/kernel/debug
main=$(null_disk main $((MAIN_GB * 1024)))
empty=$(null_disk empty "$SPARE_MB" memory_backed=1)
many=$(null_disk many "$SPARE_MB" memory_backed=1)
with_table 0 "$empty"
with_table "$REMAPS" "$many"
measure first "$empty" # what others keep from now on is theirs
measure none "$empty"
measure none "$empty"
measure full "$many"
measure full "$many"
rmmod dm-remap
insmod "$VM"/tables/debug/dm-remap.ko
peak "$many"
