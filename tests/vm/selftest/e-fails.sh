# e-fails: a command fails in a function
. "$VM/lib.sh"
f() {
	assert_eq "$1" 2
}
f 1
