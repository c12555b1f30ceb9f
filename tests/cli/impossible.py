# SPDX-License-Identifier: GPL-2.0-only
"""Impossible content: for each rule of sections 6 to 8 of doc/format.md, images
that break it and no other. Rules are named as in rules.py."""

from defects import Spot, one, setting
from image import (BAD, ENTRIES, FREE, IN_SLOT, LOST, META, ON_MAIN, PENDING, SUPER, TABLE,
                   TOMBSTONE, UNREADABLE, USED, word)

TAIL = 256    # the last block of main in the good images; it has three sectors
HUGE = (1 << 32) - 2    # table blocks: one more than a copy may have


# ---- superblocks ----

def fields(**values):
    def change(sb):
        for name, value in values.items():
            sb[name] = value
    return change


def places(**values):
    """copy3=500: copy 3 begins there, says this superblock."""
    def change(sb):
        for name, slot in values.items():
            sb.set_copy_slot(int(name[4:]), slot)
    return change


def witness(i, start, length, **more):
    def change(sb):
        sb.set_range(i, start, length)
        fields(**more)(sb)
    return change


def text(offset, value):
    def change(sb):
        sb.raw[offset:offset + len(value)] = value
    return change


def eight_places(copies):
    """A place that can be for each of the eight that there is room for."""
    def change(sb):
        fields(copies=copies)(sb)
        places(copy5=600, copy6=700, copy7=800)(sb)
    return change


def huge(sb):
    """A spare so large that its copies cannot be counted: it fits all other rules."""
    slots = HUGE * ENTRIES
    fields(spare_sect=slots * 8 + 7, slots=slots, table_blk=HUGE)(sb)
    places(**{f"copy{i}": slots >> (5 - i) for i in range(1, 5)})(sb)


# rule, what, change, other rules that cannot but break with it (default: none)
SUPERS = (
    ("main_lbs", "768", fields(main_lbs=768)),
    ("main_lbs", "8192", fields(main_lbs=8192), "witness start", "witness length"),
    ("main_lbs", "256", fields(main_lbs=256), "lbs of the spare not larger"),
    ("main_lbs", "0", fields(main_lbs=0), "lbs of the spare not larger"),
    ("spare_lbs", "0", fields(spare_lbs=0)),
    ("spare_lbs", "256", fields(spare_lbs=256)),
    ("spare_lbs", "1536", fields(spare_lbs=1536, main_lbs=2048)),
    ("spare_lbs", "8192", fields(spare_lbs=8192), "lbs of the spare not larger"),
    ("lbs of the spare not larger", "1024 and 512", fields(spare_lbs=1024)),
    ("main_sect", "0", fields(main_sect=0), "witness within main"),
    ("main_sect", "too large", fields(main_sect=(1 << 43) + 1)),
    ("main_sect", "all ones", fields(main_sect=(1 << 64) - 1)),
    ("slots", "one more", fields(slots=1025)),
    ("slots", "one less", fields(slots=1023), "copies", "own anchor or none"),
    ("slots", "sectors one slot less", fields(spare_sect=8191)),
    ("table_blk", "one more", fields(table_blk=4)),
    ("table_blk", "one less", fields(table_blk=2, hwm_blk=2)),
    ("table_blk range", "0", fields(table_blk=0, slots=0, spare_sect=7, hwm_blk=0), "hwm_blk",
     "extent within the spare", "copies"),
    ("hwm_blk", "0", fields(hwm_blk=0)),
    ("hwm_blk", "above the table", fields(hwm_blk=4)),
    ("copies", "four, as on a smaller spare", fields(copies=4, insync=0b1111)),
    ("copies", "6", eight_places(6)),
    ("copies", "9", eight_places(9)),
    ("copies", "all ones", eight_places((1 << 32) - 1)),
    ("extent within the spare", "copy 4 by one slot", places(copy4=1024 - 4)),
    ("extent within the spare", "copy 4 at the end", places(copy4=1024)),
    ("extent within the spare", "copy 4 far away", places(copy4=(1 << 64) - 1)),
    ("no overlap", "two that have moved, by one slot", places(copy2=700, copy4=704)),
    ("no overlap", "the same, the other way", places(copy2=704, copy4=700)),
    ("no overlap", "two that have moved, one place", places(copy2=700, copy4=700)),
    ("no overlap", "with one in its anchor", places(copy4=128 + 4), "own anchor or none"),
    ("own anchor or none", "across its own, behind", places(copy4=512 + 4)),
    ("own anchor or none", "across its own, before", places(copy4=512 - 4)),
    ("own anchor or none", "in one that stands empty", places(copy2=700, copy4=128)),
    ("own anchor or none", "across that one, behind", places(copy2=700, copy4=128 + 4)),
    ("own anchor or none", "across that one, before", places(copy2=700, copy4=128 - 4)),
    ("own anchor or none", "two changed places", places(copy2=512, copy4=128)),
    ("index", "number of copies", setting(index=5)),
    ("index", "all ones", setting(index=(1 << 32) - 1)),
    ("own place", "another's index", setting(index=2)),
    ("insync not 0", "0", fields(insync=0)),
    ("insync bits", "one more", fields(insync=0b111111)),
    ("insync bits", "the last", fields(insync=1 << 31 | 0b11111)),
    ("activity", "0", fields(activity=0)),
    ("activity", "3", fields(activity=3)),
    ("witness_valid bits", "one more", fields(witness_valid=1 << 8)),
    ("witness_valid bits", "the last", fields(witness_valid=1 << 31)),
    ("witness_valid of a range", "of none", fields(witness_valid=1 << 7)),
    ("witness start", "not whole", witness(1, 12, 8, main_lbs=4096)),
    ("witness length", "not whole", witness(1, 8, 4, main_lbs=4096)),
    ("witness at most 64", "65", witness(1, 8, 65)),
    ("witness within main", "by a sector", witness(1, 2044, 8)),
    ("witness within main", "behind it", witness(7, 2051, 1)),
    ("witness within main", "far away", witness(7, (1 << 64) - 8, 8)),
    ("main_wwid", "after its zero", text(640, b"ab\0c")),
    ("main_wwid", "at its end", text(640 + 127, b"c")),
    ("main_serial", "after its zero", text(768, b"ab\0c")),
    ("main_serial", "at its end", text(768 + 63, b"c")),
    ("main_partuuid", "after its zero", text(832, b"ab\0c")),
    ("main_partuuid", "at its end", text(832 + 39, b"c")),
)

