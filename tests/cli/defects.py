# SPDX-License-Identifier: GPL-2.0-only
"""What a defect is to test_defects.py, and all of them: one block that is not
what it must be (here and in impossible.py), and copies that do not agree
(disagree.py)."""

import contextlib
import dataclasses
import os
import pathlib
import subprocess
import sys
import typing

import rules
from image import AUX, SUPER, TABLE, TOMBSTONE

HERE = pathlib.Path(__file__).resolve().parent


class Finding(typing.NamedTuple):
    """One of check's, as its JSON has it."""
    number: int
    copy: typing.Any = None
    table_block: typing.Any = None
    slot: typing.Any = None
    main_block: typing.Any = None


@dataclasses.dataclass(frozen=True)
class Defect:
    """harm(img) makes it. shows(img): can it be seen, read without dmremap? finds(img):
    what check says, all of it. slots(img): whose bytes are others then. unread(img): those
    that cannot be read. base: which good image (test_defects.py). rule: which is broken."""
    name: str
    harm: typing.Callable
    shows: typing.Callable
    finds: typing.Callable
    slots: typing.Callable = lambda img: set()
    unread: typing.Callable = lambda img: set()
    base: str = "geometric"
    rule: str = ""


# ---- slots that cannot be read ----

@contextlib.contextmanager
def unreadable(directory, slots):
    """For every program that is run meanwhile."""
    lib = pathlib.Path(directory) / "badread.so"
    if not slots:
        yield
        return
    if not lib.exists():
        subprocess.run(["cc", "-O2", "-Wall", "-Werror", "-fPIC", "-shared", "-o", lib,
                        HERE / "badread.c", "-ldl"], check=True)
    os.environ["LD_PRELOAD"] = str(lib)
    os.environ["BAD_SLOTS"] = ",".join(map(str, sorted(slots)))
    try:
        yield
    finally:
        del os.environ["LD_PRELOAD"], os.environ["BAD_SLOTS"]


def can_read(path, slot):
    """Not in this process, which nothing is preloaded to."""
    code = "import os, sys; os.pread(os.open(sys.argv[1], 0), 4096, 4096 * int(sys.argv[2]))"
    done = subprocess.run([sys.executable, "-c", code, path, str(slot)], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0 or "Errno 5" in done.stderr, done.stderr
    return done.returncode == 0


def lost_reads(name, unread, finds, base="geometric"):
    """Nothing is changed, but these slots cannot be read."""
    return Defect(name, harm=lambda img: None, unread=unread, finds=finds, base=base,
                  shows=lambda img: not any(can_read(img.path, s) for s in unread(img)))


# ---- one block ----

NUMBERS = {
    SUPER: {"unreadable": 101, "not dm-remap": 102, "misplaced": 103, "unknown version": 104,
            "wrong checksum": 105, "of another set": 106, "impossible content": 107,
            "behind": 108, "tie": 109, "a tombstone": 110},
    TABLE: {"unreadable": 301, "not dm-remap": 302, "misplaced": 303, "unknown version": 304,
            "wrong checksum": 305, "of another set": 306, "impossible content": 307,
            "behind": 308, "tie": 309},
    # nothing is kept in it: how it is damaged has one number
    AUX: {"unreadable": 311, "not dm-remap": 311, "misplaced": 311, "unknown version": 312,
          "wrong checksum": 311, "of another set": 311, "impossible content": 311},
}
KINDS = {SUPER: "superblock", TABLE: "table block", AUX: "auxiliary block"}


class Spot(typing.NamedTuple):
    """Where a block is kept: a copy, and which block of it."""
    kind: int
    copy: int
    blk: int = 1

    def at(self, img):
        return {SUPER: img.copies[self.copy], TABLE: img.table_slot(self.copy, self.blk),
                AUX: img.aux_slot(self.copy)}[self.kind]

    def get(self, img):
        return img.get(self.at(img))

    def name(self):
        return f"{KINDS[self.kind]} {self.copy}"

    def index(self):
        return self.blk if self.kind == TABLE else self.copy

    def verdict(self, img):
        return rules.verdict(img.sb, self.get(img), self.kind, self.at(img), self.index())

    def finding(self, what, at=None):
        """What check says of it: a finding of this kind of block, and this place."""
        return lambda img: Finding(NUMBERS[self.kind][what], self.copy,
                                   self.blk if self.kind == TABLE else None,
                                   at or self.at(img))


def one(name, spot, change, verdict, rule="", also=(), sealed=True, base="geometric"):
    """A block of one copy, changed; what section 4 calls it then, and what rule it breaks."""
    def harm(img):
        block, at = spot.get(img), spot.at(img)
        change(block)
        img.put_raw(at, block.seal() if sealed else bytes(block.raw))

    def shows(img):
        wrong = rules.broken(img.sb, spot.get(img)) if rule else set()
        return spot.verdict(img) == verdict and (not rule or wrong == {rule, *also})

    return Defect(f"{spot.name()}: {name}", harm=harm, shows=shows, base=base, rule=rule,
                  finds=lambda img: {spot.finding(verdict)(img)},
                  slots=lambda img: {spot.at(img)})


def setting(**attributes):
    """A change of the header."""
    def change(block):
        for name, value in attributes.items():
            setattr(block, name, value)
    return change


def flipping(byte):
    def change(block):
        block.raw[byte] ^= 0x55
    return change


def newer(block):
    """of which not even the checksum is ours to judge"""
    block.version = 5
    block.seal()
    block.raw[300] ^= 0x55


def zeroed(block):
    block.raw[:] = bytes(4096)


def features(block):
    block["incompat"] = 1 << 63


def all_new(block):
    """of which no field need mean what it does here"""
    block["incompat"] = 1
    block.epoch = 1 << 63
    block["main_lbs"] = 0


def elsewhere(block):
    block.slot += 1


def another_index(block):
    block.index += 1


def header_defects(kind, copy):
    """Section 4, check by check."""
    spot = Spot(kind, copy)
    others = sorted({SUPER, TABLE, AUX} - {kind})
    yield one("zeroes", spot, zeroed, "not dm-remap", sealed=False)
    yield one("another magic", spot, setting(magic=b"dm-remaq"), "not dm-remap")
    yield one("of another slot", spot, elsewhere, "misplaced")
    yield one("version 5", spot, newer, "unknown version", sealed=False)
    yield one("version 3", spot, setting(version=3), "unknown version")
    if kind == SUPER:
        yield one("another feature", spot, features, "unknown version")
        yield one("another feature, impossible here", spot, all_new, "unknown version")
    else:
        yield one("another index", spot, another_index, "misplaced")
    for byte in (14, 70, 4095):
        yield one(f"byte {byte}", spot, flipping(byte), "wrong checksum", sealed=False)
    for other in others:
        yield one(f"is one of type {other}", spot, setting(type=other), "impossible content")
    yield one("is a tombstone", spot, setting(type=TOMBSTONE), "impossible content",
              "tombstone elsewhere" if kind == SUPER else "")
    for unknown in (0, 5, 0xffff):
        yield one(f"is one of type {unknown}", spot, setting(type=unknown), "unknown version")
    yield one("of another set", spot, setting(uuid=b"another set here"), "of another set")
    yield one("of another set, newer", spot, setting(uuid=b"another set here", epoch=99),
              "of another set")
    yield one("of another set, of no epoch", spot,
              setting(uuid=b"another set here", epoch=1 << 63),
              "impossible content" if kind == SUPER else "of another set")
    yield one("epoch", spot, setting(epoch=(1 << 62) + 1), "impossible content", "epoch")
