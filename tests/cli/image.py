# SPDX-License-Identifier: GPL-2.0-only
"""Format v4 a second time, in Python, to look at spares and to damage them.

Written from doc/format.md alone. A block that this file seals is right for the
tool, and the other way round, so the two implementations check each other.
"""

import struct

BLK = 4096
ENTRIES = 504
MAGIC = b"dm-remap"
SUPER, TABLE, AUX, TOMBSTONE = 1, 2, 3, 4
CLEAN, IN_USE = 1, 2
FREE, META, USED, PENDING, BAD = range(5)
ON_MAIN, UNREADABLE, IN_SLOT, LOST = range(4)

HEADER = struct.Struct("<8sHHI16sQQQII")
# the superblock's fields behind its header: name, struct code, offset
FIELDS = {
    "compat": ("Q", 64), "ro_compat": ("Q", 72), "incompat": ("Q", 80),
    "main_sect": ("Q", 88), "spare_sect": ("Q", 96),
    "main_lbs": ("I", 104), "spare_lbs": ("I", 108),
    "slots": ("Q", 112), "table_blk": ("I", 120), "hwm_blk": ("I", 124),
    "copies": ("I", 128), "insync": ("I", 132), "strategy": ("I", 136),
    "activity": ("I", 140), "witness_valid": ("I", 208), "created_s": ("Q", 248),
}


def _crc_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    return table


CRC_TABLE = _crc_table()


def crc32c(data, crc=0xFFFFFFFF):
    table = CRC_TABLE
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc


def word(kind, block=0, states=(), serial=0):
    """An entry; states: a list of states or one for all eight sectors."""
    if isinstance(states, int):
        states = [states] * 8
    bits = sum(state << 2 * i for i, state in enumerate(states))
    return block | bits << 40 | kind << 56 | serial << 59


