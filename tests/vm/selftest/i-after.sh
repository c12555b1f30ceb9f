# i-after: runs after all of that
. "$VM/lib.sh"
[ ! -e /dev/mapper/top ]
skip "says it itself"
