# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# act2: with dm-remap nothing is lost, while more goes bad; writes until the power goes
# shellcheck source=tests/demo/lib.sh
. "$VM/demo-lib.sh"

make_pool
aging_disk
spare_disk
say "dmremap create safe $main $spare"
dmremap create safe "$main" "$spare" --yes | show
mount -o errors=remount-ro /dev/mapper/safe /mnt
old=$(wc -l <"$VM/old.sums")
intact=$(count_intact "$VM/old.sums")
claim "the filesystem that was on the disk is still there: $intact of $old old files ok" \
	test "$intact" -eq "$old"

say "The same $FILES files. After every 8 of them more places of the disk go bad."
mkdir /mnt/new
lost=0 more=0
for ((i = 0; i < FILES; i++)); do
	[ $((i % 8)) -ne 0 ] || more=$(grow_bad $((i / 8)))
	write_file "new/$i" $i || lost=$((lost + 1))
	[ $(((i + 1) % 4)) -ne 0 ] ||
		echo "::bar $((i + 1)) $FILES files, $lost lost," \
			"$(status_field safe slots_used) blocks moved, $more more places bad"
done
quote_kernel 'critical medium error' 2
errors=$(count_media_errors)
moved=$(status_field safe slots_used)
mode=$(status_field safe mode)
claim "the same disk, the same media errors: the kernel logged $errors" test "$errors" -gt 0
claim "$((FILES - lost)) of $FILES files are written, each with fsync" test $lost -eq 0
claim "$moved blocks live on the spare now, and the mode is $mode" \
	test "$moved" -gt 0 -a "$mode" = rw
errors=$(count_kernel 'EXT4-fs (error|warning)|JBD2.*(error|abort)|Buffer I/O error')
claim "ext4 noticed nothing" test "$errors" -eq 0

echo "::act 3"
say "Two programs write and fsync, and still more goes bad ..."
mkdir /mnt/late
writer() {
	local i
	for ((i = $1; ; i += 2)); do
		write_file "late/$i" $i || break
	done
	echo "::no late/$i is written"
}
writer 0 &
writer 1 &
for ((i = FILES / 8; i < ROUNDS; i++)); do
	grow_bad "$i" >/dev/null
	sleep 1
done
wait
