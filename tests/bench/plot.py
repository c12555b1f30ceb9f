#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Pictures of what bench-scale measured: plot.py build/bench-scale.json DIRECTORY"""
import json
import os
import subprocess
import sys

# file, what, unit, key of the points, factor, logarithmic, peers
PLOTS = (
    ("instructions", "4 KiB read beside the remaps", "instructions", "read", 1, False,
     ("raw", "linear", "remap", "hand")),
    ("memory", "Memory for each remap", "bytes", "bytes_each", 1, False, ("remap", "hand")),
    ("load", "Loading the table", "million instructions", "load_ns", 1e-6, True,
     ("linear", "remap", "hand")),
)
TITLES = {"raw": "null_blk", "linear": "dm-linear", "remap": "dm-remap",
          "hand": "dm-linear, a segment for each remap"}
COLOURS = {"raw": "#999999", "linear": "#333333", "remap": "#0060ad", "hand": "#dd181f"}


def series(points, peer, key, factor):
    """[(remaps, value)]; of what knows no remaps a line across."""
    if peer in ("raw", "linear"):
        value = next(p[key] for p in points if p["kind"] == peer and not p["remaps"])
        return [(least(points), value * factor), (most(points), value * factor)]
    kind = "remap" if peer == "remap" else "linear"
    return [(p["remaps"], p[key] * factor) for p in points if p["kind"] == kind and p["remaps"]]


def least(points):
    """The smallest number of remaps but none."""
    return min(p["remaps"] for p in points if p["remaps"])


def most(points):
    """The largest number of remaps."""
    return max(p["remaps"] for p in points)


def plot(points, directory, kernel, what):
    """One picture, by gnuplot."""
    name, title, unit, key, factor, logarithmic, peers = what
    script = ["set terminal svg size 640,400 noenhanced font 'sans,12' "
              "background '#ffffff'",
              "set output '%s'" % os.path.join(directory, name + ".svg"),
              "set title '%s (Linux %s)'" % (title, kernel), "set xlabel 'remaps'",
              "set ylabel '%s'" % unit, "set logscale x", "set format x '%.0f'",
              "set key outside bottom center horizontal maxcols 2", "set grid"]
    # what a system call costs is in all of the reads
    script.append("set logscale y" if logarithmic else
                  "set yrange [%d:*]" % (2500 if key == "read" else 0))
    lines, data = [], []
    for peer in peers:
        lines.append("'-' with linespoints pt 7 ps 0.6 lw 2 lc rgb '%s' title '%s'"
                     % (COLOURS[peer], TITLES[peer]))
        data += ["%d %s" % point for point in series(points, peer, key, factor)] + ["e"]
    script.append("plot " + ", ".join(lines))
    subprocess.run(["gnuplot"], input="\n".join(script + data) + "\n", text=True, check=True)


def main():
    with open(sys.argv[1], encoding="ascii") as file:
        result = json.load(file)
    os.makedirs(sys.argv[2], exist_ok=True)
    for what in PLOTS:
        plot(result["points"], sys.argv[2], result["kernel"], what)


main()
