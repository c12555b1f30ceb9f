// SPDX-License-Identifier: GPL-2.0-only
#include <linux/rcupdate.h>

#include "pt.h"

/* a record that comes when readers have the new table already, and writers both */
#define synchronize_rcu()	pt_grace()
#include "kernel/health-grow.c"
