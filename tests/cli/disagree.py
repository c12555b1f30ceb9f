# SPDX-License-Identifier: GPL-2.0-only
"""Defects of a set as a whole: each block may be, but copies do not agree, are
not enough, or entries contradict each other. And what is none."""

import os

import rules
from cli import KIB, MIB
from defects import KINDS, Defect, Finding, Spot, lost_reads, one
from image import (AUX, BLK, IN_SLOT, IN_USE, LOST, META, ON_MAIN, PENDING, SUPER, TABLE,
                   TOMBSTONE, UNREADABLE, USED, word)
from impossible import fields, places, text, witness

EVERY = range(5)    # copies of most of the good images


def of_set(number, **more):
    return lambda img: {Finding(number, **more)}


def in_spots(*found):
    """A finding each for (spot, what)."""
    return lambda img: {spot.finding(what)(img) for spot, what in found}


def expelled(copy):
    return lambda img: {Finding(201, copy=copy, slot=img.copies[copy])}


def lost_block(blk):
    return of_set(310, table_block=blk)


def both(*finds):
    return lambda img: set().union(*(f(img) for f in finds))


def slots_of(*spots):
    return lambda img: {spot.at(img) for spot in spots}


def supers(copies=EVERY):
    return [Spot(SUPER, c) for c in copies]


def tables(blk, copies=EVERY):
    return [Spot(TABLE, c, blk) for c in copies]


def say(copies, counter=None, **values):
    """These superblocks have other fields, and a generation of their own if counter is none."""
    return lambda img: img.change_super(copies=copies, counter=counter, **values)


def values(img, spots, *names):
    """The fields of these blocks, each once."""
    return {tuple(spot.get(img)[n] for n in names) for spot in spots}


def counters(img, spots):
    return [spot.get(img).counter for spot in spots]


def valid(img, *spots):
    return all(spot.verdict(img) == "ok" for spot in spots)


# ---- superblocks that do not agree ----

def behind_defects():
    for copy in (0, 3):
        newer = [c for c in EVERY if c != copy]
        spot = Spot(SUPER, copy)
        yield Defect(f"superblock {copy} is behind", say(newer),
                     lambda img, c=copy: valid(img, *supers()) and
                     counters(img, supers()) == [1 if i == c else 2 for i in EVERY],
                     in_spots((spot, "behind")), slots_of(*supers(newer)))

        def older_epoch(img, newer=newer):
            for spot in supers(newer):
                sb = spot.get(img)
                sb.epoch, sb.counter = 1, 0
                img.put(sb)

        yield Defect(f"superblock {copy} is of an older epoch", older_epoch,
                     lambda img, c=copy: valid(img, *supers()) and
                     [s.get(img).epoch for s in supers()] == [int(i != c) for i in EVERY],
                     in_spots((spot, "behind")), slots_of(*supers(newer)))
    yield Defect("two histories behind a third", two_below,
                 lambda img: counters(img, supers()) == [2, 1, 1, 1, 1] and
                 values(img, supers((1, 2)), "activity") == {(1,), (2,)},
                 both(in_spots(*((s, "behind") for s in supers(EVERY[1:]))), of_set(109)),
                 slots_of(*supers((0, 2))))


def two_below(img):
    img.change_super(copies=(2,), counter=1, activity=IN_USE)
    img.change_super(copies=(0,))


# fields that a superblock may have otherwise: with the generation of the others it is a tie
TIES = (
    ("compat", fields(compat=1)), ("ro_compat", fields(ro_compat=1)),
    ("main_sect", fields(main_sect=2052)), ("spare_sect", fields(spare_sect=8199)),
    ("main_lbs", fields(main_lbs=1024)),
    ("slots", fields(slots=1025, spare_sect=8200)), ("hwm_blk", fields(hwm_blk=2)),
    ("insync", fields(insync=0b01111)), ("strategy", fields(strategy=2)),
    ("activity", fields(activity=IN_USE)), ("created_s", fields(created_s=1)),
    ("witness", witness(7, 100, 8)), ("witness_valid", fields(witness_valid=1)),
    ("witness_crc", text(216, b"\1")), ("wwid", text(640, b"a disk")),
    ("serial", text(768, b"a disk")), ("partuuid", text(832, b"a disk")),
)


