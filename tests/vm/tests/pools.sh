# pools: what is given back twice, elsewhere, scribbled or not at all is refused and said; parameters are checked
# SPDX-License-Identifier: GPL-2.0-only
# guest: uml
. "$VM/lib.sh"
. "$VM/tests/memory.inc"

insmod "$VM/modules/dm-remap-memtest.ko" run=abuse
rmmod dm_remap_memtest
expect_dmesg 'memtest: passed'
for what in 'pool context: an object is given back twice, by' \
		'pool context: an object of another pool is given back, by' \
		'scribbled header, by' 'header is scribbled, by' \
		'pool context: an idle object was written to' \
		'pool context: 1 objects were never given back'; do
	expect_dmesg "$what"
done
insmod "$VM/modules/dm-remap-memtest.ko" run=order
rmmod dm_remap_memtest
insmod "$VM/modules/dm-remap-memtest.ko" run=hammer seconds=4
rmmod dm_remap_memtest
assert_eq "$(dmesg_since | grep -c 'memtest: passed')" 3 "runs that passed"

# parameters
for p in "health_min 0" "health_max 99999999" "context_min 1" "work_min x" "buffer_min -1"; do
	expect_fail . bash -c "echo ${p#* } >$module/${p% *}"
done
faulty_pair 64 16
dmremap format --yes "$main" "$spare"
echo 300 >$module/context_min
echo 200 >$module/context_max
expect_fail . dmsetup create d0 --table "0 $(sectors "$main_disk") remap $main $spare"
assert_match "$(ctr_errors)" 'context_min of the module is above context_max' "why"
echo 4 >$module/context_min
echo 2 >$module/work_min
echo 2 >$module/buffer_min
dmsetup create d0 --table "0 $(sectors "$main_disk") remap $main $spare 1 allowance:1000"
get_pool context
# shellcheck disable=SC2154 # set by get_pool
assert_eq "$pool_min $pool_max" "4 200"
bad fmain 0 256 write medium
fill_pattern /dev/mapper/d0 0 256 7 bs=64
verify_pattern /dev/mapper/d0 0 256 7
pools_add_up
remap_close d0
