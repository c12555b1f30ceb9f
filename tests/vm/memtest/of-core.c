// SPDX-License-Identifier: GPL-2.0-only
#include "core/health.c"
#include "core/line.c"
#include "core/poolline.c"
