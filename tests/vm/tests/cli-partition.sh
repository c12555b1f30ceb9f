# cli-partition: the tool on partitions: overlaps, alignment, mounts, and a main known by its PARTUUID
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
# needs: dm-remap dmremap ext4 sfdisk
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

# partuuid DEV: as blkid has it.
partuuid() {
	blkid -p -s PART_ENTRY_UUID -o value "$1"
}

# remembered SPARE: the PARTUUID of its main.
remembered() {
	dmremap check --json "$1" | tr -d ' \n' | sed -n 's/.*"partuuid":"\([^"]*\)".*/\1/p'
}

main=$(make_disk dmain 16)
spare=$(make_disk dspare 4)

# --- a disk and parts of it; nothing is written ---
disk=$(loop_disk disk 16 --partscan)
partition "$disk" 2048 8192 16384 8192
one=$(part "$disk" 1)
two=$(part "$disk" 2)
wait_until 10 test -b "$two"
before=$(sum "$disk")
says 4 "$one is a part of main $disk" dmremap format "$disk" "$one" --yes
says 4 "main $one lies on spare $disk" dmremap format "$one" "$disk" --yes
says 4 'same device' dmremap format "$one" "$one" --yes
says 4 "$one is a part of main $disk" dmremap create d0 "$disk" "$one" --yes --force
assert_eq "$(sum "$disk")" "$before" "the disk's content"

# A main whose disk has no PARTUUID to give: opened all the same.
says 0 'on the same disk' dmremap create d0 "$one" "$two" --yes
fill_pattern /dev/mapper/d0 0 64 1
says 5 "$disk is in use: it is partly in use: $one is held by" \
	dmremap format "$main" "$disk" --yes
remap_close d0
says 0 clean dmremap check "$two"
losetup -d "$disk"

# --- alignment ---
disk=$(loop_disk odd 16 --partscan)
partition "$disk" 63 8192 16384 8192
wait_until 10 test -b "$(part "$disk" 2)"
says 4 'starts at sector 63 .*aligned' dmremap format "$main" "$(part "$disk" 1)" --yes
says 0 'is now the spare' dmremap format "$main" "$(part "$disk" 2)" --yes
# the other way round it does not matter where main begins
says 0 'is now the spare' dmremap format "$(part "$disk" 1)" "$spare" --yes
losetup -d "$disk"

# --- a spare of which a part is mounted, a main likewise ---
disk=$(loop_disk mounted 32 --partscan)
partition "$disk" 2048 40960
one=$(part "$disk" 1)
wait_until 10 test -b "$one"
mkfs.ext4 -q -F "$one"
mkdir /tmp/m
mount "$one" /tmp/m
says 5 "$one is mounted on /tmp/m" dmremap format "$main" "$disk" --yes
says 5 'mounted on /tmp/m' dmremap format "$main" "$one" --yes
says 5 "$one is mounted on /tmp/m" dmremap create d0 "$disk" "$spare" --yes --force
umount /tmp/m
losetup -d "$disk"

# --- a main by its PARTUUID: DOS and GPT ---
uuid=6e8bc430-9c3a-11d9-9669-0800200c9a66
other=6e8bc430-9c3a-11d9-9669-0800200c9a67

# table DISK LABEL FIRST SECOND: two partitions, by what tells them apart.
table() {
	case $2 in
	dos)
		partition "$1" 2048 16384 18432 16384
		printf 'ABCD' | dd of="$1" bs=1 seek=440 conv=notrunc,fsync status=none
		;;
	gpt)
		printf '%s\n' 'label: gpt' "start=2048, size=16384, uuid=$3" \
			"start=18432, size=16384, uuid=$4" |
			sfdisk --quiet --no-reread --no-tell-kernel "$1"
		;;
	esac
	blockdev --rereadpt "$1"
}

for label in dos gpt; do
	disk=$(make_disk "p$label" 32)
	table "$disk" $label $uuid $other
	one=$(part "$disk" 1)
	two=$(part "$disk" 2)
	want=$(partuuid "$one")
	case $label in
	dos) assert_eq "$want" 44434241-01 ;;
	gpt) assert_eq "$want" $uuid ;;
	esac
	dmremap create d0 "$one" "$spare" --yes --force
	fill_pattern /dev/mapper/d0 0 128 1
	remap_close d0
	assert_eq "$(remembered "$spare")" "$want" PARTUUID

	# Of the same size and content, but another one.
	dd if="$one" of="$two" bs=64k conv=fsync status=none
	says 4 "PARTUUID is \"$(partuuid "$two")\", the spare remembers \"$want\"" \
		dmremap open d0 "$two" "$spare"
	before=$(sum "$two")
	says 0 'PARTUUID' dmremap open d0 "$two" "$spare" --force
	get_status d0
	assert_eq "$st_mode" readonly
	remap_close d0
	assert_eq "$(sum "$two")" "$before" "content of the wrong main"

	# The same one under another number is the right one.
	if [ $label = gpt ]; then
		table "$disk" gpt $other $uuid
		says 4 PARTUUID dmremap open d0 "$one" "$spare"
		remap_open d0 "$two" "$spare"
	else
		remap_open d0 "$one" "$spare"
	fi
	verify_pattern /dev/mapper/d0 0 128 1
	remap_close d0
	says 0 'clean' dmremap check "$spare"
done
