#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What restore.sh needs:

restore.py make ENTRIES FILE    a dump: so many entries, scattered over 20 TB of main, in the
                                slots from the first one on; says the size of the spare in bytes
restore.py run COMMAND...       run it; seconds, those of them on a processor, and
                                the peak of resident bytes go to stderr
"""

import json
import os
import pathlib
import random
import resource
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
sys.dont_write_bytecode = True

from image import BLK, anchors_of, length_of  # noqa: E402  (its directory had to be found first)

MAIN = 20 * 10 ** 12 // 512


def head_of(slots):
    """A geometric spare whose table is written to its end."""
    return {
        "schema": "dmremap-dump", "schema_version": 1,
        "uuid": "6b5dd46f-0868-447c-be52-ee6988658f76", "created": 1, "dumped": 2, "whole": True,
        "activity": "clean", "generation": {"epoch": 3, "counter": 4},
        "features": {"compat": 0, "ro_compat": 0},
        "main": {"sectors": MAIN, "logical_block_bytes": 512},
        "spare": {"sectors": slots * BLK // 512, "logical_block_bytes": 512},
        "high_water_table_blocks": length_of(slots) - 2, "copy_slots": anchors_of(slots),
        "witness": [], "lost": []}


def make(n, path):
    slots = n + n // 20 + 64
    metadata = {s for at in anchors_of(slots) for s in range(at, at + length_of(slots))}
    free = (s for s in range(slots) if s not in metadata)
    rnd = random.Random(1)
    with open(path, "w", encoding="ascii") as f:
        f.write(json.dumps(head_of(slots))[:-1] + ', "entries": [')
        for i, block in enumerate(rnd.sample(range(MAIN // 8), n)):
            f.write(f'{"," if i else ""}\n    {{ "slot": {next(free)}, "kind": "used", '
                    f'"main_block": {block}, "states": "ssssssss", '
                    f'"serial": {rnd.randrange(4)} }}')
        f.write("\n  ]\n}\n")
    print(slots * BLK)


def run(command):
    begun = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    seconds = time.monotonic() - begun
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    # of this program before it became the other one, too: some 10 MB at the least
    peak = usage.ru_maxrss * 1024
    print(f"{seconds:.2f} {usage.ru_utime + usage.ru_stime:.2f} {peak}", file=sys.stderr)
    sys.exit(status)


if sys.argv[1] == "make":
    make(int(sys.argv[2]), sys.argv[3])
else:
    run(sys.argv[2:])
