# b-warn: passes, but the kernel complained meanwhile
. "$VM/lib.sh"
echo "WARNING: CPU: 0 PID: 1 at made/up.c" >/dev/kmsg
