# readonly-devices: a main or a spare that is read-only: format says so; opened, it is read and never written
# SPDX-License-Identifier: GPL-2.0-only
# guest: uml
. "$VM/lib.sh"

# says STATUS REGEX COMMAND...
says() {
	local want=$1 re=$2 out got=0
	shift 2
	out=$("$@" 2>&1 </dev/null) || got=$?
	assert_eq "$got" "$want" "exit status of $* ($out)"
	[[ $out =~ $re ]] || fail "$*: said '$out', wanted $re"
}

sum() {
	blockdev --flushbufs "$1"
	sha256sum <"$1"
}

# read_only FLAG: what is open reads, also from slots and of a bad sector, refuses
# every write, and has written nothing to either device. FLAG: the dm device's own.
read_only() {
	get_status d0
	assert_eq "$st_mode $st_why $st_forced" "readonly readonly 0" "mode, why, forced"
	verify_pattern "$dev" 72 16 2 bs=16
	verify_pattern "$dev" 0 64 1
	expect_fail . fill_pattern "$dev" 0 8 3
	expect_fail . fill_pattern "$dev" 80 8 3
	expect_fail . read_sectors "$dev" 200 8
	assert_eq "$(blockdev --getro "$dev")" "$1" "read-only flag of $dev"
	expect_fail . dmremap thaw d0
	remap_close d0
	assert_eq "$(sum "$main_disk")" "$main_sum" "content of main"
	assert_eq "$(sum "$spare_disk")" "$spare_sum" "content of the spare"
}

main_disk=$(loop_disk main 4)
spare_disk=$(make_disk dspare 1)
main=$(faulty fmain "$main_disk" main)
spare=$(faulty fspare "$spare_disk" spare)
says 0 . dmremap create d0 "$main" "$spare" --yes
dev=/dev/mapper/d0
fill_pattern "$dev" 0 512 1 bs=128
bad fmain 80 8 both ioerr
fill_pattern "$dev" 72 16 2 bs=16
bad fmain 203 1 read medium
remap_close d0
main_sum=$(sum "$main_disk")
spare_sum=$(sum "$spare_disk")

for which in main spare; do
	blockdev --setro "${!which}"
	says 0 "$which ${!which} is read-only" dmremap open d0 "$main" "$spare"
	read_only 1
	says 0 . dmremap open d0 "$main" "$spare" --readonly
	read_only 1
	# the module by itself, with a table that would allow writes
	dmsetup create d0 --table "0 8192 remap $main $spare"
	read_only 0
	blockdev --setrw "${!which}"
done
says 0 . dmremap open d0 "$main" "$spare" --readonly
read_only 1

# A spare that is read-only is not formatted; main may be, that only reads it.
blockdev --setro "$spare"
says 4 "spare $spare is read-only" dmremap format "$main" "$spare" --yes --force
says 4 "spare $spare is read-only" dmremap create d0 "$main" "$spare" --yes --force
assert_eq "$(sum "$spare_disk")" "$spare_sum" "content of the spare"
says 0 clean dmremap check "$spare"
blockdev --setrw "$spare"

# A disk that is read-only below what we are given, as a loop device can be.
dmsetup remove fmain
losetup -d "$main_disk"
main=$(losetup --show --read-only -f /tmp/main.img)
main_disk=$main
says 0 "main $main is read-only" dmremap open d0 "$main" "$spare"
assert_status d0 mode readonly
verify_pattern "$dev" 72 16 2 bs=16
expect_fail . fill_pattern "$dev" 0 8 3
remap_close d0
assert_eq "$(sum "$spare_disk")" "$spare_sum" "content of the spare"
losetup -d "$main"
main=$(losetup --show -f /tmp/main.img)

# And writable again, all goes on.
remap_open d0 "$main" "$spare"
get_status d0
assert_eq "$st_mode" rw
fill_pattern "$dev" 80 8 4
verify_pattern "$dev" 80 8 4
declare_spare "$spare"
