#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What scale.sh measured: scale-report.py GUEST-LOG KERNEL JSON REMAPS..."""
import json
import sys

BAR_FLAT = 10.0         # instructions of an I/O elsewhere, above those with nothing remapped
BAR_HAND = 1.0          # of what the same costs a dm-linear table made by hand
KEYS = ("load_ns", "bytes", "read", "remapped")


def read_log(path):
    """{(kind, remaps): {key: figure}}; instructions of an I/O come in hundredths."""
    seen = {}
    with open(path, encoding="ascii", errors="replace") as file:
        for line in file:
            words = line.split()
            if len(words) == 7 and words[0] == "scale":
                row = dict(zip(KEYS, map(int, words[3:])))
                row["read"] /= 100
                row["remapped"] /= 100
                seen[words[1], int(words[2])] = row
    return seen


def main():
    log, kernel, out = sys.argv[1:4]
    remaps = [int(n) for n in sys.argv[4:]]
    seen = read_log(log)
    hand = [n for n in remaps if ("linear", n) in seen]
    missing = [key for key in [("raw", 0), ("linear", 0), ("remap", 0), ("linear", 10000),
                               ("linear", 100000)] + [("remap", n) for n in remaps]
               if key not in seen]
    if missing:
        sys.exit("scale: not measured: %s" % missing)

    print("Instructions and bytes by number of remaps (QEMU -icount, Linux %s)\n" % kernel)
    print("%-10s %10s %16s %16s %12s %14s %18s" % (
        "", "remaps", "read elsewhere", "read remapped", "bytes", "bytes/remap", "load, million"))
    points = []
    for kind, n in [("raw", 0)] + [(k, n) for n in [0] + remaps for k in ("linear", "remap")
                                   if (k, n) in seen]:
        row = seen[kind, n]
        # what an open set takes without a remap is not the remaps'
        each = (row["bytes"] - seen[kind, 0]["bytes"]) / n if n else None
        points.append(dict(row, kind=kind, remaps=n, bytes_each=each))
        print("%-10s %10d %16.1f %16s %12d %14s %18.2f" % (
            "by hand" if kind == "linear" and n else {"raw": "null_blk", "linear": "dm-linear",
                                                      "remap": "dm-remap"}[kind],
            n, row["read"], "%.1f" % row["remapped"] if n else "", row["bytes"],
            "%.1f" % each if n else "", row["load_ns"] / 1e6))
    print()

    bars = []
    worst = max(seen["remap", n]["read"] for n in remaps) - seen["remap", 0]["read"]
    bars.append(("scale.elsewhere_above_empty", BAR_FLAT, worst))
    for key, text in (("read", "elsewhere"), ("remapped", "remapped"), ("bytes", "bytes"),
                      ("load_ns", "load")):
        bars.append(("scale.%s_of_hand_made" % text, BAR_HAND,
                     max(seen["remap", n][key] / seen["linear", n][key]
                         for n in hand if n >= 10000)))
    with open(out, "w", encoding="ascii") as file:
        json.dump({"version": 1, "unit": "instructions", "kernel": kernel, "points": points,
                   "bars": [{"name": name, "at_most": bar, "value": round(value, 4),
                             "kept": value <= bar} for name, bar, value in bars]}, file, indent=2)
        file.write("\n")
    for nr, (name, bar, value) in enumerate(bars, 1):
        print("%s %d - %s: %.3f (bar: at most %s)" % (
            "ok" if value <= bar else "not ok", nr, name.replace(".", "-"), value, bar))
    sys.exit(not all(value <= bar for _, bar, value in bars))


main()
