# fuzz-lines: table lines and messages made from their grammar: taken exactly if they fit, no complaint
# SPDX-License-Identifier: GPL-2.0-only
# guest: uml
# needs: dm-remap dmremap kasan
# timeout: 120
. "$VM/lib.sh"

# Set by tests/vm/fuzz.sh for the long form.
TABLES=2000 MESSAGES=2000 SEED=1
# shellcheck source=/dev/null
[ ! -e "$VM/tests/fuzz-lines.params" ] || . "$VM/tests/fuzz-lines.params"

# Each line that is refused is one in the log; dmfuzz reads them all, the console need not.
dmesg -n 1

main=$(make_disk dmain 16)
spare=$(make_disk dspare 16)
remap_format "$main" "$spare"
begun=$SECONDS
dmfuzz tables "$main" "$spare" "$(sectors "$main")" $TABLES $SEED
echo "RESULT tables $((SECONDS - begun)) s"

remap_open d0 "$main" "$spare"
begun=$SECONDS
dmfuzz messages d0 $MESSAGES $SEED
echo "RESULT messages $((SECONDS - begun)) s"
