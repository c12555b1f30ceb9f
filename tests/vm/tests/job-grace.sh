# job-grace: between the fences of a step and its first copy there is one grace period, for all its blocks (B8)
# SPDX-License-Identifier: GPL-2.0-only
# guest: qemu
. "$VM/lib.sh"
. "$VM/tests/job.inc"

faulty_pair 16 16
remap_create d0 "$main" "$spare"
trace=/sys/kernel/tracing
[ -d $trace/events ] || mount -t tracefs tracefs $trace
[ -f $trace/set_ftrace_filter ] || skip "no function tracer"
printf '%s\n' remap_fence_add synchronize_rcu remap_child_submit >$trace/set_ftrace_filter
echo function >$trace/current_tracer
run_job 'remap done 5 5 0' remap 10 2 20 1 100 2
echo 0 >$trace/tracing_on

# of the job worker alone: who raised the fences
order=$(awk '!/^#/ {
	task = $1
	if (/: remap_fence_add /)
		mover = task
	if (task == mover && match($0, /: [a-z_]+ /))
		printf "%s", /fence_add/ ? "f" : /synchronize/ ? "g" : "c"
}' $trace/trace)
echo nop >$trace/current_tracer
echo 1 >$trace/tracing_on
echo "order: $order"
assert_match "$order" '^f{5}gc{10}'
