#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Put a Debian sid with its kernel, its headers and the compiler they were made
# with into the cache, once for each content of this file; some minutes. It is
# the newer kernel the module is built for and tested on; its build tools want a
# newer libc than this machine may have, so they run inside (guest-lib.sh,
# kbuild). Prints its directory: root/, and kver, the kernel's version.
#
# Status 77, with the reason, when there is no way to have one here: not root,
# no mmdebstrap, no Debian mirror, or a mirror that does not answer. SID_RENEW=1
# takes a newer one if sid has moved on.

set -eu
. "$(dirname "$0")/guest-lib.sh"

dir=$cache/sid-$(sha256sum "$0" | cut -c1-16)
if [ -e "$dir/kver" ] && [ -z "${SID_RENEW-}" ]; then
	echo "$dir"
	exit 0
fi

cannot() {
	say "sid: $*"
	exit 77
}

[ "$(id -u)" -eq 0 ] || cannot "only root can make and use a chroot"
command -v mmdebstrap >/dev/null || cannot "mmdebstrap is missing; scripts/setup.sh installs it"

# The Debian mirror that this machine itself uses; known once apt has read its lists.
debian_mirror() {
	# shellcheck disable=SC2016 # for apt
	apt-get indextargets --format '$(LABEL) $(REPO_URI)' 2>/dev/null |
		sed -n 's/^Debian //p' | sort -u | head -n 1
}
mirror=$(debian_mirror)
if [ -z "$mirror" ]; then
	apt-get -qq update >&2 || true
	mirror=$(debian_mirror)
fi
[ -n "$mirror" ] || cannot "there is no Debian mirror among the sources of apt"

mkdir -p "$cache"
exec 9>"$cache/sid.lock"
flock 9
if [ -e "$dir/kver" ] && [ -z "${SID_RENEW-}" ]; then
	echo "$dir"
	exit 0
fi

new=$(mktemp -d "$cache/sid-new.XXXXXX")
trap 'rm -rf --one-file-system "$new"' EXIT
log=$cache/sid.log

# In a mount namespace of its own: what is mounted in the chroot is gone with the
# command, however that ends. No initramfs is made: the guests have their own.
# Nor are man pages, documents and translations of use in a chroot that only builds.
debootstrap() {
	INITRD=No timeout -k 10 1500 unshare --mount mmdebstrap --mode=root --variant=apt \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='Acquire::Retries "3"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--include=linux-image-amd64,linux-headers-amd64,make,gcc \
		sid "$new/root" "$mirror" 9>&-
}

say "sid: fetching its kernel, headers and compiler (some minutes)"
: >"$log"
debootstrap >>"$log" 2>&1 || {
	tail -n 5 "$log" >&2
	cannot "mmdebstrap failed; the whole log is $log"
}
kver=$(cd "$new/root/usr/lib/modules" && printf '%s\n' *-amd64 | sort -V | tail -n 1)
for f in "boot/vmlinuz-$kver" "usr/lib/modules/$kver/build/Makefile"; do
	[ -e "$new/root/$f" ] || die "sid: came without $f"
done
rm -f "$new/root"/boot/initrd.img*
mkdir "$new/root/build" # where kbuild() mounts the sources
echo "$kver" >"$new/kver"
chmod 755 "$new"
rm -rf --one-file-system "$dir"
mv "$new" "$dir"
say "sid: Linux $kver, $(du -sh "$dir" | cut -f1), in $dir"
echo "$dir"
