# status-table: the table line goes round, a reload of it keeps all, the sums add up
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

faulty_pair 16 16
remap_format "$main" "$spare"
read -r mt < <(stat -L -c '%Hr:%Lr' "$main")
read -r st < <(stat -L -c '%Hr:%Lr' "$spare")

# What is said is what is printed, defaults left out.
for words in '' '1 policy:record' '1 policy:off' '1 allowance:0' '1 hold:600' '1 force_readonly' \
	'4 policy:off allowance:65536 hold:1 force_readonly'; do
	dmsetup create d0 --table "0 32768 remap $main $spare $words"
	assert_eq "$(dmsetup table d0)" "0 32768 remap $mt $st${words:+ $words}"
	dmsetup remove d0
done
words='4 hold:60 allowance:9 policy:remap force_readonly'
dmsetup create d0 --table "0 32768 remap $main $spare $words"
assert_eq "$(dmsetup table d0)" "0 32768 remap $mt $st 2 allowance:9 force_readonly"
dmsetup remove d0

# Round trips of a live device with remaps; a policy set by message goes with it.
remap_open d0 "$main" "$spare" --hold 7
fill_pattern "$dev" 0 256 1
bad fmain 80 8 both ioerr
fill_pattern "$dev" 72 16 2 bs=16
dmsetup message d0 0 policy record
for i in 1 2; do
	line=$(dmsetup table d0)
	assert_eq "$line" "0 32768 remap $mt $st 2 policy:record hold:7"
	dmsetup table d0 | dmsetup load d0
	assert_eq "$(dmsetup table --inactive d0)" "$line" "inactive table"
	assert_match "$(dmsetup status --inactive d0)" 'remap v1 mode=inactive '
	dmsetup resume d0
	assert_eq "$(dmsetup table d0)" "$line"
	verify_pattern "$dev" 72 16 2 bs=16
done
dmsetup message d0 0 policy remap
assert_eq "$(dmsetup table d0)" "0 32768 remap $mt $st 1 hold:7"

# One line, with all keys, each once; and slots are of one kind each.
line=$(dmsetup status d0)
assert_match "$line" '^0 32768 remap v1 mode=rw why=none policy=remap room=ok memory=ok forced='
[ -z "$(tr ' ' '\n' <<<"$line" | sed -n 's/=.*//p' | sort | uniq -d)" ] ||
	fail "a key twice: $line"
for key in slots_{total,used,pending,free,bad,meta} copies held epoch; do
	declare "$key=$(sed -n "s/.* $key=\([^ ]*\).*/\1/p" <<<"$line")"
done
# shellcheck disable=SC2154 # declared just above
{
	assert_eq "$slots_total" \
		$((slots_used + slots_pending + slots_free + slots_bad + slots_meta))
	assert_eq "$slots_total $slots_used $slots_meta $held" "4096 1 55 0"
	assert_eq "$copies" "0:insync,256:insync,512:insync,1024:insync,2048:insync"
}
out=$(dmremap status d0)
assert_match "$out" 'Mode +rw'
assert_match "$out" 'Copies in sync +5 of 5'
