#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What hotpath.sh measured: a table for people, a file for machines, a verdict for make.

    hotpath-report.py GUEST-LOG KERNEL REMAPS WINDOWS JSON COMMITTED [--commit]

COMMITTED has, for each series of kernels, what each row cost when it was last looked at: more
than one percentage point above that is a regression, though the bar may be kept. --commit
writes what was measured now.
"""
import json
import re
import sys

# row of the guest, its text, row and device of the dm-linear it is compared with, row whose
# dm-linear is the whole of the percentage, percent above that, figure: median or mean
ROWS = (
    ("read", "4 KiB read", "read", "read", 0.0, "median"),
    ("write", "4 KiB write", "write", "write", 0.0, "median"),
    ("flush", "flush", "flush", "flush", 2.0, "median"),
    ("large", "1 MiB read", "large", "large", 0.1, "median"),
    ("across", "1 MiB read, in two MiB", "across", "across", 0.1, "median"),
    ("read-scattered", "4 KiB read, {n}", "read", "read", 0.0, "median"),
    ("write-scattered", "4 KiB write, {n}", "write", "write", 0.0, "median"),
    ("large-scattered", "1 MiB read, {n}, mean", "large", "large", 1.0, "mean"),
    # main's dm-linear is cheaper than that of a disk with memory: the stricter whole
    ("remapped", "4 KiB read of remapped", "remapped", "read", 2.0, "median"),
)
NO_BAR = {"7": ("flush",)}      # there dm-linear's flushes pass map() by
REGRESSION = 1.0                # percentage points above the committed figure
DRIFT = {"7": 0.2}              # percent, of dm-linear at both ends of the boot; blk-mq moves more
DRIFT_MOST = 0.1
LARGE_READS = 2 * 20            # of a window: it is measured on a second pass


def read_log(path):
    """{(row, device): {"median": instructions for each I/O, "mean": ...}}, other lines."""
    figures, status = {}, {}
    with open(path, encoding="ascii", errors="replace") as file:
        for line in file:
            words = line.split()
            if len(words) == 6 and all(w.isdigit() for w in words[2:]):
                figures[words[0], words[1]] = {"median": int(words[2]) / 100,
                                               "mean": int(words[5]) / 100}
            elif words[:1] in (["status"], ["scattered"], ["slots"]):
                status[words[0]] = line
    return figures, status


def check_whole(figures, status, remaps):
    """A figure that is missing is a failure, not a row less."""
    wanted = [(row[0], "remap") for row in ROWS]
    wanted += [(row[2], dev) for row in ROWS for dev in ("linear", "null")]
    wanted.append(("read", "linear-again"))
    missing = [" ".join(w) for w in wanted if w not in figures]
    if missing:
        sys.exit("hotpath: not measured: " + ", ".join(sorted(set(missing))))
    if "slots" not in status or " mode=rw " not in status.get("status", "") or \
            (" slots_used=%d " % remaps) not in status.get("scattered", ""):
        sys.exit("hotpath: the sets were not open as they should have been")


def without_memory(figures, status, windows):
    """
    The spare of this bench has memory, to hold its metadata, and a read of it costs more than
    one of main, which has none: that is the bench's, not dm-remap's.
    """
    dearer = figures["remapped", "null"]["median"] - figures["read", "null"]["median"]
    share = int(status["slots"].split()[1]) / (windows * LARGE_READS)
    figures["large-scattered", "remap"]["mean"] -= dearer * share
    return dearer * share


def main():
    log, kernel, remaps, windows, out, committed_path = sys.argv[1:7]
    remaps = int(remaps)
    figures, status = read_log(log)
    check_whole(figures, status, remaps)
    memory = without_memory(figures, status, int(windows))
    series = re.match(r"\d+\.\d+", kernel)[0]
    with open(committed_path, encoding="ascii") as file:
        all_committed = json.load(file)
    committed = all_committed.get(series)
    major = series.split(".", maxsplit=1)[0]
    no_bar = NO_BAR.get(major, ())
    drift_most = DRIFT.get(major, DRIFT_MOST)

    print("Instructions per I/O (QEMU -icount, Linux %s); n = %d remaps at random places\n"
          % (kernel, remaps))
    print("%-24s %10s %10s %10s %10s %8s   %-8s %s"
          % ("", "null_blk", "dm-linear", "dm-remap", "difference", "", "bar", "committed"))
    rows, bars, verdicts, measured = {}, [], [], {}
    for name, text, base, whole, bar, kind in ROWS:
        null, linear, remap = (figures[key][kind] for key in
                               ((base, "null"), (base, "linear"), (name, "remap")))
        percent = (remap - linear) / figures[whole, "linear"][kind] * 100
        barred = name not in no_bar
        kept = not barred or round(percent, 2) <= bar
        was = committed.get(name) if committed else None
        steady = was is None or round(percent, 2) <= was + REGRESSION
        print("%-24s %10.1f %10.1f %10.1f %+10.1f %+6.2f %%   %-8s %s" % (
            text.format(n="n"), null, linear, remap, remap - linear, percent,
            "%+.1f %%" % bar if barred else "none",
            "" if was is None else "%+.2f %%" % was))
        measured[name] = round(percent, 2)
        rows[name] = {"null_blk": null, "linear": linear, "remap": remap,
                      "above_linear_percent": round(percent, 3)}
        bars.append({"name": "hotpath.%s.above_linear_percent" % name,
                     "at_most": bar if barred else None, "value": round(percent, 3),
                     "kept": kept})
        verdicts.append((kept and steady, "hotpath-%s: %+.2f %% against dm-linear (bar: %s; %s)" % (
            name, percent, "at most %+.1f %%" % bar if barred else "none on this kernel",
            "not committed" if was is None else "committed: %+.2f %%, at most 1 more" % was)))
    again = figures["read", "linear-again"]["median"]
    drift = (again / figures["read", "linear"]["median"] - 1) * 100
    print("\nmean: splits included, less %.1f that the memory of the spare costs"
          % memory)
    print("dm-linear measured again at the end: %.1f (%+.3f %%)\n" % (again, drift))
    verdicts.append((abs(drift) <= drift_most, "hotpath-steady: %+.3f %% between dm-linear at "
                     "both ends (bar: %.1f either way)" % (drift, drift_most)))

    with open(out, "w", encoding="ascii") as file:
        json.dump({"version": 1, "unit": "instructions per I/O", "kernel": kernel,
                   "remaps": remaps, "rows": rows, "bars": bars}, file, indent=2)
        file.write("\n")
    if "--commit" in sys.argv[7:]:
        all_committed[series] = measured
        with open(committed_path, "w", encoding="ascii") as file:
            json.dump(all_committed, file, indent=2)
            file.write("\n")
    elif committed is None:
        print("No figures are committed for Linux %s: only the bars were checked "
              "(COMMIT=1 commits these)\n" % series)
    for nr, (good, text) in enumerate(verdicts, 1):
        print("%s %d - %s" % ("ok" if good else "not ok", nr, text))
    sys.exit(not all(good for good, _ in verdicts))


main()
