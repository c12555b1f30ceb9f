# e-fails: a command fails in a function
# SPDX-License-Identifier: GPL-2.0-only
. "$VM/lib.sh"
f() {
	assert_eq "$1" 2
}
f 1
