#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""report.py TOP CORE GUEST REPORT: one report of what was never reached.

CORE has the objects and counters of the native build, GUEST/uml/src those of
the module, with counters in GUEST/gcov/BOOT. Bars: 90 of 100 lines of the
module, 98 of 100 branches of the core; and each function with something that was
not reached stands, with the reason, in the file reasons.
"""

import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys

LINES_BAR = 90.0
BRANCHES_BAR = 98.0


class Counts:
    """Of one source file: how often each line ran, and each way of each branch."""

    def __init__(self):
        self.lines = collections.Counter()
        self.branches = collections.Counter()
        self.function = {}


def read_gcov(gcda, counts, keep):
    """Add the counters of one object to those of the source files it has."""
    out = subprocess.run(["gcov", "-b", "-j", "--stdout", gcda.name], cwd=gcda.parent,
                         capture_output=True, check=True).stdout
    for text in out.splitlines():
        for file in json.loads(text)["files"]:
            name = keep(file["file"])
            if not name:
                continue
            c = counts[name]
            function = ""
            for line in sorted(file["lines"], key=lambda line: line["line_number"]):
                n = line["line_number"]
                # gcov leaves it out at some closing braces
                function = line.get("function_name") or function
                c.function[n] = function
                c.lines[n] += line["count"]
                for way, branch in enumerate(line["branches"]):
                    c.branches[n, way] += branch["count"]


def source_name(part):
    """A function from the path a compiler saw to the path in the tree, if it is of PART."""
    def keep(path):
        at = path.rfind("/" + part + "/")
        return f"src/{part}/{path[at + len(part) + 2:]}" if at >= 0 else None
    return keep


def core_counts(where):
    counts = collections.defaultdict(Counts)
    for gcda in sorted(where.glob("*.gcda")):
        read_gcov(gcda, counts, source_name("core"))
    return counts


def module_counts(guest):
    """Each boot has counters of its own: they need the notes of the build beside them."""
    counts = collections.defaultdict(Counts)
    built = guest / "uml" / "src"
    for gcda in sorted((guest / "gcov").glob("*/kernel/*.gcda")):
        notes = gcda.with_suffix(".gcno")
        shutil.copy2(built / "kernel" / notes.name, notes)
        read_gcov(gcda, counts, source_name("kernel"))
    return counts


def read_reasons(path):
    """`FILE FUNCTION: REASON` lines."""
    reasons = {}
    for n, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        key, sep, why = line.partition(": ")
        if not sep or len(key.split()) != 2:
            sys.exit(f"{path}:{n}: not `FILE FUNCTION: REASON`")
        reasons[tuple(key.split())] = why
    return reasons


def missed(counts, branches):
    """(file, function) -> the lines with something that was not reached."""
    out = collections.defaultdict(list)
    for file, c in sorted(counts.items()):
        lines = {n for n, hits in c.lines.items() if not hits}
        if branches:
            lines |= {n for (n, _), hits in c.branches.items() if not hits}
        for n in sorted(lines):
            out[file, c.function[n]].append(n)
    return out


def share(hits):
    hits = list(hits)
    return sum(h > 0 for h in hits), len(hits)


def table(counts, say):
    for file, c in sorted(counts.items()):
        l_hit, l_all = share(c.lines.values())
        b_hit, b_all = share(c.branches.values())
        say(f"{file:34} lines {l_hit:4} of {l_all:4}   branches {b_hit:4} of {b_all:4}")


def explain(top, gaps, reasons, used, say):
    """Every gap with its reason; returns those that have none."""
    unknown = []
    for (file, function), lines in gaps.items():
        why = reasons.get((file, function))
        used.add((file, function))
        if not why:
            unknown.append((file, function))
        say(f"\n{file} {function}: {why or 'NO REASON GIVEN'}")
        source = (top / file).read_text().splitlines()
        for n in lines:
            say(f"  {n:4} {source[n - 1].strip()}")
    return unknown


def main():
    top, core, guest, report = map(pathlib.Path, sys.argv[1:])
    text = []
    say = text.append
    of_core, of_module = core_counts(core), module_counts(guest)
    if not of_core or not of_module:
        sys.exit("coverage: there are no counters")
    reasons = read_reasons(top / "tests" / "coverage" / "reasons")
    used = set()

    say("Core, under the unit tests and the crash engine:\n")
    table(of_core, say)
    unknown = explain(top, missed(of_core, True), reasons, used, say)
    say("\nModule, under the tests of the UML guest:\n")
    table(of_module, say)
    unknown += explain(top, missed(of_module, False), reasons, used, say)
    report.write_text("\n".join(text) + "\n")

    lines = share(n for c in of_module.values() for n in c.lines.values())
    ways = share(n for c in of_core.values() for n in c.branches.values())
    results = [
        ("lines of the module", lines, LINES_BAR),
        ("branches of the core", ways, BRANCHES_BAR),
    ]
    bad = 0
    for what, (hit, all_), bar in results:
        ok = 100 * hit >= bar * all_
        bad += not ok
        print(f"{'ok' if ok else 'not ok'} - {what}: {hit} of {all_}, "
              f"{100 * hit / all_:.1f} % (bar: at least {bar:.0f} %)")
    print(f"{'not ok' if unknown else 'ok'} - what is not reached has a reason: "
          f"{len(unknown)} functions without (bar: 0)")
    for file, function in unknown:
        print(f"#   {file} {function}")
    stale = [" ".join(k) for k in reasons if k not in used]
    if stale:
        print(f"# reached by now, no reason needed: {', '.join(sorted(stale))}")
    print(f"# the whole report: {os.path.relpath(report)}")
    return 1 if bad or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