def anchors_of(slots):
    """First slots of the places that follow from the size of a spare: section 2."""
    if slots < 9:
        return []
    if slots < 128:
        return [0, slots - length_of(slots)]
    if slots < 1024:
        return [slots * i // 4 for i in range(4)]
    return [0] + [slots >> shift for shift in (4, 3, 2, 1)]


def length_of(slots):
    """Slots of a copy."""
    return -(-slots // ENTRIES) + 2


def alternates_of(slots):
    """{number: first slot} of the places that a copy can move to."""
    length, anchors = length_of(slots), anchors_of(slots)
    places = {k: slots - (k + 1) * length for k in range(32)}
    return {k: at for k, at in places.items()
            if at >= 0 and all(abs(at - a) >= length for a in anchors)}


class Block:
    """A metadata block in memory; save it with Image.put()."""

    def __init__(self, raw):
        self.raw = bytearray(raw)
        (self.magic, self.version, self.type, self.crc, self.uuid, self.slot, self.epoch,
         self.counter, self.nonce, self.index) = HEADER.unpack_from(self.raw)

    def __getitem__(self, name):
        code, off = FIELDS[name]
        return struct.unpack_from("<" + code, self.raw, off)[0]

    def __setitem__(self, name, value):
        code, off = FIELDS[name]
        struct.pack_into("<" + code, self.raw, off, value)

    @property
    def copy_slots(self):
        return list(struct.unpack_from("<8Q", self.raw, 144))[:self["copies"]]

    def set_copy_slot(self, copy, slot):
        struct.pack_into("<Q", self.raw, 144 + 8 * copy, slot)

    def set_old_slot(self, i, slot):
        struct.pack_into("<Q", self.raw, 256 + 8 * i, slot)

    def range(self, i):
        """(start, length) of a witness"""
        return struct.unpack_from("<QI", self.raw, 512 + 16 * i)

    def set_range(self, i, start, length):
        struct.pack_into("<QI", self.raw, 512 + 16 * i, start, length)

    @property
    def witness(self):
        """(start, length) of the ranges in use"""
        return [w for w in map(self.range, range(8)) if w[1]]

    def entry(self, i):
        return struct.unpack_from("<Q", self.raw, 64 + 8 * i)[0]

    def set_entry(self, i, value):
        struct.pack_into("<Q", self.raw, 64 + 8 * i, value)

    def sum(self):
        body = bytearray(self.raw)
        body[12:16] = bytes(4)
        return crc32c(bytes(self.uuid) + struct.pack("<Q", self.slot) + body)

    def seal(self):
        """The block as bytes, its header and checksum made right."""
        HEADER.pack_into(self.raw, 0, self.magic, self.version, self.type, 0, self.uuid,
                         self.slot, self.epoch, self.counter, self.nonce, self.index)
        self.crc = self.sum()
        struct.pack_into("<I", self.raw, 12, self.crc)
        return bytes(self.raw)

    def valid(self, at):
        return self.magic == MAGIC and self.slot == at and self.crc == self.sum()


class Image:
    """A spare in a file."""

    def __init__(self, path, at=0):
        self.path = path
        self.sb = self.get(at)
        self.copies = self.sb.copy_slots

    def get(self, slot):
        with open(self.path, "rb") as f:
            f.seek(slot * BLK)
            return Block(f.read(BLK))

    def put_raw(self, slot, data):
        with open(self.path, "r+b") as f:
            f.seek(slot * BLK)
            f.write(data)

    def put(self, block, slot=None):
        """Seal a block for a slot (default: where it is from) and write it."""
        if slot is not None:
            block.slot = slot
        self.put_raw(block.slot, block.seal())

    def zero(self, slot, n=1):
        self.put_raw(slot, bytes(n * BLK))

    def flip(self, slot, byte=100):
        """Damage one byte of a block."""
        block = self.get(slot)
        block.raw[byte] ^= 0x55
        self.put_raw(slot, bytes(block.raw))

    @property
    def anchors(self):
        return anchors_of(self.sb["slots"])

    @property
    def alternates(self):
        return alternates_of(self.sb["slots"])

    def super(self, copy):
        return self.get(self.copies[copy])

    def table_slot(self, copy, blk):
        return self.copies[copy] + 1 + blk

    def aux_slot(self, copy):
        return self.copies[copy] + 1 + self.sb["table_blk"]

    def table(self, copy, blk):
        return self.get(self.table_slot(copy, blk))

    def destroy(self, copy):
        """All of a copy: superblock, table blocks, auxiliary block."""
        self.zero(self.copies[copy], self.sb["table_blk"] + 2)

    def change(self, blk, entries, copies=None, counter=None):
        """Set {index: word} in a table block of these copies (all), as a commit would."""
        for copy in range(len(self.copies)) if copies is None else copies:
            t = self.table(copy, blk)
            for i, value in entries.items():
                t.set_entry(i, value)
            t.counter = counter or t.counter + 1
            self.put(t)

    def change_super(self, copies=None, counter=None, **fields):
        """Set fields in the superblocks of these copies (all), as the module would."""
        for copy in range(len(self.copies)) if copies is None else copies:
            sb = self.super(copy)
            for name, value in fields.items():
                sb[name] = value
            sb.counter = counter or sb.counter + 1
            self.put(sb)

    def raise_mark(self, blks):
        """Write empty table blocks up to this number, then say so, as the module does."""
        length = self.sb["table_blk"] + 2
        for blk in range(self.super(0)["hwm_blk"], blks):
            for copy in range(len(self.copies)):
                t = self.table(copy, 0)
                t.index = blk
                for i in range(ENTRIES):
                    slot = blk * ENTRIES + i
                    meta = any(c <= slot < c + length for c in self.copies + self.anchors)
                    t.set_entry(i, word(META) if meta else 0)
                self.put(t, self.table_slot(copy, blk))
        self.change_super(hwm_blk=blks)

    def bury(self, copy, at, copies, counter):
        """A tombstone of a copy, which says that the copies begin in these slots."""
        tomb = self.super(copy)
        tomb.type, tomb.counter = TOMBSTONE, counter
        for i, slot in enumerate(copies):
            tomb.set_copy_slot(i, slot)
        self.put(tomb, at)

    def mark(self, at, kind, copies=None):
        """The entries of a place become metadata, or free, where they are on disk."""
        entries = {}
        for slot in range(at, at + length_of(self.sb["slots"])):
            entries.setdefault(slot // ENTRIES, {})[slot % ENTRIES] = word(kind)
        for blk in entries.keys() & set(range(self.sb["hwm_blk"])):
            self.change(blk, entries[blk], copies)

    def move(self, copy, k, settle=True):
        """A copy goes to an alternate, as the module does it: the table blocks as they are, the
        auxiliary block anew; tombstones in what it leaves and in every anchor that stands empty;
        superblocks with the new list, the one there first; then, with settle, commits that have
        the entries of both places."""
        old, new, counter = self.copies[copy], self.alternates[k], self.super(copy).counter + 1
        copies = [*self.copies[:copy], new, *self.copies[copy + 1:]]
        for blk in range(self.sb["hwm_blk"]):
            self.put(self.table(copy, blk), new + 1 + blk)
        aux = self.get(self.aux_slot(copy))
        aux.counter = counter
        self.put(aux, new + 1 + self.sb["table_blk"])
        moved = [c for c, at in enumerate(copies) if at != self.anchors[c]]
        supers = [self.super(c) for c in range(len(copies))]
        for c in moved:
            self.bury(c, self.anchors[c], copies, counter)
        if old != self.anchors[copy]:
            self.bury(copy, old, copies, counter)
        for c in [copy, *range(copy), *range(copy + 1, len(copies))]:
            for i, slot in enumerate(copies):
                supers[c].set_copy_slot(i, slot)
            supers[c].counter = counter + 1
            self.put(supers[c], copies[c])
        self.copies = copies
        self.sb = self.super(copy)
        if settle:
            self.mark(new, META)
            if old != self.anchors[copy]:
                self.mark(old, FREE)

    def data_index(self, blk=0):
        """First index of a table block whose slot is free."""
        t = self.table(0, blk)
        return next(i for i in range(ENTRIES) if t.entry(i) == 0)
