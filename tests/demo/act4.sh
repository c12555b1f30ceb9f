# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# act4: after the power cut everything synced is there, and the spare knows what moved
# shellcheck source=tests/demo/lib.sh
. "$VM/demo-lib.sh"

aging_disk
spare_disk
for ((i = 0; i < ROUNDS; i++)); do
	grow_bad $i >/dev/null
done
say "dmremap open safe $main $spare"
dmremap open safe "$main" "$spare" | show
say "mount /dev/mapper/safe /mnt (ext4 replays its journal)"
mount -o errors=remount-ro /dev/mapper/safe /mnt

old=$(wc -l <"$VM/old.sums")
intact=$(count_intact "$VM/old.sums")
claim "$intact of $old old files ok" test "$intact" -eq "$old"
synced=$(wc -l <"$VM/synced.sums")
intact=$(count_intact "$VM/synced.sums")
claim "$intact of $synced synced files ok" test "$intact" -eq "$synced"
umount /mnt
claim "e2fsck -fn: clean" quietly /tmp/fsck.log e2fsck -fn /dev/mapper/safe
cat /tmp/fsck.log

say "dmremap status safe (part of it)"
dmremap status safe | grep -E '^(Mode|Main |Spare |Blocks on|Copies|  (used|free|bad) )' | show
say "dmremap list safe"
dmremap list safe >/tmp/list
awk 'NR <= 6; END { if (NR > 6) print "... " NR " lines in all" }' /tmp/list | show
used=$(status_field safe slots_used)
listed=$(grep -c ' used ' /tmp/list)
claim "status and list agree: $used blocks live on the spare" \
	test "$used" -gt 0 -a "$used" -eq "$listed"

dmremap close safe | show
claim "dmremap check $spare: no errors" quietly /tmp/check.log dmremap check "$spare"
cat /tmp/check.log

# For comparison, and without writing a byte: what the disk by itself has of it.
intact=0
if mount -o ro,noload "$main" /mnt; then
	intact=$(count_intact "$VM/synced.sums")
	umount /mnt
fi
claim "for comparison, the disk without its spare has $intact of $synced" \
	test "$intact" -lt "$synced"
