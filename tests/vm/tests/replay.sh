# replay: a recorded workload takes steps that the simulation knows; after a power cut at any of them it reads as promised
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: uml
# timeout: 300
. "$VM/lib.sh"

# tests/vm/log-writes.sh asks for more cuts, or other ones.
if [ "$GUEST" = uml ]; then cuts=120; else cuts=30; fi
steps=60
seed=$RANDOM
shapes=8192
# shellcheck source=/dev/null
[ ! -e "${0%.sh}.params" ] || . "${0%.sh}.params"

main_sect=4096
main_disk=$(make_disk dmain 4)
spare_disk=$(make_disk dspare 16)
main_again=$(make_disk amain 4)
spare_again=$(make_disk aspare 16)
dmsetup create again-main --table "0 $main_sect linear $main_again 0"

# A shape is the spare's size in sectors, then perhaps +nofua, of both disks.
wrong=0
for shape in $shapes; do
	sect=${shape%%+*}
	option=${shape#"$sect"}
	option=${option#+}
	dmsetup create fmain --table "0 $main_sect remap-test $main_disk main $option"
	dmsetup create fspare --table "0 $sect remap-test $spare_disk spare $option"
	dmsetup create again-spare --table "0 $sect linear $spare_again 0"
	dmremap format --yes --force /dev/mapper/fmain /dev/mapper/fspare
	echo "spare of $shape sectors, seed $seed, $steps steps"
	replay fmain fspare "$main_disk" "$spare_disk" /dev/mapper/again-main \
		/dev/mapper/again-spare "$seed" "$steps" "$cuts" "$VM/bin/known-runs" || wrong=1
	dmsetup remove fmain fspare again-spare
	seed=$((seed + 1))
done
[ $wrong -eq 0 ] || fail "not as promised after a power cut: see above"
