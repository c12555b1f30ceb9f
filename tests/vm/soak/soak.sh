# soak: the machine's power is cut at random moments, filesystem mounted, two writers, a reader that verifies
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# needs: dm-remap dmremap ext4 xfs smp
# reboot: yes
# timeout: 400
# disk: virtio 384
# disk: virtio 16
. "$VM/lib.sh"

# FS, SEED and LAST (the stage that ends well): set by tests/vm/soak.sh.
. "$VM/tests/params"
RANDOM=$(((SEED + STAGE * 7919) % 32768))
mnt=/tmp/mnt
files=400	# of a writer, in one stage

# content N: of file N, all of it made of its own number
content() {
	head -c 16384 < <(yes "$SEED-$1")
}

# is_whole FILE N: has the file what was written to it?
is_whole() {
	content "$2" | cmp -s - "$1"
}

# writer W: file after file, each durable before it is counted
writer() {
	local w=$1 i n
	for ((i = 1; i <= files; i++)); do
		n=$STAGE-$w-$i
		content "$n" | dd of="$mnt/$n" bs=16k iflag=fullblock conv=fsync status=none ||
			{ echo "writing $n failed" >>/tmp/bad; return; }
		echo $i >"/run/vm/written.$w"
		save "acked_${STAGE}_$w" $i
	done
}

# reader: what this stage has written so far, past the cache
reader() {
	local w i n
	while true; do
		w=$((RANDOM % 2))
		read -r i <"/run/vm/written.$w" || continue
		n=$STAGE-$w-$((RANDOM % i + 1))
		dd if="$mnt/$n" bs=16k iflag=direct status=none | cmp -s - <(content "$n") ||
			{ echo "reading $n back: not what was written" >>/tmp/bad; return; }
		sleep 0.1
	done
}

# verify: every file that was durable before one of the cuts
verify() {
	local s w i var n=0
	for ((s = 0; s < STAGE; s++)); do
		for w in 0 1; do
			var=acked_${s}_$w
			for ((i = 1; i <= ${!var:-0}; i++, n++)); do
				is_whole "$mnt/$s-$w-$i" "$s-$w-$i" ||
					fail "cut $s: file $s-$w-$i is lost or wrong"
			done
		done
	done
	echo "RESULT files $n"
}

filesystem_is_clean() {
	case $FS in
	ext4) e2fsck -fn "$dev" ;;
	xfs) xfs_repair -n "$dev" ;;
	esac
}

main=$(faulty fmain "$(disk 0)" main)
spare=$(faulty fspare "$(disk 1)" spare)
# More go bad from stage to stage: wherever the files, the journal and the inodes are.
for ((i = 0; i <= STAGE; i++)); do
	tell fmain scatter $((4096 + i * 8)) 136 2500 8 write ioerr
done
mkdir -p $mnt
if [ "$STAGE" -eq 0 ]; then
	remap_create d0 "$main" "$spare" --yes --allowance 1000
	dev=/dev/mapper/d0
	"mkfs.$FS" -q "$dev"
	mount -t "$FS" "$dev" $mnt
else
	declare_spare "$spare"
	dmremap check "$spare"
	remap_open d0 "$main" "$spare" --allowance 1000
	mount -t "$FS" "$dev" $mnt
	verify
fi
assert_status d0 mode rw
if [ "$STAGE" -eq "$LAST" ]; then
	echo "RESULT slots $(status_field d0 slots_used)"
	umount $mnt
	filesystem_is_clean
	remap_close d0
	exit 0
fi

# Every second time the disks lose what was in their caches as well.
[ $((STAGE % 2)) -eq 0 ] || { tell fmain cache on; tell fspare cache on; }
echo 1 >/run/vm/written.0
cp /run/vm/written.0 /run/vm/written.1
writer 0 &
writer 1 &
sleep 2
reader &
sleep $((RANDOM % 8)).$((RANDOM % 10))
[ ! -e /tmp/bad ] || fail "$(cat /tmp/bad)"
assert_status d0 mode rw
[ $((STAGE % 2)) -eq 0 ] || tell fmain powercut-all $((RANDOM + 1))
next_stage
