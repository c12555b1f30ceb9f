# job-cut: power cut at every write of a move to the spare, of one back, of a list: nothing lost, nothing leaks
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# timeout: 300
. "$VM/lib.sh"
. "$VM/tests/copies.inc"
. "$VM/tests/job.inc"

faulty_pair 16 16
remap_create d0 "$main" "$spare"
create=$(status_field d0 slots_free)
fill_pattern "$dev" 0 512 1 bs=128 flush
tell fmain cache on
tell fspare cache on

# cut_job VERB K SEED: $blocks, $nr of them, of which 18 has a newer writing, as far as
# the power goes. $more is 0 when the job had fewer than K writes.
cut_job() {
	local verb=$1 k=$2
	tell fmain cut-at "$k" write "$3"
	start_job "$verb" "${blocks[@]}"
	wait_until 20 job_over
	get_faulty fmain
	# shellcheck disable=SC2154 # set by get_faulty
	if [ "$faulty_state" != dead ]; then
		tell fmain cut-at none
		more=0
		assert_eq "$(job_line)" "$verb done $nr $nr 0"
	else
		quick_cut 0
		quick_open
	fi
	verify_pattern "$dev" 0 144 1 bs=8
	verify_pattern "$dev" 144 8 2
	verify_pattern "$dev" 152 360 1 bs=8
	get_status d0
	# shellcheck disable=SC2154 # set by get_status
	assert_eq $((st_slots_free + st_slots_used)) "$create" "slots free or used"
}

# whole VERB: all of it, by whatever was left of the last attempt.
whole() {
	run_job "$1 done $nr $nr 0" "$1" "${blocks[@]}"
}

blocks=(17 2)
nr=2

for ((k = 1, more = 1; more; k++)); do
	fill_pattern "$dev" 144 8 2 fua
	cut_job remap $k $k
	[ $more -eq 0 ] || whole unmap
done
assert_ge "$k" 8 "writes of a move to the spare"
echo "to the spare: up to $((k - 2)) writes"
assert_status d0 slots_used 2

for ((k = 1, more = 1; more; k++)); do
	whole remap
	cut_job unmap $k $k
done
assert_ge "$k" 8 "writes of a move back"
echo "back: up to $((k - 2)) writes"
get_status d0
assert_eq "$st_slots_used $st_slots_free" "0 $create"

# A list: what is scattered moves in one commit, and it is all or nothing.
blocks=(3 1 17 2 40 1 60 3)
nr=7
for ((k = 1, more = 1; more; k++)); do
	fill_pattern "$dev" 144 8 2 fua
	cut_job remap $k $k
	assert_match "$(status_field d0 slots_used)" '^(0|7)$' "blocks that have moved"
	[ $more -eq 0 ] || whole unmap
done
assert_ge "$k" 13 "writes of a list"
echo "a list: up to $((k - 2)) writes"
