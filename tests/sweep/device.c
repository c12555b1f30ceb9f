// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device under the module's half of the sweep.
 */
#include "../vm/helpers/dmdev.h"
#include "device.h"

static struct dmdev dm = { .name = "fieldsweep" };

int device_create(unsigned long long sectors, const char *params)
{
	return dmdev_create(&dm, sectors, "remap", params);
}

int device_remove(void)
{
	return dmdev_remove(&dm);
}

const char *device_node(void)
{
	return dm.node;
}
