# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# act1: without dm-remap the disk loses files
# shellcheck source=tests/demo/lib.sh
. "$VM/demo-lib.sh"

make_pool
raw=$(disk 0)
say "mount $raw /mnt; $FILES files of $KB KiB are written to it, each with fsync."
mount -o errors=remount-ro "$raw" /mnt
mkdir /mnt/new
lost=0
for ((i = 0; i < FILES; i++)); do
	write_file "new/$i" $i || lost=$((lost + 1))
	[ $(((i + 1) % 4)) -ne 0 ] || echo "::bar $((i + 1)) $FILES files, $lost lost"
done
quote_kernel 'critical medium error' 2
quote_kernel 'Aborting journal|[Rr]emounting filesystem|Detected aborted' 2
umount /mnt
errors=$(count_media_errors)
claim "the disk has media errors: the kernel logged $errors" test "$errors" -gt 0
claim "$lost of $FILES files could not be written" test $lost -gt 0
