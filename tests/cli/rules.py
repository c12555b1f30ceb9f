# SPDX-License-Identifier: GPL-2.0-only
"""What doc/format.md calls a block (section 4), and which of its rules the
content breaks (sections 6 to 8), by name. Written from the document alone; what
dmremap says of a damaged image is held against this."""

from image import (BAD, ENTRIES, FREE, IN_SLOT, LOST, MAGIC, META, PENDING, SUPER, TABLE,
                   TOMBSTONE, UNREADABLE, USED, anchors_of)

LBS = (512, 1024, 2048, 4096)
TEXTS = {"main_wwid": (640, 128), "main_serial": (768, 64), "main_partuuid": (832, 40)}


def extent(sb):
    return sb["table_blk"] + 2


def text_ok(sb, name):
    off, size = TEXTS[name]
    text = bytes(sb.raw[off:off + size])
    return not text[len(text.split(b"\0")[0]):].strip(b"\0")


def apart(sb, a, b):
    return abs(a - b) >= extent(sb)


def across(sb):
    """Is a copy neither in its own anchor nor clear of all anchors?"""
    anchors = anchors_of(sb["slots"])
    return any(at not in anchors[i:i + 1] and not all(apart(sb, at, a) for a in anchors)
               for i, at in enumerate(sb.copy_slots))


def overlap(sb):
    at = sorted(sb.copy_slots)
    return any(b - a < extent(sb) for a, b in zip(at, at[1:]))


def unit(sb):
    """Sectors of main's logical block."""
    return sb["main_lbs"] // 512 or 1


# name: is it kept? of a superblock
SUPER_RULES = {
    "epoch": lambda sb: sb.epoch <= 1 << 62,
    "main_lbs": lambda sb: sb["main_lbs"] in LBS,
    "spare_lbs": lambda sb: sb["spare_lbs"] in LBS,
    "lbs of the spare not larger": lambda sb: sb["spare_lbs"] <= sb["main_lbs"],
    "main_sect": lambda sb: 1 <= sb["main_sect"] <= 1 << 43,
    "slots": lambda sb: sb["slots"] == sb["spare_sect"] // 8,
    "table_blk": lambda sb: sb["table_blk"] == (sb["slots"] + ENTRIES - 1) // ENTRIES,
    "table_blk range": lambda sb: 1 <= sb["table_blk"] <= (1 << 32) - 3,
    "hwm_blk": lambda sb: 1 <= sb["hwm_blk"] <= sb["table_blk"],
    "copies": lambda sb: sb["copies"] == (len(anchors_of(sb["slots"])) or None),
    "extent within the spare":
        lambda sb: all(at + extent(sb) <= sb["slots"] for at in sb.copy_slots),
    "no overlap": lambda sb: not overlap(sb),
    "own anchor or none": lambda sb: not across(sb),
    "index": lambda sb: sb.index < sb["copies"],
    "own place": lambda sb: sb.type == TOMBSTONE or sb.index >= sb["copies"] or
                 sb.slot in sb.copy_slots[sb.index:][:1],
    "tombstone elsewhere":
        lambda sb: sb.type == SUPER or sb.slot not in sb.copy_slots[sb.index:][:1],
    "insync not 0": lambda sb: sb["insync"] != 0,
    "insync bits": lambda sb: sb["insync"] >> sb["copies"] == 0,
    "activity": lambda sb: sb["activity"] in (1, 2),
    "witness_valid bits": lambda sb: sb["witness_valid"] >> 8 == 0,
    "witness_valid of a range":
        lambda sb: all(sb.range(i)[1] for i in range(8) if sb["witness_valid"] >> i & 1),
    "witness start": lambda sb: all(start % unit(sb) == 0 for start, _ in sb.witness),
    "witness length": lambda sb: all(length % unit(sb) == 0 for _, length in sb.witness),
    "witness at most 64": lambda sb: all(length <= 64 for _, length in sb.witness),
    "witness within main":
        lambda sb: all(start + length <= sb["main_sect"] for start, length in sb.witness),
    "main_wwid": lambda sb: text_ok(sb, "main_wwid"),
    "main_serial": lambda sb: text_ok(sb, "main_serial"),
    "main_partuuid": lambda sb: text_ok(sb, "main_partuuid"),
}

