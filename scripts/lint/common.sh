# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # used by those who source it
# For every check: where things are, which files there are, which tools it needs.
# Sourced from the top of the tree.

CACHE=$(realpath -m "${DM_REMAP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dm-remap}")
LINT=build/lint		# logs and scratch of the linter
TREE=$LINT/tree		# scratch copy of the sources, built by scripts/lint/build.sh

# need COMMAND PACKAGE: a missing tool is a failure with advice, never a skip
need() {
	command -v "$1" >/dev/null && return
	echo "$1 is not installed (Debian: apt install $2, or make setup)"
	exit 1
}

# Every file of the project, committed or about to be; no build products.
files() {
	if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		git ls-files -co --exclude-standard -- "$@" | sort -u | existing
	else
		find . \( -name .git -o -path ./build -o -name '*.mod.c' \) -prune \
			-o -type f -printf '%P\n' | matching "$@" | sort
	fi
}

# git lists what was deleted but not yet staged, too
existing() {
	while IFS= read -r f; do
		[ -f "$f" ] && printf '%s\n' "$f"
	done
	return 0
}

# The part of git's patterns that is used here: directories, and globs over the whole path.
matching() {
	local f p
	while IFS= read -r f; do
		[ $# -gt 0 ] || printf '%s\n' "$f"
		for p; do
			# shellcheck disable=SC2254 # it is a pattern
			case $f in
			"$p" | "${p%/}"/* | $p)
				printf '%s\n' "$f"
				break
				;;
			esac
		done
	done
}

c_files() {
	files 'src/*.[ch]' 'tools/*.[ch]' 'tests/*.[ch]'
}

# Shell scripts: by name or by first line.
shell_files() {
	local f line
	files | while IFS= read -r f; do
		case $f in
		*.sh) printf '%s\n' "$f" ;;
		*.[ch] | *.md | *.def) ;;
		*)
			IFS= read -r line 2>/dev/null <"$f" || true
			[[ $line =~ ^#!.*[/\ ](ba|da)?sh($|\ ) ]] && printf '%s\n' "$f"
			;;
		esac
	done
	return 0
}

# Python programs, likewise.
python_files() {
	files '*.py'
	files | grep -vE '\.[^/]*$' | while IFS= read -r f; do
		head -n 1 "$f" | grep -q '^#!.*python' && printf '%s\n' "$f"
	done
	return 0
}

# fail_on_output TEXT: the usual end of a check
fail_on_output() {
	[ -z "$1" ] && return
	printf '%s\n' "$1"
	exit 1
}

# One file out of the kernel's source package, kept in the cache.
kernel_script() {
	local tar=/usr/src/linux-source-6.1.tar.xz dir=$CACHE/scripts-6.1
	if [ ! -e "$dir/ok" ]; then
		[ -e $tar ] || {
			echo "$tar is missing" >&2
			echo "(Debian: apt install linux-source-6.1, or make setup)" >&2
			return 1
		}
		mkdir -p "$dir"
		(
			cd "$dir" && tar -xJf $tar --strip-components=2 --occurrence=1 \
				linux-source-6.1/scripts/{checkpatch.pl,kernel-doc} \
				linux-source-6.1/scripts/{spelling.txt,const_structs.checkpatch}
		) || return 1
		touch "$dir/ok"
	fi
	printf '%s\n' "$dir/$1"
}
