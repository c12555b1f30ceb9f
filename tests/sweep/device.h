/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device under the module's half of the sweep. Apart from it because the
 * kernel's headers and the core's do not go together. 0 or an errno.
 */
#ifndef SWEEP_DEVICE_H
#define SWEEP_DEVICE_H

/** device_create() - of the target remap; @params: as in its table line */
int device_create(unsigned long long sectors, const char *params);
int device_remove(void);

/** device_node() - its path, while it is there */
const char *device_node(void);

#endif
