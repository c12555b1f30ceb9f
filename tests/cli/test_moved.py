# SPDX-License-Identifier: GPL-2.0-only
"""Copies that have moved: every command finds them, leaves them where they are or takes them
along, and leaves nothing behind that a loader would believe."""

import itertools
import os
import random
import shutil

import image
from cli import KIB, MAIN, MIB, Untouched, check, dmremap, numbers
from image import BAD, BLK, IN_SLOT, MAGIC, PENDING, UNREADABLE, USED, Image, word
from test_dump import dump, meaning, save
from test_map import picture
from test_repair import blocks, both, is_clean

# size of the spare, and the moves: (copy, alternate)
SHAPES = {
    "minimal": (60 * KIB, [(1, 1)]), "linear": (512 * KIB, [(2, 0)]),
    "geometric": (4 * MIB, [(3, 0)]), "twice": (4 * MIB, [(3, 0), (3, 2)]),
    "two": (4 * MIB, [(3, 0), (0, 1)]), "all": (4 * MIB, [(c, c) for c in range(5)]),
    "above the mark": (33 * MIB, [(2, 0), (4, 3)]),
}


def made(bench, shape="geometric", name="old.img"):
    """Blocks in slots, data that tells them, and copies that have moved since, and a commit."""
    size, moves = SHAPES[shape]
    spare = bench.file(name, size)
    dmremap("format", bench.main(), spare, "--yes")
    img = Image(spare)
    free = [i for i in range(min(504, img.sb["slots"])) if img.table(0, 0).entry(i) == 0]
    img.change(0, {free[0]: word(USED, 100, IN_SLOT)})
    for copy, k in moves:
        img.move(copy, k)
    img.change(0, {free[1]: word(USED, 101, IN_SLOT)})
    if len(free) > 20:
        img.change(0, {free[2]: word(PENDING, 50, UNREADABLE), free[3]: word(BAD)})
    for k in range(2):
        img.put_raw(free[k], bytes([k + 1]) * BLK)
    return img


def each(bench):
    for shape in SHAPES:
        yield shape, made(bench, shape)


