# job-tool: dmremap remap, unmap, verify: sectors and bytes widened to blocks, the outcome, refusals
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16
remap_create d0 "$main" "$spare"
fill_pattern "$dev" 0 512 1 bs=128 flush

out=$(dmremap remap d0 85 10)
assert_match "$out" 'remap: blocks 10 to 11: sectors 80 to 95'
assert_match "$out" 'd0: remap done: 2 of 2 blocks, 0 of them could not be done'
assert_status d0 slots_used 2
assert_match "$(dmremap remap --bytes d0 4095 2)" 'blocks 0 to 1: sectors 0 to 15'
assert_match "$(dmremap remap -b d0 4096)" 'blocks 1 to 1: sectors 8 to 15'
assert_match "$(dmremap remap /dev/mapper/d0 32767)" 'blocks 4095 to 4095'
assert_status d0 slots_used 5
verify_pattern "$dev" 0 512 1 bs=128
assert_match "$(dmremap verify d0)" 'd0: verify done'
assert_match "$(dmremap status d0)" 'Job +[0-9]+ verify done'
assert_match "$(dmremap status d0 --json)" '"state": ?"done"'

# What main does not take: code 4, and the rest is done.
bad fmain 0 8 write ioerr
if dmremap unmap d0 0 32768 >/tmp/out 2>/tmp/err; then
	fail "unmapped over a bad block"
else
	assert_eq $? 4
fi
grep -q 'd0: unmap failed: 4096 of 4096 blocks, 1 of them' /tmp/out
grep -q 'not all could be done' /tmp/err
assert_status d0 slots_used 1
good fmain all
dmremap unmap d0 0 >/dev/null
verify_pattern "$main" 0 512 1 bs=128

# Refused, and nothing is asked of the module.
before=$(dmsetup message d0 0 jobs)
for words in 'x' '-1' '32768' '32767 2' '0 0' '0 x' '0 18446744073709551615'; do
	# shellcheck disable=SC2086 # words
	expect_fail . dmremap remap d0 $words
done
expect_fail 'ends at byte 16777216' dmremap unmap d0 --bytes 16777216
expect_fail 'there is no device' dmremap verify nowhere
assert_eq "$(dmsetup message d0 0 jobs)" "$before"

# Frozen: the module says no, and so does the tool.
dmremap freeze d0
expect_fail 'not all could be done' dmremap remap d0 0
