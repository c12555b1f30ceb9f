/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tool, on an image file: dmremap runs within this process.
 */
#ifndef SWEEP_TOOL_H
#define SWEEP_TOOL_H

#include "load.h"

/**
 * tool_wrong() - what `check` and `list` say of a spare, against what loading it gives
 * @path: the image
 * @l: loaded from the same image
 * @damaged: something is wrong with it, and must not go unnoticed
 *
 * Return: NULL, or what is wrong with what they say.
 */
const char *tool_wrong(const char *path, const struct load *l, bool damaged);

#endif
