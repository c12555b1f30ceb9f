# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Pools and health map by themselves (tests/vm/memtest), and what the slab allocator and
# vmalloc say of a map of RECORDS records.

dmesg -C
insmod /vm/modules/dm-remap-memtest.ko run=bench seconds=3 health_max=1200000 &
until dmesg | grep -q "waiting for /proc/slabinfo $RECORDS"; do
	sleep 0.2
done
# name <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> ... <num_slabs>
awk '$1 == "dm_remap_memtest_health" { print "slab", $2, $15 * $6 * 4096 }' /proc/slabinfo
awk '/\[dm_remap_memtest\]/ { sum += $2 } END { print "vmalloc", sum + 0 }' /proc/vmallocinfo
wait || true
dmesg | sed -n 's/.*memtest: //p'
