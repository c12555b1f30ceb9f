# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the number of remaps changes: I/O elsewhere, I/O to remapped blocks, memory, and the time
# to load the table; of dm-remap, and of a dm-linear table with a segment for each remap.
# Printed as "scale <kind> <remaps> <load ns> <bytes> <read elsewhere> <read of remapped>".

# look KIND REMAPS COLUMN: load the table that is on standard input, look, remove it
look() {
	local pages load began=${EPOCHREALTIME/./} read remapped
	cat >/run/table
	pages=$(free_pages)
	began=${EPOCHREALTIME/./}
	dmsetup create bench /run/table
	load=$(((${EPOCHREALTIME/./} - began) * 1000))
	pages=$(((pages - $(free_pages)) * 4096))
	read=$(hotpath read "$WINDOWS" /dev/mapper/bench)
	remapped="0 0"
	[ "$2" = 0 ] ||
		remapped=$(hotpath read 10 /dev/mapper/bench "$VM/tables/$2/places" 1)
	echo "scale $1 $2 $load $pages ${read%% *} ${remapped%% *}"
	dmsetup remove bench
}

main=$(null_disk main $((MAIN_GB * 1024)))
sects=$(blockdev --getsz "$main")
echo "scale raw 0 0 0 $(hotpath read "$WINDOWS" "$main" | cut -d' ' -f1) 0"
for n in 0 $REMAPS; do
	spare=$(null_disk "spare$n" "$SPARE_MB" memory_backed=1)
	if [ "$n" = 0 ]; then
		echo "0 $sects linear $main 0" | look linear 0
	fi
	with_table "$n" "$spare"
	if [ "$n" != 0 ]; then
		[ ! -e "$VM/tables/$n/linear" ] ||
			sed "s|MAIN|$main|; s|SPARE|$spare|" "$VM/tables/$n/linear" |
			look linear "$n"
	fi
	# the first one in a boot pays for what stays
	[ "$n" != 0 ] || echo "0 $sects remap $main $spare" | look warm-up 0
	echo "0 $sects remap $main $spare" | look remap "$n"
done
