# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the guest-*.sh scripts share: places, kernels, progress lines, modules.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # of those who source this
build=${DM_REMAP_BUILD:-$top/build}
cache=${DM_REMAP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dm-remap}

say() {
	printf '[%s] %s\n' "${0##*/}" "$*" >&2
}

die() {
	say "$*"
	exit 1
}

need() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null ||
			die "$tool is missing; scripts/setup.sh installs it"
	done
}

# The stock kernel of the QEMU guest: $QEMU_KERNEL, or the newest one that has
# an image, its modules and its headers.
stock_kernel() {
	local v
	if [ -n "${QEMU_KERNEL-}" ]; then
		echo "$QEMU_KERNEL"
		return
	fi
	for v in $(printf '%s\n' /lib/modules/*-amd64 | sort -Vr); do
		v=${v##*/}
		if [ -e "/boot/vmlinuz-$v" ] && [ -e "/lib/modules/$v/build" ]; then
			echo "$v"
			return
		fi
	done
	die "no stock kernel with headers; scripts/setup.sh installs one"
}

# The tarball of the UML guest's source, and what names its version.
uml_tarball() {
	local t=${UML_TARBALL:-/usr/src/linux-source-6.1.tar.xz}
	[ -e "$t" ] || die "$t is missing; scripts/setup.sh installs it"
	echo "$t"
}

# uml_config FLAVOUR: the fragment of a UML kernel: debug, with every checker, or plain.
uml_config() {
	case $1 in
	debug) echo "$top/tests/vm/uml.config" ;;
	plain) echo "$top/tests/vm/uml-plain.config" ;;
	*) die "which flavour: debug or plain?" ;;
	esac
}

# uml_dir FLAVOUR: where it is cached: its fragment, its recipe, its source.
uml_dir() {
	local tarball config key
	tarball=$(uml_tarball)
	config=$(uml_config "$1")
	key=$({
		cat "$config" "$top/scripts/guest-uml.sh"
		stat -c '%n %s %Y' "$tarball"
		gcc -dumpfullversion
	} | sha256sum | cut -c1-16)
	echo "$cache/uml-$1-$key"
}

# build_step NAME WHAT COMMAND...: a part of building kernel NAME; what it prints goes to $log.
build_step() {
	local name=$1
	say "$name: $2"
	shift 2
	"$@" >>"$log" 2>&1 || {
		tail -n 30 "$log" >&2
		die "$name: failed; the whole log is $log"
	}
}

# verify_config NAME CONFIG FRAGMENT...: an option that Kconfig dropped would silently check less.
verify_config() {
	local name=$1 config=$2 line lost=0
	shift 2
	while read -r line; do
		grep -qx "$line" "$config" && continue
		say "$name: Kconfig dropped $line"
		lost=1
	done < <(cat "$@" | grep -E '^CONFIG_[A-Z0-9_]+=[^n].*$|^# CONFIG_[A-Z0-9_]+ is not set$')
	[ $lost -eq 0 ] || die "$name: its fragments do not fit this source"
}

# copy_program ROOT DIR FILE: to DIR below ROOT, with the libraries it wants.
copy_program() {
	local root=$1 dir=$2 file=$3 lib to
	cp -L "$file" "$root/$dir/${file##*/}"
	{ ldd "$file" 2>/dev/null || true; } | grep -o '/[^ ]*' | while read -r lib; do
		# below /usr, where /lib and /lib64 of a guest point to
		to=$root$(realpath "${lib%/*}")
		mkdir -p "$to"
		cp -L "$lib" "$to/"
	done || true
}

# Files only change when their content does, so that make and hashes see it.
install_changed() {
	cmp -s "$1" "$2" || cp "$1" "$2"
}

# Mirror a source directory: what is unchanged keeps its time, what is gone
# goes, and what kbuild made stays.
mirror() {
	local from=$1 to=$2 f
	mkdir -p "$to"
	# not *.mod.c: kbuild made it, for the modules of some earlier build
	(cd "$from" && find . -type f \( -name '*.[ch]' -o -name '*.def' \
		-o -name Kbuild -o -name Makefile \) ! -name '*.mod.c') |
		sort >"$to/.files.new"
	if [ -e "$to/.files" ]; then
		comm -23 "$to/.files" "$to/.files.new" | while read -r f; do
			rm -f "$to/$f"
		done
	fi
	while read -r f; do
		mkdir -p "$to/${f%/*}"
		install_changed "$from/$f" "$to/$f"
	done <"$to/.files.new"
	mv "$to/.files.new" "$to/.files"
}

# kbuild KDIR DIR [make argument...]: the modules of DIR. KDIR may be ROOT:DIRECTORY, a
# directory in a chroot with its own compiler. It sees what is beside DIR, too, in /build; its
# mounts go with the command, however that ends.
kbuild() {
	local kdir=$1 dir=$2 root=${1%:*}
	shift 2
	if [ "$root" = "$kdir" ]; then
		make -s -C "$kdir" M="$dir" "$@" modules
		return
	fi
	# shellcheck disable=SC2016 # arguments of the inner shell
	unshare --mount sh -ec '
		mount -t proc proc "$1/proc"	# or objtool fails
		mount --bind "$2" "$1/build"
		root=$1
		shift 2
		exec chroot "$root" make -s "$@" modules
		' sh "$root" "${dir%/*}" -C "${kdir#*:}" M="/build/${dir##*/}" "$@"
}

# build_module GUEST NAME SOURCE KDIR [make argument...]
build_module() {
	local guest=$1 name=$2 source=$3 kdir=$4
	shift 4
	local dir=$build/$guest/$name log=$build/$guest/$name.log
	mirror "$source" "$dir"
	say "$guest: module of ${source#"$top"/}"
	kbuild "$kdir" "$dir" "$@" >"$log" 2>&1 || {
		cat "$log" >&2
		die "$guest: ${source#"$top"/} does not build"
	}
	grep -E 'warning|WARNING' "$log" >&2 || true
	mkdir -p "$build/$guest/modules"
	find "$dir" -name '*.ko' -exec cp -u {} "$build/$guest/modules/" \;
}
