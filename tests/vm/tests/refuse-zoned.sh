# refuse-zoned: zoned devices are refused as main and as spare, also below dm-linear
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

main=$(make_disk dmain 32)
spare=$(make_disk dspare 16)
remap_format "$main" "$spare"
refusals=0

# refused MAIN SPARE ZONED MODEL: by the kernel and by the tool, which names it.
refused() {
	! dmsetup create no --table "0 32768 remap $1 $2" 2>/dev/null || fail "taken: $*"
	((++refusals))
	assert_eq "$(ctr_errors | tail -n 1)" 'Zoned devices are not supported'
	assert_eq "$(ctr_errors | wc -l)" $refusals
	expect_status 4 dmremap format "$1" "$2" --yes --force
	expect_fail "$3 is a zoned device \($4\)" dmremap format "$1" "$2" --yes --force
	expect_fail "$3 is a zoned device \($4\)" dmremap create no "$1" "$2" --yes --force
}

if zoned=$(make_disk zoned 64 zone_size=4 zoned=1 2>/dev/null) && [ -b "$zoned" ]; then
	assert_eq "$(queue_attr "$zoned" zoned)" host-managed
elif [ "$GUEST" = uml ]; then
	skip "the UML kernel has no CONFIG_BLK_DEV_ZONED"
else
	fail "no zoned null_blk"
fi
refused "$zoned" "$spare" "$zoned" host-managed
refused "$main" "$zoned" "$zoned" host-managed
dmsetup create lin --table "0 65536 linear $zoned 0"
refused /dev/mapper/lin "$spare" /dev/mapper/lin host-managed
dmremap check "$spare"

# A SCSI disk: shingled ones, host-managed and host-aware.
models='managed aware'
[ "$GUEST" != sid ] || models=managed # a host-aware disk is an ordinary one there
for model in $models; do
	"$VM/guest-modprobe" sd_mod
	"$VM/guest-modprobe" scsi_debug dev_size_mb=64 delay=0 zbc="$model" zone_size_mb=4
	scsi=
	scsi_disk() {
		local d name
		for d in /sys/block/sd*; do
			[ -e "$d/device/model" ] || continue
			read -r name <"$d/device/model"
			[ "$name" != scsi_debug ] || scsi=/dev/${d##*/}
		done
		[ -b "$scsi" ] && [ "$(queue_attr "$scsi" zoned)" = "host-$model" ]
	}
	wait_until 20 scsi_disk
	refused "$scsi" "$spare" "$scsi" "host-$model"
	rmmod scsi_debug
done
dmremap check "$spare"