# those that need a copy: few copies are possible for the first, few indices for the last
SUPERS_OF = (
    (0, "copies", "1", fields(copies=1, insync=1)),
    (0, "copies", "0", fields(copies=0), "index", "insync bits"),
    (0, "table_blk range", "one too many", huge),
    (3, "own place", "elsewhere", places(copy3=300)),
    (4, "index", "is not one of four", fields(copies=4, insync=0b1111), "copies"),
)


def swapped(sb):
    """Right by itself, but it is in the place of another: section 13."""
    sb.index = 2
    places(copy2=sb.copy_slots[3], copy3=256)(sb)


def buried(change, **where):
    """A tombstone that breaks a rule, in the place of a superblock."""
    def bury(sb):
        sb.type = TOMBSTONE
        places(**where)(sb)
        change(sb)
    return bury


# of copy 3: the rules of a superblock, but that it is elsewhere
TOMBSTONES = (
    ("main_lbs", "768", fields(main_lbs=768)), ("slots", "one more", fields(slots=1025)),
    ("copies", "four", fields(copies=4, insync=0b1111)), ("epoch", "", setting(epoch=1 << 63)),
    ("index", "number of copies", setting(index=5)), ("insync not 0", "0", fields(insync=0)),
    ("extent within the spare", "by one slot", places(copy3=1024 - 4)),
    ("own anchor or none", "across its own", places(copy3=256 + 4)),
    ("own anchor or none", "across another", places(copy3=124), "no overlap"),
    ("no overlap", "with another that has moved", places(copy3=700, copy2=704)),
    ("tombstone elsewhere", "the copy lives there", places(copy3=256)),
)


def tombstone_defects():
    spot = Spot(SUPER, 3)
    for rule, what, change, *also in TOMBSTONES:
        yield one(f"tombstone, {rule}: {what}", spot, buried(change, copy3=700),
                  "impossible content", rule, also)
    yield one("tombstone with another feature", spot,
              buried(fields(incompat=1), copy3=700), "unknown version")
    yield one("tombstone of a later version", spot,
              buried(setting(version=5), copy3=700), "unknown version")


def super_defects():
    for copy in (0, 3):
        for rule, what, change, *also in SUPERS:
            yield one(f"{rule}: {what}", Spot(SUPER, copy), change, "impossible content", rule,
                      also)
    for copy, rule, what, change, *also in SUPERS_OF:
        yield one(f"{rule}: {what}", Spot(SUPER, copy), change, "impossible content", rule, also)
    yield one("in the place of another", Spot(SUPER, 3), swapped, "impossible content",
              base="moved")


# ---- entries ----

NONE = [ON_MAIN] * 8
# what kind of slot it is an entry of
DATA, COPY, TAIL_DATA, NO_SLOT, ANCHOR, MOVED = range(6)
# table block and number in it, on a spare of 1024 slots with five copies; those of a copy that has
# moved: its anchor, and where it is
WHERE = {DATA: (1, 100), COPY: (1, 512 - 504 + 2), TAIL_DATA: (2, 15), NO_SLOT: (2, 16),
         ANCHOR: (0, 256 + 2), MOVED: (2, 1019 - 1008 + 2)}