ENTRY_RULES = ("metadata in a place", "no such slot", "flags", "kind", "free", "metadata elsewhere",
               "bad", "block", "sectors", "used", "pending only 0 and 1", "pending at least one")


def states_of(sb, block):
    """How many states a block of main has."""
    sectors = min(8, max(0, sb["main_sect"] - 8 * block)) or 8
    return -(-sectors // unit(sb))


def mapping_broken(sb, w):
    """Rules that a used or pending word breaks."""
    block, states, kind = w & (1 << 40) - 1, w >> 40 & 0xffff, w >> 56 & 7
    each = {states >> 2 * i & 3 for i in range(8)}
    moved = each & {IN_SLOT, LOST}
    wrong = set()
    if 8 * block >= sb["main_sect"]:
        wrong.add("block")
    if states >> 2 * states_of(sb, block):
        wrong.add("sectors")
    if kind == USED and not moved:
        wrong.add("used")
    if kind == PENDING and moved:
        wrong.add("pending only 0 and 1")
    if kind == PENDING and UNREADABLE not in each:
        wrong.add("pending at least one")
    return wrong


def settled(slot, w, places):
    """What a word says once the moves of copies are through."""
    if w == META << 56 and slot not in places.all and slot < places.slots:
        return 0
    return META << 56 if not w and slot in places.moved else w


def entry_broken(sb, slot, w, reserved):
    """Rules that a settled word breaks in the entry of this slot."""
    kind = w >> 56 & 7
    if reserved:
        return set() if w == META << 56 else {"metadata in a place"}
    if slot >= sb["slots"]:
        return {"no such slot"} if w else set()
    wrong = {"flags"} if w >> 61 else set()
    w &= (1 << 61) - 1
    if kind > BAD:
        wrong.add("kind")
    if kind == FREE and w:
        wrong.add("free")
    if kind == META:
        wrong.add("metadata elsewhere")
    if kind == BAD and w != BAD << 56:
        wrong.add("bad")
    return wrong | mapping_broken(sb, w) if kind in (USED, PENDING) else wrong


class Places:
    """Slots that are metadata by the list of copies and the anchors; moved: in copies that are
    not in theirs."""

    def __init__(self, sb):
        anchors = anchors_of(sb["slots"])
        self.slots = sb["slots"]
        self.moved = self.reach(sb, [at for at in sb.copy_slots if at not in anchors])
        self.all = self.reach(sb, [*sb.copy_slots, *anchors])

    @staticmethod
    def reach(sb, starts):
        return {at + i for at in starts for i in range(extent(sb))}


def broken(sb, block):
    """Rules of the content that a block of the set of this superblock breaks."""
    if block.type in (SUPER, TOMBSTONE):
        return {name for name, kept in SUPER_RULES.items() if not kept(block)}
    wrong = set() if block.epoch <= 1 << 62 else {"epoch"}
    if block.type != TABLE:
        return wrong
    places = Places(sb)
    for i in range(ENTRIES):
        slot = block.index * ENTRIES + i
        w = settled(slot, block.entry(i), places)
        wrong |= entry_broken(sb, slot, w, slot in places.all)
    return wrong


def unsettled(sb, block):
    """Does a table block have entries that lag behind the list of copies?"""
    places = Places(sb)
    return any(settled(block.index * ENTRIES + i, block.entry(i), places) != block.entry(i)
               for i in range(ENTRIES))


def verdict(sb, block, kind, at, index):
    """Section 4: the first thing that is wrong with what was read at a slot."""
    tombstone = block.type == TOMBSTONE
    checks = (
        (block.magic == MAGIC, "not dm-remap"),
        (block.slot == at, "misplaced"),
        (block.version == 4, "unknown version"),
        (kind == SUPER or block.index == index, "misplaced"),
        (block.crc == block.sum(), "wrong checksum"),
        (block.type in (1, 2, 3, 4), "unknown version"),
        (block.type == kind or kind == SUPER and tombstone, "impossible content"),
        (kind != SUPER or block["incompat"] == 0, "unknown version"),
        (kind == SUPER or block.uuid == sb.uuid, "of another set"),
        (not broken(sb, block), "impossible content"),
        (not tombstone, "a tombstone"),
        # section 13: a superblock is in the place of its own copy, and of this set
        (block.index == index, "impossible content"),
        (block.uuid == sb.uuid, "of another set"),
    )
    return next((name for ok, name in checks if not ok), "ok")
