# memory-short: with no allocation left errors are still settled, from reserves; jobs wait; it is seen, and over when it is over
# SPDX-License-Identifier: GPL-2.0-only
# guest: uml
. "$VM/lib.sh"
. "$VM/tests/job.inc"
. "$VM/tests/memory.inc"

# no_memory: every allocation of the module fails from here on, and emergency mode stays
no_memory() {
	echo 600000 >$module/calm_ms
	echo 0 >$module/alloc_seen
	echo Y >$module/alloc_rest
	echo 1 >$module/alloc_fail
}

memory_again() {
	echo 0 >$module/alloc_fail
	echo N >$module/alloc_rest
	echo 1500 >$module/calm_ms
}

calm() {
	status_is d0 memory ok
}

faulty_pair 256 16
echo 2 >$module/buffer_min
remap_create d0 "$main" "$spare" --yes --allowance 1000
dev=/dev/mapper/d0
fill_pattern "$dev" 0 512 1

# One bio, eight blocks in their slots, all eight slots go bad under the next bio: each wants
# a page, there is no memory but the two in reserve, and the eight belong together (B27).
bad fmain 384 64 write medium
log_start fspare
fill_pattern "$dev" 384 64 2 bs=64
log_stop fspare
read -r _ _ _ _ first _ < <(log_lines 'key == "spare" && op == "W"')
assert_status d0 remaps 8
bad fspare "$first" 64 write medium
no_memory
fill_pattern "$dev" 384 64 3 bs=64
verify_pattern "$dev" 384 64 3
assert_eq "$(status_field d0 slots_moved) $(status_field d0 memory)" "8 emergency"
get_pool buffer
# shellcheck disable=SC2154 # set by get_pool
assert_ge "$pool_failures" 7 "seven blocks whose turn came after the first one's"
memory_again
wait_until 20 calm

# one block after the other, and jobs, and a group again
bad fmain 0 512 write medium
no_memory
log_start fspare
fill_pattern "$dev" 0 64 2
log_stop fspare
read -r _ _ _ _ first _ < <(log_lines 'key == "spare" && op == "W"')
verify_pattern "$dev" 0 64 2
get_status d0
# shellcheck disable=SC2154 # set by get_status
assert_eq "$st_mode $st_remaps $st_memory $st_emergencies" "rw 16 emergency 2"
start_job remap 100 16
# one bio of 6 blocks, while there are contexts for one block at a time
fill_pattern "$dev" 64 48 3 bs=48
verify_pattern "$dev" 64 48 3
# the slots of eight blocks go bad under one bio, whose blocks are settled one at a time now
bad fspare "$first" 64 write medium
fill_pattern "$dev" 0 64 5 bs=64
verify_pattern "$dev" 0 64 5
assert_eq "$(status_field d0 slots_moved) $(status_field d0 mode)" "16 rw"
sleep 3
assert_eq "$(job_line)" "remap queued 0 16 0" "a job in emergency mode"
assert_eq "$(dmsetup status d0 | grep -o 'memory=[a-z]*')" memory=emergency

# memory comes back
memory_again
wait_until 20 calm
wait_until 20 job_over
assert_eq "$(job_line)" "remap done 16 16 0"
pools_add_up
get_pool context
# shellcheck disable=SC2154 # set by get_pool
assert_ge "$pool_emergency" 14 "contexts from the reserve"
expect_dmesg 'memory is short: emergency mode'
expect_dmesg 'there is memory again'

# the shrinker takes what is idle; asked and asked again it makes emergency mode
fill_pattern "$dev" 320 16 4
echo 2 >/proc/sys/vm/drop_caches
dmsetup message d0 0 pools >/tmp/pools
assert_eq "$(grep -c ' idle=0 ' /tmp/pools)" 4 "pools without idle objects"
for _ in 1 2 3 4 5 6; do
	echo 2 >/proc/sys/vm/drop_caches
done
assert_status d0 memory emergency
wait_until 20 calm
pools_add_up
verify_pattern "$dev" 64 48 3
remap_close d0
declare_spare "$spare" 0
