# status-json: status, list and check --json are JSON and say what was done
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
# quick: qemu
. "$VM/lib.sh"

# json FILE: fails unless it is one value of JSON.
json() {
	local left
	left=$(tr -d '\n' <"$1" | sed -E -e 's/"([^"\\]|\\.)*"/S/g' \
		-e 's/-?[0-9]+|true|false|null/V/g' -e 's/[ \t]//g' \
		-e ':a; s/\{(S:[SV](,S:[SV])*)?\}/V/; ta; s/\[([SV](,[SV])*)?\]/V/; ta')
	[ "$left" = V ] || fail "not JSON: $left: $(cat "$1")"
}

# has FILE TEXT...: each "key": value, blanks left out
has() {
	local text all
	all=$(tr -d ' \n' <"$1")
	shift
	for text; do
		[[ $all = *"$text"* ]] || fail "no $text in $all"
	done
}

faulty_pair 16 16
remap_create d0 "$main" "$spare" --allowance 5 --hold 9
fill_pattern /dev/mapper/d0 0 256 1
bad fmain 80 8 both ioerr
bad fmain 123 1 read medium
bad fmain 160 8 both medium
log_start fmain
fill_pattern /dev/mapper/d0 72 16 2 bs=16
log_stop fmain
slot=$(($(log_lines 'key == "spare" && op == "W"' | awk '{ print $5; exit }') / 8))
expect_fail ENODATA read_sectors /dev/mapper/d0 120 8
bad fspare $((8 * (slot + 2))) 8 both medium
fill_pattern /dev/mapper/d0 160 4 2 bs=4
dmremap freeze d0

dmremap status d0 --json >/tmp/status 2>/dev/null
json /tmp/status
has /tmp/status '"name":"d0"' '"mode":"frozen"' '"why":"asked"' '"policy":"remap"' \
	'"forced":false' '"used":2' '"pending":1' '"bad":1' '"metadata":55' '"total":4096' \
	'"free":4037' '"pending_blocks":1' '"pending_sectors":1' '"remaps":2' \
	'"slots_retired":1' '"noted":1' '"hold_seconds":9' '"limit":5' \
	'{"copy":0,"slot":0,"byte":0,"state":"insync"}' '"slot":2048,"byte":8388608' \
	'"blocks_on_spare":2'
grep -qE '"(schema|version|format)' /tmp/status
dmremap status --json >/tmp/all 2>/dev/null
json /tmp/all
has /tmp/all '"name":"d0"' '"used":2'

# Nobody else has them; then somebody has: device-mapper lets its devices share.
has /tmp/status '"other_user":null'
dmsetup create other --table "0 8 linear $main 0"
dmsetup create another --table "0 8 linear $spare 0"
dmremap status d0 --json >/tmp/shared 2>/tmp/warned
json /tmp/shared
has /tmp/shared '"other_user":"heldby/dev/mapper/other"' \
	'"other_user":"heldby/dev/mapper/another"' # without blanks, as all of it
grep -q 'its main .* is held by /dev/mapper/other besides' /tmp/warned
grep -q 'its spare .* is held by /dev/mapper/another besides' /tmp/warned
dmsetup remove other another

# A hint is on disk a moment later.
listed() {
	dmremap list d0 --json >/tmp/list
	grep -q '"pending"' /tmp/list
}
wait_until 20 listed
json /tmp/list
has /tmp/list '{"main_block":10,"main_sector":80,' '"kind":"used","states":"ssssssss"}' \
	"\"slot\":$slot,\"spare_sector\":$((slot * 8))," \
	'{"main_block":15,"main_sector":120,' '"kind":"pending","states":"mmmpmmmm"' \
	'{"main_block":20,"main_sector":160,' '"kind":"used","states":"ssssmmmm"' \
	"\"slot\":$((slot + 2)),\"spare_sector\":$((8 * (slot + 2))),\"kind\":\"bad\"" \
	'"whole":true' '"bytes":16777216'

remap_close d0
dmremap check "$spare" --json >/tmp/check
json /tmp/check
has /tmp/check '"result":"clean"' '"used":2' '"pending":1' '"bad":1' '"findings":[]' \
	'"activity":"clean"' '"fatal":0'
dmremap list "$spare" --json >/tmp/closed
json /tmp/closed
has /tmp/closed '"main_block":10,' '"main_block":15,' '"main_block":20,'

dmremap status --json >/tmp/none
json /tmp/none
has /tmp/none '"devices":[]'
