# field-sweep: any field of any metadata block changed, in any copies: refused and not written, or opened with the right data
# SPDX-License-Identifier: GPL-2.0-only
# guest: uml
# timeout: 300
. "$VM/lib.sh"

# tests/vm/field-sweep.sh asks for more cases, or for other ones.
cases=30
seed=$RANDOM
[ ! -e "$VM/tests/sweep-params" ] || . "$VM/tests/sweep-params"

wrong=0
spare_disk=$(make_disk dspare 16)
fieldsweep list >/tmp/golden
while read -r -u 3 name spare_sect main_sect lbs; do
	main_disk=$(make_disk dmain 4 "lbs=$lbs")
	dmsetup create m --table "0 $main_sect linear $main_disk 0"
	dmsetup create s --table "0 $spare_sect linear $spare_disk 0"
	fieldsweep "$name" /dev/mapper/m /dev/mapper/s "$seed" "$cases" || wrong=1
	dmsetup remove m s
	remove_disk dmain
done 3</tmp/golden
[ "$wrong" -eq 0 ] || fail "the module took, or wrote, what it must not: see above"
