# load-held: suspend, resume, reload and remove with a bio held by the error worker, and with a commit running
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# timeout: 200
. "$VM/lib.sh"
. "$VM/tests/load.inc"

faulty_pair 16 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 1024 1 bs=128
table=$(table_of d0)

for round in 1 2; do
	at=$((round * 256))
	# The error worker tries again on main, and waits there.
	bad fmain $at 8 write ioerr 1
	tell fmain hold-end $at 8 write
	fill_pattern "$dev" $at 8 2 & writer=$!
	wait_held fmain 1
	tell fmain release
	tell fmain hold $at 8 write
	wait_held fmain 1 || true
	dmsetup suspend d0 & suspender=$!
	breathe 0.5
	kill -0 $suspender
	tell fmain release
	wait $suspender $writer
	dmsetup resume d0
	verify_pattern "$dev" $at 8 2

	# A commit waits for its flush.
	bad fmain $((at + 64)) 8 write ioerr
	tell fspare hold 0 1 flush
	fill_pattern "$dev" $((at + 56)) 16 2 bs=16 & writer=$!
	wait_held fspare 1
	# status and a message do not wait for it
	assert_status d0 mode rw
	dmsetup message d0 0 policy remap
	dmsetup suspend d0 & suspender=$!
	breathe 0.5
	kill -0 $suspender
	tell fspare release
	wait $suspender $writer
	dmsetup resume d0
	verify_pattern "$dev" $((at + 56)) 16 2 bs=16

	# The same with a table that is waiting.
	bad fmain $((at + 128)) 8 write ioerr
	tell fspare hold 0 1 flush
	fill_pattern "$dev" $((at + 120)) 16 2 bs=16 & writer=$!
	wait_held fspare 1
	echo "$table" | dmsetup load d0
	dmsetup resume d0 & resumer=$!
	breathe 0.5
	tell fspare release
	wait $resumer $writer
	verify_pattern "$dev" $((at + 120)) 16 2 bs=16
	assert_status d0 mode rw
done
assert_status d0 slots_used 4

# Removed right after the last write ended: nothing is lost.
for round in 1 2; do
	at=$((800 + round * 16))
	bad fmain $at 8 write ioerr
	fill_pattern "$dev" $((at - 8)) 16 3 bs=16
	dmsetup remove d0
	remap_open d0 "$main" "$spare"
	verify_pattern "$dev" $((at - 8)) 16 3 bs=16
done
