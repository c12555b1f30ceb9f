# remap-durable: an acknowledged remap is durable, a flush reaches main (by dm-log-writes)
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: uml
# needs: dm-remap dmremap dm-log-writes
. "$VM/lib.sh"

disk=$(make_disk dmain 16)
spare_disk=$(make_disk dspare 1)
main_log=$(make_disk mlog 8)
spare_log=$(make_disk slog 8)
replay=$(make_disk replay 1)
copy=$(make_disk copy 16)
faulty=$(faulty fmain "$disk" main)
dmsetup create lm --table "0 32768 log-writes $faulty $main_log"
dmremap format /dev/mapper/lm "$spare_disk" --yes
dd if="$spare_disk" of="$replay" bs=64k conv=fsync status=none
dmsetup create ls --table "0 2048 log-writes $spare_disk $spare_log"
main=/dev/mapper/lm
spare=/dev/mapper/ls
remap_open d0 "$main" "$spare"

fill_pattern "$dev" 0 64 1
bad fmain 80 8 both ioerr
fill_pattern "$dev" 72 16 2 bs=16
fill_pattern "$dev" 80 8 3
dmsetup message ls 0 mark ack
fill_pattern "$dev" 128 8 4
dmsetup message lm 0 mark unflushed
flush_dev "$dev"
dmsetup message lm 0 mark flushed
remap_close d0
dmsetup remove lm ls

# entries LOG: "<sector> <nr> <flags> <where its data lies>" of each; a mark is
# "mark <text length>". Layout: a block of the super, then for each entry its
# header and its data.
entries() {
	od -A n -v -t u8 -w512 -N $((4096 * 512)) "$1" | awk '
		NR == 1 { n = $3; at = 2; next }
		NR == at && n-- > 0 {
			if (int($3 / 8) % 2) {
				print "mark", $4
				at++
				next
			}
			print $1, $2, $3, NR
			at += 1 + (int($3 / 4) % 2 ? 0 : $2)
		}'
}

# The log has a write once a flush has made it durable, or it was FUA.
entries "$main_log" >/tmp/main
cat /tmp/main
awk '$1 == "mark" { mark++ } $1 == 128 { seen = mark } END { exit seen != 1 }' /tmp/main ||
	fail "the flush did not reach main"
awk '$1 == "mark" { exit } $1 == 0 { early++ } END { exit early != 0 }' /tmp/main ||
	fail "main was flushed by nobody's wish"

# What the spare had at the acknowledgement is enough: the set opens from it.
entries "$spare_log" | sed '/^mark/q' >/tmp/spare
cat /tmp/spare
assert_match "$(tail -n 1 /tmp/spare)" '^mark'
while read -r sector nr _ where; do
	if [ "$sector" = mark ] || [ "$nr" = 0 ]; then continue; fi
	dd if="$spare_log" of="$replay" bs=512 skip="$where" seek="$sector" count="$nr" \
		conv=notrunc status=none
done </tmp/spare
blockdev --flushbufs "$replay"
good fmain all
dd if="$disk" of="$copy" bs=64k conv=fsync status=none
declare_spare "$replay"
remap_open d1 "$copy" "$replay"
assert_status d1 slots_used 1
verify_pattern /dev/mapper/d1 72 8 2
verify_pattern /dev/mapper/d1 80 8 3