def tie_defects():
    for what, change in TIES:
        # a checksum counts where its bit is set
        base = "witnessed" if what == "witness_crc" else "geometric"
        for copy in (1, 4):
            yield tie(what, Spot(SUPER, copy), change, base)
    for what, blk, change in (
            ("an entry", 1, lambda t: t.set_entry(100, word(USED, 6, IN_SLOT))),
            ("an entry's serial", 0, lambda t: t.set_entry(10, word(USED, 5, IN_SLOT, 1))),
            ("the nonce", 1, lambda t: setattr(t, "nonce", t.nonce ^ 1))):
        for copy in (1, 4):
            yield tie(what, Spot(TABLE, copy, blk), change, "mapped")
    yield Defect("two table blocks against three",
                 lambda img: img.change(1, {100: word(USED, 6, IN_SLOT)}, (3, 4), counter=1),
                 lambda img: [s.get(img).entry(100) != 0 for s in tables(1)] ==
                 [False, False, False, True, True],
                 in_spots(*((s, "tie") for s in tables(1, (3, 4)))), slots_of(*tables(1, (3, 4))))


def tie(what, spot, change, base):
    """One generation, two contents."""
    def harm(img):
        block = spot.get(img)
        change(block)
        img.put(block)

    def shows(img):
        block, other = spot.get(img), Spot(spot.kind, 0, spot.blk).get(img)
        same = (block.epoch, block.counter) == (other.epoch, other.counter)
        # slot, index and crc differ anyway
        return spot.verdict(img) == "ok" and same and block.raw[64:] + block.raw[56:60] != \
            other.raw[64:] + other.raw[56:60]

    return Defect(f"{spot.name()} is another history: {what}", harm, shows,
                  in_spots((spot, "tie")), slots_of(spot), base=base)


# ---- which copies count ----

def copy_defects():
    for mask, gone in ((0b11101, 1), (0b01111, 4), (0b11110, 0)):
        yield Defect(f"copy {gone} is expelled", say(EVERY, insync=mask),
                     lambda img, m=mask: values(img, supers(), "insync") == {(m,)},
                     expelled(gone), slots_of(*supers()))
    others = (0, 2, 3, 4)
    yield Defect("copy 1 is expelled and does not know", say(others, insync=0b11101),
                 lambda img: counters(img, supers()) == [2, 1, 2, 2, 2] and
                 values(img, supers(others), "insync") == {(0b11101,)},
                 both(expelled(1), in_spots((Spot(SUPER, 1), "behind"))), slots_of(*supers(others)))
    # what is left behind may be anything, but of a later version
    for kind in (TABLE, AUX):
        spot = Spot(kind, 2)
        for what, byte in (("unknown version", 8), ("wrong checksum", 70)):
            yield in_expelled(spot, what, byte)
    yield Defect("one copy of two is in sync", say((0, 1), insync=0b01),
                 lambda img: values(img, supers((0, 1)), "insync") == {(1,)},
                 both(expelled(1), of_set(202)), slots_of(*supers((0, 1))), base="minimal")
    yield Defect("one superblock of two is gone", lambda img: img.zero(img.copies[1]),
                 lambda img: Spot(SUPER, 1).verdict(img) == "not dm-remap",
                 both(in_spots((Spot(SUPER, 1), "not dm-remap")), of_set(202)),
                 slots_of(Spot(SUPER, 1)), base="minimal")
    yield Defect("features of a newer version", say(EVERY, ro_compat=1 << 63),
                 lambda img: values(img, supers(), "ro_compat") == {(1 << 63,)}, of_set(204),
                 slots_of(*supers()))


