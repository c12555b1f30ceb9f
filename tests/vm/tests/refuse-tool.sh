# refuse-tool: what dmremap refuses of devices mounted, held, open or live, with its exit codes
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
# needs: dm-remap dmremap ext4
. "$VM/lib.sh"

# refused STATUS REGEX COMMAND...
refused() {
	local want=$1 re=$2 out got=0
	shift 2
	out=$("$@" 2>&1 </dev/null) || got=$?
	assert_eq "$got" "$want" "exit status of $* ($out)"
	[[ $out =~ $re ]] || fail "$*: said '$out', wanted $re"
}

main=$(make_disk dmain 16)
spare=$(make_disk dspare 16)
mkdir /tmp/m

# A spare that holds something, is mounted, is held.
mkfs.ext4 -q -F "$spare"
refused 5 'ext4.*holds something' dmremap format "$main" "$spare" --yes
mount "$spare" /tmp/m
refused 5 'in use.*mounted' dmremap format "$main" "$spare" --yes
refused 5 'in use.*mounted' dmremap create d0 "$main" "$spare" --yes
umount /tmp/m
dmsetup create held --table "0 32768 linear $spare 0"
refused 5 'in use' dmremap format "$main" "$spare" --yes
refused 8 'in use' dmremap check "$spare"
dmsetup remove held
refused 1 'destroys everything' dmremap format "$main" "$spare" --force
refused 8 'nothing to check' dmremap check "$spare"
refused 4 'is it the right device' dmremap open d0 "$main" "$spare"
dmremap format "$main" "$spare" --yes --force
refused 5 'blocks of its main that live only here: 0' dmremap format "$main" "$spare" --yes
refused 5 'holds something' dmremap create d0 "$main" "$spare" --yes

# A main that is mounted, is held.
mkfs.ext4 -q -F "$main"
mount "$main" /tmp/m
refused 5 'main .*in use.*mounted' dmremap open d0 "$main" "$spare"
refused 5 'main .*in use.*mounted' dmremap create d0 "$main" "$spare" --yes --force
umount /tmp/m
dmsetup create held --table "0 32768 linear $main 0"
refused 5 'main .*in use' dmremap open d0 "$main" "$spare"
dmsetup remove held

# Live.
dmremap format "$main" "$spare" --yes --force
remap_open d0 "$main" "$spare"
declare_spare "$spare"
refused 5 'a device d0 already' dmremap open d0 "$main" "$spare"
refused 5 'in use' dmremap open d1 "$main" "$spare"
refused 5 'in use.*d0' dmremap format "$main" "$spare" --yes
refused 5 'open: close it first' dmremap format "$main" "$spare" --yes --force
refused 8 'in use' dmremap check "$spare"
mount "$dev" /tmp/m
refused 5 'mounted|/tmp/m' dmremap close d0
umount /tmp/m
dmsetup create held --table "0 32768 linear $dev 0"
refused 5 'in use by' dmremap close d0
dmsetup remove held
exec 9<"$dev"
refused 5 'open 1 times' dmremap close d0
exec 9<&-

# Names and words.
for cmd in freeze thaw close status; do
	refused 4 nowhere dmremap $cmd nowhere
done
refused 4 nowhere dmremap policy nowhere off
dmsetup create other --table "0 8 linear $(make_disk third 1) 0"
refused 4 other dmremap freeze other
refused 4 other dmremap close other
refused 1 'no policy' dmremap policy d0 none
refused 1 'no allowance' dmremap thaw d0 0
refused 1 usage dmremap thaw d0 1 2
refused 1 'no command' dmremap frobnicate
refused 1 'does not take' dmremap close --force d0
refused 1 'allowance' dmremap open --allowance x d1 "$main" "$spare"
refused 16 usage dmremap check
refused 8 'not exist' dmremap check /dev/nowhere

dmremap close /dev/mapper/d0
refused 4 d0 dmremap close d0
refused 0 clean dmremap check "$spare"