def traces(path):
    """Slots that anything of the format lies in: a superblock or tombstone that is right."""
    with open(path, "rb") as f:
        data = f.read()
    at = [s for s in range(len(data) // BLK) if data[s * BLK:s * BLK + 8] == MAGIC]
    found = [image.Block(data[s * BLK:(s + 1) * BLK]) for s in at]
    return [(b.slot, b.type) for s, b in zip(at, found)
            if b.valid(s) and b.type in (image.SUPER, image.TOMBSTONE)]


def places(img):
    """All slots that a loader looks at first."""
    return sorted({*img.anchors, *img.alternates.values(), *img.copies})


def test_check_and_list(bench):
    """nothing to say; the places, the sums and the entries as they are"""
    for shape, img in each(bench):
        doc = check(img.path)
        assert doc["findings"] == [], (shape, doc)
        assert [c["slot"] for c in doc["copies"]] == img.copies
        assert all(c["state"] == "insync" for c in doc["copies"])
        taken = {at + i for at in {*img.copies, *img.anchors}
                 for i in range(img.sb["table_blk"] + 2)}
        assert doc["slots"]["metadata"] == len(taken), shape
        assert {100, 101} <= blocks(img.path).keys()
        assert dump(img.path)["copy_slots"] == img.copies


def test_map(bench):
    """copy and anchor are metadata, in the picture and in the drawing"""
    for shape, img in each(bench):
        letters, per, sums = picture(img.path)
        slots = check(img.path)["slots"]
        assert sums["M"] == slots["metadata"] and sums["."] == slots["free"], shape
        assert sum(sums.values()) == slots["total"]
        for at in {*img.copies, *img.anchors}:
            for s in range(at, at + img.sb["table_blk"] + 2):
                assert letters[s // per] in "MX#p", (shape, s)
                assert per > 1 or letters[s] == "M"
        svg = dmremap("map", img.path, "--svg", "-").out
        assert f">metadata: {slots['metadata']}<" in svg and f">free: {slots['free']}<" in svg


def test_restore(bench):
    """a dump brought back: copies begin in their anchors again, entries are the same"""
    for shape, img in each(bench):
        doc, before = dump(img.path), blocks(img.path)
        with Untouched(img.path):
            dmremap("restore", save(bench, doc), img.path, "--yes", code=5)
        for force in (True, False):
            if not force:
                dmremap("wipe", img.path, "--yes", "--force")
            dmremap("restore", save(bench, doc), img.path, "--yes", *["--force"][:force])
            assert Image(img.path).copies == img.anchors
            assert {s for s, _ in traces(img.path)} == set(img.anchors), shape
            assert check(img.path)["findings"] == [] and blocks(img.path) == before
            want, got = meaning(doc), meaning(dump(img.path))
            assert got.pop("copy_slots") == img.anchors and want.pop("copy_slots") == img.copies
            assert got == want


def test_wipe(bench):
    """no superblock or tombstone is left anywhere, nor a table block in what was a place"""
    for shape, img in each(bench):
        with Untouched(img.path):
            dmremap("wipe", img.path, "--yes", code=5).says("live only there: 2")
        for grown in (0, 8 * MIB):
            path = clone(img)
            os.truncate(path, os.path.getsize(path) + grown)
            dmremap("wipe", path, "--yes", "--force")
            assert traces(path) == [], (shape, grown)
            dmremap("check", path, code=8).says("not formatted")
            dmremap("format", bench.main(), path, "--yes")


def test_format_over(bench):
    """what is there is seen, also if only the copy is left that has moved; nothing of it stays"""
    for shape, img in each(bench):
        for gone in ([], img.anchors, [a for a in img.anchors if a != img.copies[0]]):
            path = clone(img)
            for at in gone:
                Image(path, img.copies[SHAPES[shape][1][-1][0]]).zero(at)
            with Untouched(path):
                dmremap("format", bench.main(), path, "--yes", code=5).says("dm-remap metadata")
            dmremap("format", bench.main(), path, "--yes", "--force")
            assert {s for s, _ in traces(path)} == set(img.anchors), shape
            doc = check(path)
            assert doc["findings"] == [] and doc["slots"]["used"] == 0


def clone(img, name="clone.img"):
    path = os.path.join(os.path.dirname(img.path), name)
    shutil.copyfile(img.path, path)
    return path


def test_retarget(bench):
    """another main, the same places"""
    for shape, img in each(bench):
        for args, used in (([], 2), (["--drop"], 0)):
            dmremap("retarget", img.path, bench.file("new-main.img", MAIN), "--yes", *args)
            doc = check(img.path)
            assert doc["findings"] == [] and doc["slots"]["used"] == used, (shape, doc)
            assert [c["slot"] for c in doc["copies"]] == img.copies


def test_replace(bench):
    """everything goes to the other spare, whose copies are in anchors; the old one is none"""
    for shape, img in each(bench):
        before = blocks(img.path)
        for grown in (0, 8 * MIB):
            path, spare = clone(img), bench.file("new.img", 4 * MIB)
            os.truncate(path, os.path.getsize(path) + grown)
            dmremap("replace", path, spare, "--yes")
            assert blocks(spare) == before and check(spare)["findings"] == []
            assert Image(spare).copies == Image(spare).anchors
            assert traces(path) == [], (shape, grown)
            dmremap("check", path, code=8).says("not formatted")


def test_every_subset(bench):
    """of five copies, one or two of which have moved: whatever is lost, the rest is found"""
    for shape in ("geometric", "twice", "two"):
        img = made(bench, shape)
        before = blocks(img.path)
        empty = sorted(set(img.anchors) - set(img.copies))
        for n in range(5):
            for gone in itertools.combinations(range(5), n):
                for tombs in ([], empty):
                    path = clone(img)
                    hurt = Image(path, img.copies[min(set(range(5)) - set(gone))])
                    for copy in gone:
                        hurt.destroy(copy)
                    for at in tombs:
                        hurt.zero(at)
                    doc = check(path, code=4 if gone else 0)
                    want = {102} if gone else set()
                    want |= ({202} if n == 4 else set()) | ({205} if tombs else set())
                    assert set(numbers(doc)) == want, (shape, gone, tombs, doc)
                    assert [c["slot"] for c in doc["copies"]] == img.copies
                    assert blocks(path) == before


def test_grown(bench):
    """the device has grown since: found as long as slot 0 says how large the spare was"""
    for shape in ("geometric", "linear", "minimal", "twice"):
        img = made(bench, shape)
        before, copies = blocks(img.path), range(1, len(img.copies))
        for n in copies:
            for gone in itertools.combinations(copies, n):
                path = clone(img)
                hurt = Image(path)
                for copy in gone:
                    hurt.destroy(copy)
                os.truncate(path, 12 * MIB)
                assert 503 in numbers(check(path, code=4)) and blocks(path) == before
                dmremap("repair", path, "--in-place", "--yes")
                is_clean(path)
                assert blocks(path) == before and Image(path).copies == img.copies


def lose_all_but(img, *copies):
    for copy in set(range(len(img.copies))) - set(copies):
        img.destroy(copy)


def moved_of(img):
    return [c for c, at in enumerate(img.copies) if at != img.anchors[c]]


def test_repair(bench):
    """all but the moved ones destroyed, those destroyed, tombstones destroyed: without a loss"""
    def tombs(img):
        for c in moved_of(img):
            img.zero(img.anchors[c])

    damages = {
        "all but": lambda img: lose_all_but(img, *moved_of(img)),
        "all but, no tombstones": lambda img: (lose_all_but(img, *moved_of(img)), tombs(img)),
        "moved": lambda img: [img.destroy(c) for c in moved_of(img)],
        "moved, no tombstones": lambda img: ([img.destroy(c) for c in moved_of(img)], tombs(img)),
    }
    for shape in SHAPES:
        for name, damage in damages.items():
            if shape == "all":
                continue    # there is none that has not moved
            img = made(bench, shape)
            before = blocks(img.path)
            damage(img)
            for path, run in both(bench, img):
                assert blocks(path) == before, (shape, name)
                doc = check(path)
                assert doc["findings"] == [], (shape, name, doc)
                if run.json["in_place"]:
                    assert [c["slot"] for c in doc["copies"]] == img.copies


def test_repair_tombstones(bench):
    """a whole set whose tombstones are gone has nothing to repair; the next move writes them"""
    img = made(bench)
    img.zero(img.anchors[3])
    assert numbers(check(img.path)) == [205]
    with Untouched(img.path):
        dmremap("repair", img.path, "--in-place", "--yes").says("nothing to repair")


def test_repair_no_superblock(bench):
    """superblocks destroyed, tables left: with tombstones, without, and of moved copies alone"""
    for shape in SHAPES:
        for tombs in (True, False):
            for alone in (False, True):
                img = made(bench, shape)
                before, moved = blocks(img.path), moved_of(img)
                if alone:
                    lose_all_but(img, *moved)
                for at in img.copies:
                    img.zero(at)
                for c in moved:
                    if not tombs:
                        img.zero(img.anchors[c], img.sb["table_blk"] + 2)
                for path, run in both(bench, img, args=["--main", bench.main()]):
                    assert blocks(path) == before, (shape, tombs, alone)
                    assert check(path)["findings"] == []
                    if run.json["in_place"]:
                        assert check(path)["copies"][moved[0]]["slot"] == img.copies[moved[0]]


def test_repair_lying_traces(bench):
    """no superblock; a tombstone, and an auxiliary block, of places that hold data: not believed"""
    def tombstone(img, at):
        tomb = img.super(3)
        tomb.type, tomb.counter = image.TOMBSTONE, 9
        tomb.set_copy_slot(3, at)
        img.put(tomb)

    def aux(img, at):
        block = img.get(img.aux_slot(3))
        block.counter = 9
        img.put(block, at + 4)

    for tell in (tombstone, aux):
        img = bench.set()
        at = img.alternates[1]
        img.change(2, {at + 1 - 1008: word(USED, 7, IN_SLOT)})
        img.put_raw(at + 1, b"\x07" * BLK)
        for c in img.copies:
            img.zero(c)
        tell(img, at)
        for path, run in both(bench, img, args=["--main", bench.main()]):
            assert blocks(path) == {7: ("used", "ssssssss", {7})}, tell
            if run.json["in_place"]:
                assert Image(path).copies == img.anchors


def test_repair_place_left(bench):
    """no superblock; the place before the last one has been given to blocks since"""
    img = made(bench, "twice")
    at = img.alternates[0]
    img.change(2, {at - 1008: word(USED, 7, IN_SLOT), at + 1 - 1008: word(USED, 8, IN_SLOT)})
    for k in (0, 1):
        img.put_raw(at + k, bytes([7 + k]) * BLK)
    before = blocks(img.path)
    for c in img.copies:
        img.zero(c)
    for gone in ([], [img.anchors[3]], [img.anchors[3], img.aux_slot(3)]):
        for s in gone:
            img.zero(s)
        for path, run in both(bench, img, args=["--main", bench.main()]):
            assert blocks(path) == before
            if run.json["in_place"]:
                found = img.anchors if len(gone) == 2 else img.copies
                assert Image(path).copies == found, gone


def test_hostile(bench):
    """random damage to places, sealed or not: refused, or repaired; never a crash"""
    rng, repaired = random.Random(7), 0
    for _ in range(80):
        img = made(bench, rng.choice(("minimal", "geometric", "twice", "two")))
        for _ in range(rng.randrange(1, 12)):
            slot = rng.choice([s + rng.randrange(5) for s in {*img.copies, *img.anchors}])
            if slot >= img.sb["slots"]:
                continue
            block = img.get(slot)
            for _ in range(rng.choice((1, 1, 4, 400))):
                at = rng.choice((rng.randrange(32, 256), rng.randrange(8, 4096)))
                block.raw[at] = rng.choice((0, 4, 0xff, rng.randrange(256)))
            block = image.Block(block.raw)
            img.put_raw(slot, block.seal() if rng.random() < 0.8 else bytes(block.raw))
        with Untouched(img.path):
            dmremap("check", img.path, code=(0, 4, 8))
            dmremap("map", img.path, code=(0, 4))
        run = dmremap("repair", img.path, "--in-place", "--yes", "--json", "--main", bench.main(),
                      *rng.choice(([], ["--force"])), code=(0, 4))
        if run.out and run.json["written"]:
            is_clean(img.path)
            repaired += 1
        dmremap("wipe", img.path, "--yes", "--force", code=(0, 4))
        assert traces(img.path) == [] or run.code, run
    assert repaired > 20, repaired


def test_repair_grown(bench):
    """no superblock where a loader looks, the device has grown: one that has moved says all"""
    for shape in ("geometric", "linear", "twice", "two"):
        for tombs in (True, False):
            img = made(bench, shape)
            before = blocks(img.path)
            lose_all_but(img, *moved_of(img))
            for c in moved_of(img):
                if not tombs:
                    img.zero(img.anchors[c])
            os.truncate(img.path, 12 * MIB)
            for path, _ in both(bench, img, args=["--main", bench.main()]):
                assert blocks(path) == before, (shape, tombs)


def test_repair_power_cut(bench):
    """a power cut at each write of a repair in place: the set as it was, or the repaired one"""
    for shape in ("geometric", "minimal"):
        img = made(bench, shape)
        lose_all_but(img, *moved_of(img))
        before, after, k = blocks(img.path), str(bench.dir / "cut.img"), 0
        while True:
            shutil.copyfile(img.path, after)
            run = dmremap("repair", after, "--in-place", "--yes", code=(0, 99),
                          env=bench.faulty(writes=k, torn=1024))
            assert check(after, code=(0, 4))["errors"]["fatal"] == 0, (shape, k)
            assert blocks(after) == before, (shape, k)
            dmremap("repair", after, "--in-place", "--yes")
            is_clean(after)
            if run.code == 0:
                break
            k += 1
        assert k > 5
