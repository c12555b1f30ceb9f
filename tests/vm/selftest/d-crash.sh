# d-crash: the kernel panics
. "$VM/lib.sh"
echo c >/proc/sysrq-trigger
sleep 100
