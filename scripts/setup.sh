#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Install what building and testing dm-remap needs on Debian 12 or later.
#
#   scripts/setup.sh            install what is missing (root)
#   scripts/setup.sh --check    only say what is missing; exit 1 if anything is
#   scripts/setup.sh --list     print the packages and why

set -eu

# package                 why
packages='
build-essential           compiler
make                      build
bc                        kernel
bison                     kernel
flex                      kernel
libelf-dev                kernel
xz-utils                  kernel
cpio                      initramfs
kmod                      modules
linux-image-amd64         guest
linux-headers-amd64       module
linux-source-6.1          uml
qemu-system-x86           guest
busybox-static            guest
mmdebstrap                newer-kernel
python3                   harness
bash-builtins             tests
dmsetup                   tests
fio                       tests
e2fsprogs                 tests
xfsprogs                  tests
util-linux                tests
fdisk                     tests
procps                    tests
perl                      lint
clang-tidy                lint
sparse                    lint
shellcheck                lint
libcmocka-dev             unit-tests
valgrind                  benches
clang                     fuzz
libclang-rt-14-dev        fuzz
spin                      model
pkg-config                tools
libdevmapper-dev          tools
libblkid-dev              tools
libsmartcols-dev          tools
libjson-c-dev             tools
gnuplot-nox               bench
'

names() {
	awk 'NF { print $1 }' <<<"$packages"
}

# Installed, or provided by something that is.
missing() {
	local p
	for p in $(names); do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null |
			grep -q '^install ok installed$' || echo "$p"
	done
}

die() {
	echo "setup: $*" >&2
	exit 1
}

case ${1-} in
--list)
	sed '/^$/d' <<<"$packages"
	exit 0
	;;
--check | '') ;;
*) die "unknown option $1 (--check, --list)" ;;
esac

command -v dpkg-query >/dev/null ||
	die "this is not Debian; install by hand: $(names | tr '\n' ' ')"

mapfile -t want < <(missing)
if [ ${#want[@]} -eq 0 ]; then
	echo "setup: nothing is missing"
	exit 0
fi
echo "setup: missing: ${want[*]}"
[ "${1-}" != --check ] || exit 1
[ "$(id -u)" -eq 0 ] ||
	die "only root can install packages: run this as root, or install them by hand"

export DEBIAN_FRONTEND=noninteractive
echo "setup: apt-get update"
apt-get -qq update
echo "setup: apt-get install ${want[*]}"
apt-get -qq -y --no-install-recommends install "${want[@]}"
echo "setup: done"
