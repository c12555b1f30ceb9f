# SPDX-License-Identifier: GPL-2.0-only
"""check knows every defect that the format can have. Of each there is an image,
made from a good one by damaging one thing; that it is there is seen without
dmremap; check has to name it, with its place, and nothing that it does not explain."""

import re

import defects
import disagree
import image
import impossible
import rules
from cli import KIB, MIB, TOP, check
from defects import KINDS, Finding, unreadable
from image import BLK, IN_SLOT, USED, Image, word

MAIN = MIB + 3 * 512    # its last block is short

# what an image is like that a defect is made from: size of the spare, and what is done to it
BASES = {
    "minimal": (36 * KIB, None),
    "linear": (512 * KIB, None),
    "geometric": (4 * MIB, None),
    "mapped": (4 * MIB, lambda img: img.change(0, {10: word(USED, 5, IN_SLOT)})),
    "witnessed": (4 * MIB, lambda img: img.change_super(witness_valid=1)),
    "logical blocks of 4 KiB": (4 * MIB, lambda img: img.change_super(main_lbs=4096)),
    "marked": (32 * MIB, None),
    # copy 3 is in the last places of the spare
    "moved": (4 * MIB, lambda img: img.move(3, 0)),
    "moved, of two": (36 * KIB + 12 * KIB, lambda img: img.move(1, 1)),
}


def all_defects():
    found = [d for kind in KINDS for copy in (0, 3) for d in defects.header_defects(kind, copy)]
    found += [*impossible.super_defects(), *impossible.tombstone_defects(),
              *impossible.table_defects()]
    for make in (disagree.behind_defects, disagree.tie_defects, disagree.copy_defects,
                 disagree.no_copy_defects, disagree.read_defects, disagree.table_defects,
                 disagree.entry_defects, disagree.state_defects, disagree.move_defects,
                 disagree.harmless):
        found += make()
    return found


DEFECTS = all_defects()


def findings_def():
    """{number: severity} of the findings there are."""
    text = (TOP / "src/core/findings.def").read_text(encoding="ascii")
    return {int(n): sev for n, sev in
            re.findall(r"^DMR_FINDING\((\d+), \w+, DMR_SEV_(\w+),", text, re.M)}


class Bases:
    """Good images, formatted once each, in memory."""

    def __init__(self, bench):
        self.bench = bench
        self.raw = {}

    def image(self, name):
        """A fresh copy of one, in a file."""
        if name not in self.raw:
            size, change = BASES[name]
            img = self.bench.set(size, main_size=MAIN)
            if change:
                change(img)
            with open(img.path, "rb") as f:
                self.raw[name] = f.read()
        path = self.bench.file("defect.img")
        with open(path, "wb") as f:
            f.write(self.raw[name])
        return Image(path)

    def changed(self, name, img):
        """Slots whose bytes are no longer those of the good image, as far as both go."""
        good = self.raw[name]
        with open(img.path, "rb") as f:
            now = f.read(len(good))
        return {at // BLK for at in range(0, len(now), BLK)
                if now[at:at + BLK] != good[at:at + BLK][:len(now) - at]}


def said(doc):
    """check's findings; each has to be said once."""
    got = [Finding(f["number"], f["copy"], f["table_block"], f["slot"], f["main_block"])
           for f in doc["findings"]]
    assert len(got) == len(set(got)), f"said twice: {got}"
    return set(got)


def prove(bases, defect, severity):
    img = bases.image(defect.base)
    assert not defect.shows(img), "it is there before it is made"
    defect.harm(img)
    want, unread = defect.finds(img), defect.unread(img)
    assert bases.changed(defect.base, img) == defect.slots(img), "not made where it should be"
    with unreadable(bases.bench.dir, unread):
        assert defect.shows(img), "it was not made"
        only_notes = all(severity[f.number] == "NOTE" for f in want)
        got = said(check(img.path, code=0 if only_notes else 4))
    assert got == want, f"check says {sorted(got, key=str)}, not {sorted(want, key=str)}"


def test_each_is_named(bench):
    """each defect by itself: check names it, where it is, and nothing else"""
    bases, severity, wrong = Bases(bench), findings_def(), []
    for defect in DEFECTS:
        try:
            prove(bases, defect, severity)
        except AssertionError as e:
            wrong.append(f"{defect.name}: {e}")
    assert not wrong, "\n".join(wrong)


def test_all_there(bench):
    """each finding has a defect that it is for, and so has each rule of the format"""
    bases = Bases(bench)
    imgs = {name: bases.image(name) for name in BASES}
    numbers = {f.number for d in DEFECTS for f in d.finds(imgs[d.base])}
    assert numbers == set(findings_def()), numbers ^ set(findings_def())
    kept = {*rules.SUPER_RULES, *rules.ENTRY_RULES}
    assert {d.rule for d in DEFECTS} - {""} == kept, {d.rule for d in DEFECTS} ^ kept


def test_undamaged(bench):
    """images of each kind, of each placement and around its borders: nothing is said"""
    bases = Bases(bench)
    for name in BASES:
        assert said(check(bases.image(name).path)) == set(), name
    for slots in (9, 10, 127, 128, 129, 504, 505, 1023, 1024, 1025, 1008, 1009):
        for rest in (0, 7 * 512):
            img = bench.set(slots * BLK + rest, main_size=MAIN)
            for copy in range(len(img.copies)):
                assert not rules.broken(img.sb, img.super(copy)), (slots, copy)
            assert said(check(img.path)) == set(), (slots, rest)


def test_limits(bench):
    """the last of what is possible is no defect"""
    bases = Bases(bench)
    img = bases.image("geometric")
    img.change(1, {100: word(USED, impossible.TAIL, [IN_SLOT] * 3, 3),
                   101: word(image.PENDING, 0, image.UNREADABLE, 3), 102: word(image.BAD)})
    img.change(2, {15: word(USED, 9, [image.ON_MAIN] * 7 + [IN_SLOT])})
    img.change_super(witness_valid=0xf, main_sect=1 << 43)
    assert said(check(img.path)) == set()
    for copy in range(5):
        sb = img.super(copy)
        sb.epoch = 1 << 62
        sb.set_range(7, (1 << 43) - 64, 64)
        sb["witness_valid"] = 1 << 7
        sb.raw[640:768] = b"w" * 128
        img.put(sb)
        assert not rules.broken(img.sb, img.super(copy))
    assert said(check(img.path)) == set()