def cut_short():
    yield Defect("a resize was cut short", say(EVERY, ro_compat=1),
                 lambda img: values(img, supers(), "ro_compat") == {(1,)}, of_set(206),
                 slots_of(*supers()))
    yield Defect("a resize was cut short, by a newer version", say(EVERY, ro_compat=3),
                 lambda img: values(img, supers(), "ro_compat") == {(3,)},
                 both(of_set(204), of_set(206)), slots_of(*supers()))


def in_expelled(spot, what, byte):
    def harm(img):
        img.change_super(insync=0b11111 ^ 1 << spot.copy)
        img.flip(spot.at(img), byte)

    found = [(spot, what)] if what == "unknown version" else []
    return Defect(f"{spot.name()}, expelled: {what}", harm,
                  lambda img: spot.verdict(img) == what and not Spot(SUPER, 0).get(img)["insync"]
                  >> spot.copy & 1,
                  both(expelled(spot.copy), in_spots(*found)), slots_of(spot, *supers()))


def no_copy_defects():
    def flip(img):
        for spot in supers((0, 1)):
            img.flip(spot.at(img))

    # without a superblock nobody knows for sure where the copies are
    yield Defect("all superblocks are damaged", flip,
                 lambda img: {s.verdict(img) for s in supers((0, 1))} == {"wrong checksum"},
                 lambda img: {Finding(105, 0), Finding(105, 1), Finding(203)},
                 slots_of(*supers((0, 1))), base="minimal")
    def later(img):
        for spot in supers():
            sb = spot.get(img)
            sb.version = 5
            img.put(sb)

    yield Defect("all superblocks are of a later version", later,
                 lambda img: {s.verdict(img) for s in supers()} == {"unknown version"},
                 lambda img: {Finding(104, copy) for copy in EVERY}, slots_of(*supers()))
    yield lost_reads("no superblock can be read", slots_of(*supers((0, 1))),
                     lambda img: {Finding(101, 0), Finding(101, 1), Finding(203)}, base="minimal")

    def only_expelled(img):
        img.change_super(insync=0b10)
        img.zero(img.copies[1])

    yield Defect("only what was expelled is left", only_expelled,
                 lambda img: Spot(SUPER, 0).get(img)["insync"] == 0b10 and
                 Spot(SUPER, 1).verdict(img) == "not dm-remap",
                 both(in_spots((Spot(SUPER, 1), "not dm-remap")), expelled(0), of_set(203),
                      lost_block(0)), slots_of(*supers((0, 1))), base="minimal")
    gone = supers((0, 1))
    yield Defect("the last one may have been expelled",
                 lambda img: img.zero(img.copies[2]),
                 lambda img: Spot(SUPER, 2).verdict(img) == "not dm-remap",
                 both(in_spots(*((s, "unreadable") for s in gone),
                               (Spot(SUPER, 2), "not dm-remap")), of_set(203), lost_block(0)),
                 slots_of(Spot(SUPER, 2)), unread=slots_of(*gone), base="linear")


# ---- reads that fail ----

def read_defects():
    for kind in KINDS:
        for copy in (0, 3):
            spot = Spot(kind, copy)
            yield lost_reads(f"{spot.name()} cannot be read", slots_of(spot),
                             in_spots((spot, "unreadable")))
    few = supers((1, 3))
    yield lost_reads("two superblocks cannot be read", slots_of(*few),
                     in_spots(*((s, "unreadable") for s in few)))
    yield lost_reads("a table block cannot be read anywhere", slots_of(*tables(1)),
                     both(in_spots(*((s, "unreadable") for s in tables(1))), lost_block(1)))


# ---- table blocks that do not agree ----

