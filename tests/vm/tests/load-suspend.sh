# load-suspend: suspend, resume and reload under load, with blocks going bad, twice each
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
# timeout: 200
. "$VM/lib.sh"
. "$VM/tests/load.inc"

faulty_pair 16 16
remap_create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
table=$(table_of d0)
load_start
for round in 1 2; do
	scatter_bad $round
	breathe 1
	dmsetup suspend d0
	dmsetup status d0 >/dev/null
	dmsetup resume d0
	breathe 1
	dmsetup suspend --noflush --nolockfs d0
	dmsetup resume d0
	breathe 0.5

	scatter_bad $((round + 4))
	echo "$table" | dmsetup load d0
	breathe 0.5
	dmsetup resume d0
	breathe 0.5
	# a table that is loaded and cleared changes nothing
	echo "$table" | dmsetup load d0
	dmsetup clear d0
	dmsetup suspend d0
	dmsetup resume d0
done
breathe 1
load_stop
assert_status d0 mode rw
assert_ge "$(status_field d0 slots_used)" 8 "slots used"
assert_eq "$(table_of d0)" "$table"
remap_close d0
remap_open d0 "$main" "$spare"
verify_pattern "$dev" 0 1024 "$(</tmp/load-0)" bs=128
verify_pattern "$dev" 1024 1024 "$(</tmp/load-1024)" bs=128
