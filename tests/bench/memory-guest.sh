# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What an open set takes, with no remap and with REMAPS of them: pages that were free before
# it was opened and are not after, whoever has them; beside that, what slab and vmalloc say.
# The entries come with a document for dmremap restore (entries.awk), scattered over 4 TiB;
# their slots hold nothing.

# those on lists of a CPU, too
free_pages() {
	echo 3 >/proc/sys/vm/drop_caches
	sleep 0.5
	echo 3 >/proc/sys/vm/drop_caches
	cat /proc/sys/vm/stat_refresh
	awk '$1 == "nr_free_pages" || $1 == "count:" { sum += $2 } END { print sum }' \
		/proc/zoneinfo
}

slab_bytes() {
	awk '!/^(#|slabinfo)/ { sum += $15 * $6 * 4096 } END { print sum }' /proc/slabinfo
}

vmalloc_bytes() {
	awk '/\[dm_remap\]/ { sum += $2 } END { print sum + 0 }' /proc/vmallocinfo
}

# measure WORD: open, look, close
measure() {
	local pages slabs vmalloc
	pages=$(free_pages) slabs=$(slab_bytes) vmalloc=$(vmalloc_bytes)
	dmsetup create bench --table "0 $(blockdev --getsz "$main") remap $main $spare"
	status=$(dmsetup status bench)
	echo "memory $1 $(((pages - $(free_pages)) * 4096)) $(($(slab_bytes) - slabs))" \
		"$(($(vmalloc_bytes) - vmalloc)) ${status#* slots_used=}"
	dmremap close bench
}

spare=$(null_disk spare $((REMAPS / 256 + 256)) memory_backed=1)
main=$(null_disk main $((4 * 1024 * 1024)) memory_backed=1)
dmremap format --yes --force "$main" "$spare" 2>&1
dmremap dump "$spare" >/run/empty.json
measure first # what others keep from now on is theirs
measure none
measure none
awk -v remaps="$REMAPS" -v blocks=$((1 << 30)) -f "$(command -v entries.awk)" /run/empty.json \
	>/run/full.json
dmremap restore --yes --force /run/full.json "$spare" 2>&1
rm /run/*.json
measure full
measure full
