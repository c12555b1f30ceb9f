# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What an open set takes, with no remap and with REMAPS of them: pages that were free before
# it was opened and are not after, whoever has them; beside that, what slab and vmalloc say.
# The entries come with a document for dmremap restore; their slots hold nothing.

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

# with_entries EMPTY: the same set with REMAPS blocks of main scattered over 4 TiB, in slots
# that are not metadata, all table blocks below the mark that these need
with_entries() {
	awk -v n="$REMAPS" '
		/"entries": \[\]/ {
			print "\"entries\": ["
			length_slots = 2 + int((slots + 503) / 504)
			for (s = 1; done < n; s++) {
				for (c = 1; c <= copies; c++)
					if (s >= first[c] && s < first[c] + length_slots)
						break
				if (c <= copies)
					continue
				# a step without a common divisor with the blocks of 4 TiB
				block = (block + 662607015) % 1073741824
				printf "{ \"slot\": %d, \"kind\": \"used\", \"main_block\": %d, " \
					"\"states\": \"ssssssss\", \"serial\": 0 }%s\n", s, block,
					++done < n ? "," : ""
			}
			print "]"
			next
		}
		/"spare": / { in_spare = 1 }
		in_spare && /"bytes"/ { slots = $2 / 4096; in_spare = 0 }
		/"high_water_table_blocks"/ {
			sub(/[0-9]+/, int((n + 8 * (2 + slots / 504)) / 504) + 1)
		}
		/"copy_slots"/ { in_copies = 1; print; next }
		in_copies && /\]/ { in_copies = 0 }
		in_copies { first[++copies] = $1 + 0 }
		{ print }' "$1"
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
with_entries /run/empty.json >/run/full.json
dmremap restore --yes --force /run/full.json "$spare" 2>&1
rm /run/*.json
measure full
measure full
