#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The module allocates through remap_mem() and remap_mem_init() (src/kernel/mem.h) alone.
. scripts/lint/common.sh

calls='\b(k[vz]?[mc]?z?alloc(_array|_node)?|kvcalloc|kvmalloc(_array)?|k(mem|str)n?dup|kasprintf'
calls+='|kvasprintf|vz?alloc|alloc_pages?|__get_free_pages?|get_zeroed_page|alloc_percpu'
calls+='|alloc_(ordered_)?workqueue|bioset_init|mempool_init[a-z_]*|mempool_create[a-z_]*'
calls+='|kmem_cache_[a-z_]*alloc|kmem_cache_create)\('
mapfile -t c < <(files 'src/kernel/*.c' | grep -v '/mem\.c$')
# a call begins on the line of its remap_mem()
fail_on_output "$(grep -nE "$calls" "${c[@]}" |
	grep -vE 'remap_mem(_init)?\((\(void \*\))?[a-z_]+\(' |
	sed 's/$/   (through remap_mem(): a test makes it fail)/')"
