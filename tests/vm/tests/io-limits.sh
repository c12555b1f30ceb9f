# io-limits: limits are dm-linear's over the same main; block sizes that do not fit are refused
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

attrs='logical_block_size physical_block_size minimum_io_size optimal_io_size
	hw_sector_size discard_max_bytes discard_granularity write_zeroes_max_bytes
	max_sectors_kb max_hw_sectors_kb max_segments max_segment_size virt_boundary_mask
	dma_alignment rotational write_cache fua io_poll zoned dax iostats'

# queue_of NAME: sets $queue. No process: there are many of these.
queue_of() {
	local d name
	for d in /sys/block/dm-*; do
		read -r name <"$d/dm/name"
		[ "$name" != "$1" ] || queue=$d/queue
	done
}

# like_linear MAIN SPARE WHAT
like_linear() {
	local a have want
	dmremap format "$1" "$2" --yes --force >/dev/null
	remap_open d0 "$1" "$2"
	dmsetup create lin --table "0 32768 linear $1 0"
	for a in $attrs; do
		queue_of lin
		[ -e "$queue/$a" ] || continue
		read -r want <"$queue/$a"
		queue_of d0
		read -r have <"$queue/$a"
		assert_eq "$have" "$want" "$a, $3"
	done
	dmsetup remove lin
	fill_pattern "$dev" 0 64 1
	remap_close d0
}

plain=$(make_disk plain 16)
big=$(make_disk big 16 lbs=4096 discard=1)
cached=$(make_disk cached 16 discard=1 cache_size=2)
echo 1 >"/sys/block/${plain##*/}/queue/rotational"
echo 1 >"/sys/block/${big##*/}/queue/rotational"
spare=$(make_disk spare 1)
big_spare=$(make_disk bigspare 1 lbs=4096)
declare_spare "$spare"
declare_spare "$big_spare"

like_linear "$plain" "$spare" "512, no cache, rotational"
like_linear "$(faulty fmain "$plain" main)" "$spare" "write-back cache"
like_linear "$cached" "$spare" "discard"
like_linear "$big" "$big_spare" "4096"
like_linear "$big" "$spare" "4096 over a spare of 512"

# A spare that needs pages to stay as they are while it writes them.
remap_open d0 "$big" "$spare"
queue_of d0
assert_eq "$(<"$queue/stable_writes")" 0
remap_close d0
echo 1 >"/sys/block/${spare##*/}/queue/stable_writes"
remap_open d0 "$big" "$spare"
queue_of d0
assert_eq "$(<"$queue/stable_writes")" 1 "stable_writes"
remap_close d0

# The reverse is refused, by both.
expect_fail 'spare .* has logical blocks of 4096 bytes, main .* of 512' \
	dmremap format "$plain" "$big_spare" --yes --force
expect_fail . dmsetup create d0 --table "0 32768 remap $plain $big_spare"
expect_dmesg 'remap: Logical blocks of the spare are larger than main'