def table_defects():
    for copy in (0, 3):
        spot, newer = Spot(TABLE, copy), [c for c in EVERY if c != copy]
        yield Defect(f"table block {copy} is behind",
                     lambda img, n=newer: img.change(1, {100: word(USED, 6, IN_SLOT)}, n),
                     lambda img, c=copy: counters(img, tables(1)) ==
                     [1 if i == c else 2 for i in EVERY],
                     in_spots((spot, "behind")), slots_of(*tables(1, newer)))

    def flip(img):
        for spot in tables(1):
            img.flip(spot.at(img), 4000)

    yield Defect("a table block is damaged everywhere", flip,
                 lambda img: {s.verdict(img) for s in tables(1)} == {"wrong checksum"},
                 both(in_spots(*((s, "wrong checksum") for s in tables(1))), lost_block(1)),
                 slots_of(*tables(1)))
    yield Defect("a table block is impossible everywhere",
                 lambda img: img.change(1, {100: 7 << 56}),
                 lambda img: {s.verdict(img) for s in tables(1)} == {"impossible content"},
                 both(in_spots(*((s, "impossible content") for s in tables(1))), lost_block(1)),
                 slots_of(*tables(1)))


# ---- entries that contradict each other ----

def entries(name, number, finds, where):
    """{(table block, index): word} in all copies, and the findings: (block, index, main block)"""
    def harm(img):
        for (blk, i), w in where.items():
            img.change(blk, {i: w})

    def shows(img):
        return valid(img, *tables(0), *tables(1)) and all(
            s.get(img).entry(i) == w for (blk, i), w in where.items() for s in tables(blk))

    return Defect(name, harm, shows,
                  lambda img: {Finding(number, None, blk, blk * 504 + i, mblk)
                               for blk, i, mblk in finds},
                  slots_of(*(s for blk in {b for b, _ in where} for s in tables(blk))))


def used(block, serial=0, states=IN_SLOT):
    return word(USED, block, states, serial)


def entry_defects():
    for a, b in ((0, 1), (1, 2), (2, 3), (3, 0)):
        yield entries(f"serials {a} and {b}", 401, [(0, 20, 9)],
                      {(0, 20): used(9, a), (0, 21): used(9, b)})
        yield entries(f"serials {b} and {a}", 401, [(0, 21, 9)],
                      {(0, 20): used(9, b), (0, 21): used(9, a)})
    yield entries("serials of two table blocks", 401, [(1, 100, 9)],
                  {(0, 20): used(9, 1), (1, 100): used(9, 0)})
    yield entries("a hint and a slot", 401, [(0, 20, 9)],
                  {(0, 20): word(PENDING, 9, UNREADABLE), (1, 100): used(9, 1)})
    for a, b in ((0, 0), (3, 3), (0, 2), (1, 3), (2, 0)):
        yield entries(f"serials {a} and {b}", 402, [(0, 20, 9)],
                      {(0, 20): used(9, a), (0, 21): used(9, b)})
    yield entries("three serials", 402, [(0, 20, 9)],
                  {(0, 20): used(9, 0), (0, 21): used(9, 1), (1, 100): used(9, 2)})
    yield entries("lost sectors", 403, [(0, 20, 9), (1, 100, 256)],
                  {(0, 20): used(9, 0, [IN_SLOT, LOST] + [ON_MAIN] * 6),
                   (1, 100): used(256, 0, [LOST] * 3)})


# ---- copies that move ----

ANCHOR = 256    # of copy 3


def a_tombstone(img):
    """In the anchor of copy 3, of this generation and with this list"""
    return rules.verdict(img.sb, img.get(ANCHOR), SUPER, ANCHOR, 3)


def tombstones():
    """A move that was cut short, or is long gone: it is not where the tombstone says."""
    for what, epoch, counter, at in (
            ("newer", 0, 9, 1019), ("of a newer epoch", 3, 0, 1019), ("as old", 0, 1, 1019),
            ("to no alternate", 0, 9, 700)):
        def harm(img, epoch=epoch, counter=counter, at=at):
            tomb = img.super(3)
            tomb.type, tomb.epoch, tomb.counter = TOMBSTONE, epoch, counter
            tomb.set_copy_slot(3, at)
            img.put(tomb)

        yield Defect(f"a tombstone in the place of a superblock, {what}", harm,
                     lambda img: a_tombstone(img) == "a tombstone" and
                     valid(img, *supers((0, 1, 2, 4))),
                     in_spots((Spot(SUPER, 3), "a tombstone")), slots_of(Spot(SUPER, 3)))


def no_tombstone(img):
    return {Finding(205, 3, None, ANCHOR)}


