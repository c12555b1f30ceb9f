#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A spare with as many remaps as asked for: a document for `dmremap restore`.

    entries.py EMPTY REMAPS [option...] >FULL

EMPTY is the dump of a new spare, large enough. Its set gets REMAPS entries: blocks of main at
random places, no two alike, each with all of its sectors in the next slot that is not metadata.
What lies in the slots is whatever the spare has there.

    --main SECTORS   size of main, for a set of a larger main than the one it was formatted for
    --run N          runs of N blocks of main, in N slots one after the other
    --places FILE    the blocks with an entry and their slots, "BLOCK SLOT" a line, in random order
    --linear FILE    the same made by hand: a table of dm-linear, a segment for each remap and one
                     for what lies between two of them, of the devices MAIN and SPARE
    --seed N
"""
import argparse
import json
import random
import sys

ENTRIES_PER_BLK = 504
BLK_SECTS = 8
CHUNK_BLK = 8       # the mark is raised in chunks of so many table blocks


def free_slots(doc):
    """The slots that are not metadata, in order."""
    slots = doc["spare"]["sectors"] // BLK_SECTS
    length = 2 + -(-slots // ENTRIES_PER_BLK)
    at = 0
    for first in sorted(doc["copy_slots"]) + [slots]:
        yield from range(at, first)
        at = first + length


def blocks_of_main(doc, remaps, run):
    """REMAPS blocks, in runs, in random order of the runs."""
    runs = doc["main"]["sectors"] // BLK_SECTS // run
    for first in random.sample(range(runs), -(-remaps // run)):
        for block in range(first * run, first * run + run):
            yield block


def linear_table(pairs, main_sects, path):
    """What people do today who know which blocks are bad."""
    at = 0
    with open(path, "w", encoding="ascii") as file:
        for block, slot in sorted((block, slot) for _, slot, block in pairs):
            first = block * BLK_SECTS
            if first > at:
                file.write("%d %d linear MAIN %d\n" % (at, first - at, at))
            file.write("%d %d linear SPARE %d\n" % (first, BLK_SECTS, slot * BLK_SECTS))
            at = first + BLK_SECTS
        if main_sects > at:
            file.write("%d %d linear MAIN %d\n" % (at, main_sects - at, at))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("empty")
    parser.add_argument("remaps", type=int)
    parser.add_argument("--main", type=int)
    parser.add_argument("--run", type=int, default=1)
    parser.add_argument("--places")
    parser.add_argument("--linear")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    random.seed(args.seed)
    with open(args.empty, encoding="ascii") as file:
        doc = json.load(file)
    if args.main:
        doc["main"]["sectors"] = args.main
        doc["main"]["bytes"] = args.main * 512
        doc["witness"] = []
    pairs = list(zip(range(args.remaps), free_slots(doc),
                     blocks_of_main(doc, args.remaps, args.run)))
    if len(pairs) < args.remaps:
        sys.exit("entries: this spare has room for %d remaps" % len(pairs))

    if pairs:
        blks = pairs[-1][1] // ENTRIES_PER_BLK + 1
        table = -(-doc["spare"]["sectors"] // BLK_SECTS // ENTRIES_PER_BLK)
        doc["high_water_table_blocks"] = max(doc["high_water_table_blocks"], min(
            table, -(-blks // CHUNK_BLK) * CHUNK_BLK))
    # one by one: there may be a million
    head, tail = json.dumps(doc, indent=2).split('"entries": []')
    out = sys.stdout
    out.write(head + '"entries": [')
    for i, slot, block in pairs:
        out.write('%s\n{"slot": %d, "kind": "used", "main_block": %d, "states": "ssssssss", '
                  '"serial": 0}' % ("," if i else "", slot, block))
    out.write("]" + tail + "\n")
    if args.linear:
        linear_table(pairs, doc["main"]["sectors"], args.linear)
    if args.places:
        random.shuffle(pairs)
        with open(args.places, "w", encoding="ascii") as file:
            for _, slot, block in pairs:
                file.write("%d %d\n" % (block, slot))


if __name__ == "__main__":
    main()