FLAG = 1 << 61

# rule, what, slot, word
WORDS = (
    *(("flags", f"bit {bit} of {what}", DATA, 1 << bit | w)
      for bit in (61, 62, 63)
      for what, w in (("a free one", 0), ("a used one", word(USED, 9, IN_SLOT)),
                      ("a bad one", word(BAD)))),
    *(("kind", str(kind), TAIL_DATA, word(kind)) for kind in (5, 6, 7)),
    ("free", "with a block", DATA, word(FREE, 9)),
    ("free", "with states", DATA, word(FREE, 0, IN_SLOT)),
    ("free", "with a serial", DATA, word(FREE, 0, (), 1)),
    ("metadata elsewhere", "with a block", DATA, word(META, 9)),
    ("metadata elsewhere", "with states", TAIL_DATA, word(META, 0, IN_SLOT)),
    ("metadata elsewhere", "with a serial", DATA, word(META, 0, (), 1)),
    ("flags", "metadata elsewhere", DATA, word(META) | FLAG, "metadata elsewhere"),
    ("metadata in a place", "free", COPY, word(FREE)),
    ("metadata in a place", "used", COPY, word(USED, 9, IN_SLOT)),
    ("metadata in a place", "pending", COPY, word(PENDING, 9, UNREADABLE)),
    ("metadata in a place", "bad", COPY, word(BAD)),
    ("metadata in a place", "with a block", COPY, word(META, 9)),
    ("metadata in a place", "with states", COPY, word(META, 0, IN_SLOT)),
    ("metadata in a place", "with a serial", COPY, word(META, 0, (), 3)),
    ("metadata in a place", "with a flag", COPY, word(META) | FLAG),
    ("bad", "with a block", DATA, word(BAD, 9)),
    ("bad", "with states", DATA, word(BAD, 0, UNREADABLE)),
    ("bad", "with a serial", DATA, word(BAD, 0, (), 2)),
    ("no such slot", "used", NO_SLOT, word(USED, 9, IN_SLOT)),
    ("no such slot", "bad", NO_SLOT, word(BAD)),
    ("no such slot", "metadata", NO_SLOT, word(META)),
    ("no such slot", "a flag", NO_SLOT, FLAG),
    ("block", "used, one behind main", DATA, word(USED, TAIL + 1, IN_SLOT)),
    ("block", "pending, one behind main", DATA, word(PENDING, TAIL + 1, UNREADABLE)),
    ("block", "the largest", DATA, word(USED, (1 << 40) - 1, IN_SLOT)),
    ("sectors", "used, the tail of main", DATA, word(USED, TAIL, [IN_SLOT] * 4)),
    ("sectors", "pending, the tail of main", DATA, word(PENDING, TAIL, [UNREADABLE] * 4)),
    ("used", "all on main", DATA, word(USED, 9, ON_MAIN)),
    ("used", "none but pending", DATA, word(USED, 9, UNREADABLE)),
    ("pending only 0 and 1", "one in the slot", DATA,
     word(PENDING, 9, [UNREADABLE, IN_SLOT] + NONE[2:])),
    ("pending only 0 and 1", "one lost", DATA, word(PENDING, 9, [UNREADABLE, LOST] + NONE[2:])),
    ("pending at least one", "none", DATA, word(PENDING, 9, ON_MAIN)),
)
# of a main with logical blocks of 4 KiB
WORDS_4K = (
    ("sectors", "used, a second", DATA, word(USED, 9, [IN_SLOT, IN_SLOT])),
    ("sectors", "pending, an eighth", DATA,
     word(PENDING, 9, [UNREADABLE] + NONE[2:] + [UNREADABLE])),
    ("sectors", "the tail of main, a second", DATA, word(USED, TAIL, [IN_SLOT, LOST])),
)
# where copy 3 has moved
WORDS_MOVED = (
    ("metadata in a place", "free, in an anchor", ANCHOR, word(FREE)),
    *(("metadata in a place", f"{what}, {where}", at, w)
      for where, at in (("in an anchor", ANCHOR), ("in a copy that has moved", MOVED))
      for what, w in (("used", word(USED, 9, IN_SLOT)), ("bad", word(BAD)),
                      ("pending", word(PENDING, 9, UNREADABLE)), ("a block", word(META, 9)),
                      ("a free one with a block", word(FREE, 9)))),
)


def entry(where, value):
    def change(block):
        block.set_entry(WHERE[where][1], value)
    return change


def table_defects():
    for copy in (0, 3):
        for base, rows in (("geometric", WORDS), ("logical blocks of 4 KiB", WORDS_4K),
                           ("moved", WORDS_MOVED)):
            for rule, what, where, value, *also in rows:
                yield one(f"{rule}: {what}", Spot(TABLE, copy, WHERE[where][0]),
                          entry(where, value), "impossible content", rule, also, base=base)
