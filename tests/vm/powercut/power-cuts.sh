# power-cuts: random power cuts during verified writing lose nothing; without the module's flushes they do
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# needs: dm-remap dmremap
# timeout: 1500
# shellcheck shell=bash
. "$VM/lib.sh"

# Set by tests/vm/powercut.sh: CUTS, SEED.
. "$VM/tests/params"

# 5, 4 and 2 copies of the metadata.
spare_kb=(16384 2048 448)

# new_pair SPARE_KB: fresh faulty disks, and a formatted spare.
new_pair() {
	main_disk=$(make_disk dmain 16)
	spare_disk=$(make_disk dspare 16)
	main=$(faulty fmain "$main_disk" main)
	dmsetup create fspare --table "0 $(($1 * 2)) remap-test $spare_disk spare"
	spare=/dev/mapper/fspare
	dmremap format "$main" "$spare" --yes >/dev/null
}

drop_pair() {
	dmsetup remove fmain fspare
	remove_disk dmain
	remove_disk dspare
}

# cuts TARGET N SEED [until-loss]: adds what cutload's last line says to the sums.
cuts() {
	local line
	local target=$1
	shift
	cutload "$target" fmain fspare "$(sectors "$main")" "$@" >/tmp/cutload || [ $? -eq 3 ]
	cat /tmp/cutload
	line=$(tail -n 1 /tmp/cutload)
	read -r _ n _ l _ w _ wr _ _ _ re <<<"$line"
	done=$((done + n)) lost=$((lost + l)) wrong=$((wrong + w))
	writes=$((writes + wr)) remaps=$((remaps + re))
}

fresh() {
	done=0 lost=0 wrong=0 writes=0 remaps=0
}

fresh
for ((i = 0; i < ${#spare_kb[@]} && done < CUTS; i++)); do
	# one in ten for each of the small ones
	n=$((CUTS / 10))
	[ $i -gt 0 ] || n=$((CUTS - 2 * n))
	[ $n -gt 0 ] || continue
	new_pair "${spare_kb[i]}"
	cuts remap "$n" $((SEED + i))
	drop_pair
done
echo "RESULT module $done $lost $wrong $writes $remaps"

# Beside the module: its target has a name of its own.
insmod "$VM/tests/dm-remap-no-flush.ko"
fresh
for ((i = 0; i < 5 && lost == 0; i++)); do
	new_pair 16384
	cuts remap-no-flush 8 $((SEED + i)) until-loss
	drop_pair
done
echo "RESULT control $done $lost $wrong $writes $remaps"
