# f-skips: wants what nobody has
# needs: unobtainium
. "$VM/lib.sh"