def at_anchor(what, change, **more):
    """What lies in the anchor of the copy that has moved is not what must be there."""
    def harm(img):
        block = img.get(ANCHOR)
        change(block)
        img.put_raw(ANCHOR, block.seal() if what != "zeroes" else bytes(BLK))

    return Defect(f"an anchor that a copy has left: {what}", harm,
                  lambda img: a_tombstone(img) != "a tombstone" or
                  img.get(ANCHOR).copy_slots != img.copies or img.get(ANCHOR).uuid != img.sb.uuid,
                  no_tombstone, lambda img: {ANCHOR}, base="moved", **more)


def was_there(block):
    """the superblock as it was before the move, which the anchor may not have given up"""
    block.type = SUPER
    block.set_copy_slot(3, ANCHOR)
    block.counter = 1


def anchors():
    for what, change in (
            ("zeroes", lambda b: None), ("its old superblock", was_there),
            ("a tombstone with another list", places(copy3=1014)),
            ("one of a list that is old", places(copy1=1014)),
            ("one of another set", lambda b: setattr(b, "uuid", b"another set here")),
            ("an impossible one", fields(insync=0)), ("a table block", lambda b: setattr(
                b, "type", TABLE)), ("another version", lambda b: setattr(b, "version", 5))):
        yield at_anchor(what, change)
    yield lost_reads("an anchor that a copy has left cannot be read", lambda img: {ANCHOR},
                     no_tombstone, base="moved")


def behind_the_list(img, blk, copy=0):
    return rules.unsettled(img.sb, img.table(copy, blk))


def unsettled():
    for base, blk, i in (("geometric", 1, 100), ("geometric", 2, 15), ("moved", 1, 100)):
        yield Defect(f"metadata where none is, {base}, {blk}",
                     lambda img, b=blk, i=i: img.change(b, {i: word(META)}),
                     lambda img, b=blk: valid(img, *tables(b)) and behind_the_list(img, b),
                     of_set(404, table_block=blk), slots_of(*tables(blk)), base=base)
    yield Defect("entries that lag behind a move", lambda img: img.change(2, {12: 0}),
                 lambda img: valid(img, *tables(2)) and behind_the_list(img, 2),
                 of_set(404, table_block=2), slots_of(*tables(2)), base="moved")
    # it is the newest image that speaks
    most, last = (0, 1, 2, 3), Spot(TABLE, 4, 2)
    yield Defect("the newest ones lag behind a move", lambda img: img.change(2, {12: 0}, most),
                 lambda img: behind_the_list(img, 2) and not behind_the_list(img, 2, 4),
                 both(of_set(404, table_block=2), in_spots((last, "behind"))),
                 slots_of(*tables(2, most)), base="moved")
    yield Defect("an older one lags behind a move",
                 lambda img: img.change(2, {12: 0}, (4,), counter=1),
                 lambda img: not behind_the_list(img, 2) and behind_the_list(img, 2, 4),
                 in_spots((last, "behind")), slots_of(last), base="moved")


def move_defects():
    yield from tombstones()
    yield from anchors()
    yield from unsettled()
    # what has moved is as good as any other
    yield Defect("a copy that has moved is left alone",
                 lambda img: [img.zero(img.copies[c]) for c in (0, 1, 2, 4)],
                 lambda img: valid(img, Spot(SUPER, 3)) and not any(
                     Spot(SUPER, c).verdict(img) == "ok" for c in (0, 1, 2, 4)),
                 both(in_spots(*((s, "not dm-remap") for s in supers((0, 1, 2, 4)))), of_set(202)),
                 slots_of(*supers((0, 1, 2, 4))), base="moved")
    yield Defect("... and nothing says where",
                 lambda img: [img.zero(at) for at in (0, 64, 128, 256, 512)],
                 lambda img: valid(img, Spot(SUPER, 3)) and
                 a_tombstone(img) == "not dm-remap",
                 both(in_spots(*((s, "not dm-remap") for s in supers((0, 1, 2, 4)))), of_set(202),
                      no_tombstone),
                 lambda img: {0, 64, 128, 256, 512}, base="moved")
    yield one("of one that has moved", Spot(SUPER, 3), lambda sb: sb.raw.__setitem__(70, 1),
              "wrong checksum", sealed=False, base="moved")
    yield Defect("the one of two that has moved", lambda img: img.zero(img.copies[1]),
                 lambda img: Spot(SUPER, 1).verdict(img) == "not dm-remap",
                 both(in_spots((Spot(SUPER, 1), "not dm-remap")), of_set(202)),
                 slots_of(Spot(SUPER, 1)), base="moved, of two")


