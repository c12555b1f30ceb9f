# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# $bad_lines: what no test may make the kernel say, a regular expression. To be sourced.

# shellcheck disable=SC2034 # of those who source this
bad_lines='WARNING:|BUG:|BUG |KASAN|UBSAN|Oops|general protection fault'
bad_lines+='|possible circular|possible recursive|inconsistent lock state'
bad_lines+='|possible irq lock inversion|bad unlock balance|Invalid wait context'
bad_lines+='|held lock freed|lock held when returning|suspicious RCU usage'
bad_lines+='|INFO: rcu|rcu.*stall|INFO: task .* blocked|ODEBUG|refcount_t:'
bad_lines+='|sleeping function|scheduling while atomic|soft lockup|hard LOCKUP'
bad_lines+='|workqueue lockup|kmemleak: [0-9]+ new|list_(add|del) corruption'
bad_lines+='|unable to handle|Object padding|Redzone|Poison overwritten'
bad_lines+='|Objects remaining|bad page|Bad page'
