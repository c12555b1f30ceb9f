# refuse-args: table lines that ctr refuses, each with its sentence
# SPDX-License-Identifier: GPL-2.0-only
# guest: both
. "$VM/lib.sh"

faulty_pair 16 16
remap_format "$main" "$spare"
said=()

# refused SENTENCE ARGUMENTS...: of the table line
refused() {
	said+=("$1")
	shift
	! dmsetup create no --table "0 32768 remap $*" 2>/dev/null || fail "taken: $*"
}

count='Wrong argument count; expected <main> <spare> [<#feature args> ...]'
nr='Number of feature arguments does not fit: it counts the words after it'
refused "$count"
refused "$count" "$main"
refused "$nr" "$main $spare 1"
refused "$nr" "$main $spare 1 policy:off hold:5"
refused "$nr" "$main $spare -1 policy:off"
refused "$nr" "$main $spare policy:off"
unknown='Unknown feature: policy:, allowance:, hold:, low:, critical:, slow:, force_readonly'
refused "$unknown" "$main $spare 1 polic:off"
refused "$unknown" "$main $spare 1 discard_passdown"
twice='Feature given twice: give each feature once'
refused "$twice" "$main $spare 2 policy:off policy:record"
refused "$twice" "$main $spare 3 hold:5 allowance:3 hold:5"
policy='Feature policy must be policy:remap, :record or :off'
refused "$policy" "$main $spare 1 policy:"
refused "$policy" "$main $spare 1 policy:Remap"
allowance='Feature allowance must be allowance:<n>, 0 to 65536'
refused "$allowance" "$main $spare 1 allowance:65537"
refused "$allowance" "$main $spare 1 allowance:-1"
refused "$allowance" "$main $spare 1 allowance:18446744073709551617"
hold='Feature hold must be hold:<seconds>, 1 to 600'
refused "$hold" "$main $spare 1 hold:0"
refused "$hold" "$main $spare 1 hold:601"
refused "$hold" "$main $spare 1 hold:5s"
low='Feature low must be low:<percent>, 0 to 99'
refused "$low" "$main $spare 1 low:100"
critical='Feature critical must be critical:<percent>, 0 to 99'
refused "$critical" "$main $spare 1 critical:"
slow='Feature slow must be slow:<ms>, 0 to 600000'
refused "$slow" "$main $spare 1 slow:600001"
refused 'Feature force_readonly takes no value' "$main $spare 1 force_readonly:1"
refused 'Main device not found or busy; check its path and who holds it' "/dev/nowhere $spare"
refused 'Spare device not found or busy; check its path and who holds it' "$main /dev/nowhere"
refused 'Main and spare are the same device or overlap; use a spare of its own' "$main $main"

ctr_errors >/tmp/heard
printf '%s\n' "${said[@]}" >/tmp/said
diff /tmp/said /tmp/heard

# The extremes are taken.
for words in '0' '4 policy:record allowance:0 hold:600 force_readonly' \
	'2 hold:1 allowance:65536' '2 low:99 critical:0' '1 slow:0' '1 slow:600000'; do
	dmsetup create yes --table "0 32768 remap $main $spare $words"
	dmsetup remove yes
done
