#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build a User Mode Linux kernel into the cache:
#
#   scripts/guest-uml.sh [debug|plain]
#
# once for each content of its fragment, tests/vm/uml.config or uml-plain.config.
# About four minutes on two cores.
# Prints its directory: linux/ (the tree, for building modules), vmlinux-uml,
# modules/ (a modules_install of what is not built in).

set -eu
. "$(dirname "$0")/guest-lib.sh"

flavour=${1:-debug}
config=$(uml_config "$flavour")
dir=$(uml_dir "$flavour")
if [ -e "$dir/done" ]; then
	echo "$dir"
	exit 0
fi

need make gcc bc flex bison xz
mkdir -p "$cache"
exec 9>"$cache/uml-$flavour.lock"
flock 9
if [ -e "$dir/done" ]; then
	echo "$dir"
	exit 0
fi

jobs=$(nproc)
log=$dir/build.log
rm -rf "$dir"
mkdir -p "$dir/linux"

step() {
	build_step "uml-$flavour" "$@"
}

um() {
	make -s -C "$dir/linux" ARCH=um "$@"
}

# 6.1 keeps DEBUG_ATOMIC_SLEEP from architectures without preemption, but all
# it needs is the preempt count, and UML has that.
allow_atomic_sleep() {
	sed -i '/^config DEBUG_ATOMIC_SLEEP/,/^config /{/depends on !ARCH_NO_PREEMPT/d}' \
		"$dir/linux/lib/Kconfig.debug"
}

# A fault in the kernel turns interrupts on while it is handled, even if they
# were off: a fault on vmalloc memory in an interrupt handler (KASAN makes more
# of them) is then reported by lockdep, and can hang the guest. Keep them as
# they were.
keep_irqs_off_in_faults() {
	local file=$dir/linux/arch/um/os-Linux/signal.c
	local was='if ((sig != SIGIO) && (sig != SIGWINCH))'
	local cond='if (signals_were_enabled \&\& sig != SIGIO \&\& sig != SIGWINCH)'
	local save='\tsignals_were_enabled = enabled;\n&'
	sed -i -e '/^static void sig_handler_common(/i static int signals_were_enabled = 1;\n' \
		-e "s/^\\t$was\$/\\t$cond/" \
		-e "/^void sig_handler(/,/^}/s/^\\tblock_signals_trace();\$/$save/" \
		"$file"
	[ "$(grep -c signals_were_enabled "$file")" -eq 3 ] ||
		die "uml: the fix of faults in interrupts does not fit this source"
}

configure() {
	um defconfig
	(cd "$dir/linux" && ARCH=um scripts/kconfig/merge_config.sh -m .config \
		"$config")
	um olddefconfig
}

step "unpacking $(uml_tarball)" \
	tar -x --strip-components=1 -C "$dir/linux" -f "$(uml_tarball)"
allow_atomic_sleep
keep_irqs_off_in_faults
step "configuring" configure
verify_config "uml-$flavour" "$dir/linux/.config" "$config"
step "building with $jobs jobs (some minutes)" um -j"$jobs" linux modules
cp "$dir/linux/linux" "$dir/vmlinux-uml"
step "installing its modules" um modules_install INSTALL_MOD_PATH="$dir/modules"
touch "$dir/done"
say "uml-$flavour: ready in $dir"
echo "$dir"