# ---- closed state, size ----

def cut(img, size):
    os.truncate(img.path, size)


def size_defect(name, base, size, finds):
    return Defect(name, lambda img: cut(img, size),
                  lambda img: os.path.getsize(img.path) == size, finds, base=base)


def state_defects():
    yield Defect("in use", say(EVERY, activity=IN_USE),
                 lambda img: values(img, supers(), "activity") == {(IN_USE,)}, of_set(501),
                 slots_of(*supers()))
    yield size_defect("smaller by a sector", "geometric", 4 * MIB - 512, of_set(502))
    yield size_defect("smaller, other places", "geometric", 3 * MIB, of_set(502))
    # what lies behind the end is not unreadable, it is gone
    yield size_defect("smaller, without two copies", "geometric", 1 * MIB,
                      both(of_set(502), in_spots(*((s, "not dm-remap") for s in supers((3, 4))))))
    yield size_defect("larger by a sector", "geometric", 4 * MIB + 512, of_set(503))
    yield size_defect("larger, other places", "geometric", 9 * MIB, of_set(503))
    yield size_defect("larger, another strategy", "linear", 4 * MIB, of_set(503))
    yield size_defect("larger, more copies", "minimal", 512 * KIB, of_set(503))
    yield from cut_short()


# ---- none at all ----

def unsaid(img):
    return set()


def harmless():
    """What check has to be silent about."""
    for spot in (Spot(SUPER, 3), Spot(TABLE, 3), Spot(AUX, 3)):
        for byte in {SUPER: (212, 300, 4000), TABLE: (), AUX: (64, 4095)}[spot.kind]:
            yield ignored(spot, f"byte {byte}", text(byte, b"\xff"))
    yield ignored(Spot(SUPER, 3), "nonce", lambda sb: setattr(sb, "nonce", sb.nonce ^ 1))
    yield ignored(Spot(SUPER, 3), "a place behind the last", places(copy5=3))
    yield ignored(Spot(SUPER, 3), "a checksum without its bit", text(216, b"\1"))
    yield Defect("a data slot", lambda img: img.put_raw(900, b"\xff" * BLK),
                 lambda img: img.get(900).raw == b"\xff" * BLK, unsaid, lambda img: {900})
    yield Defect("metadata where none is, in one copy", lambda img: put_entry(img, 3),
                 lambda img: valid(img, *tables(1)) and behind_the_list(img, 1, 3), unsaid,
                 slots_of(Spot(TABLE, 3)))
    above = Spot(TABLE, 2, 9)
    yield Defect("above the mark", lambda img: img.put_raw(above.at(img), b"\xff" * BLK),
                 lambda img: above.verdict(img) == "not dm-remap" and
                 any(above.get(img).raw), unsaid, slots_of(above), base="marked")


def put_entry(img, copy):
    """The same generation: once settled, the images say the same."""
    t = img.table(copy, 1)
    t.set_entry(100, word(META))
    img.put(t)


def ignored(spot, what, change):
    was = one(what, spot, change, "ok")
    return Defect(f"no defect: {was.name}", was.harm,
                  lambda img: valid(img, spot) and bytes(spot.get(img).raw[56:60] +
                  spot.get(img).raw[64:]) != bytes(Spot(spot.kind, 0, spot.blk).get(img).raw[56:60]
                  + Spot(spot.kind, 0, spot.blk).get(img).raw[64:]), unsaid, slots_of(spot))
