# thaw-freeze: a freeze that comes while an older thaw runs wins; a thaw after it wins again
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"
. "$VM/tests/copies.inc"

mode_is_not() {
	! status_is d0 mode "$1"
}

small_pair 448
remap_create d0 "$main" "$spare" --yes
copies_of d0
remap_close d0
break_copy 1 write
remap_open d0 "$main" "$spare"
assert_status d0 mode map-ro

# The thaw is at its first write to the spare when the freeze comes.
good fspare all
tell fspare hold 0 "$(sectors "$spare")" write
dmsetup message d0 0 thaw
wait_held fspare 1
dmsetup message d0 0 freeze
assert_status d0 mode map-ro
tell fspare release
wait_until 10 mode_is_not map-ro
assert_status d0 mode frozen
all_in_sync d0

dmremap thaw d0
assert_status d0 mode rw

# What is asked in one breath: the last word counts, however busy the worker is.
for _ in 1 2 3 4 5 6 7 8 9 10; do
	dmsetup message d0 0 thaw
	dmsetup message d0 0 freeze
	assert_status d0 mode frozen
done
sleep 0.3
assert_status d0 mode frozen
remap_close d0
