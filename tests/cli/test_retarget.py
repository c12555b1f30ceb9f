# SPDX-License-Identifier: GPL-2.0-only
"""retarget: another main, the same spare; nothing between the two states."""

from cli import MAIN, MIB, STRATEGIES, Untouched, check, dmremap
from image import BAD, BLK, IN_SLOT, IN_USE, PENDING, UNREADABLE, USED, Image, word


def entries(path):
    return dmremap("list", "--json", path).json["entries"]


def made(bench, size=4 * MIB):
    img = bench.set(size)
    i = img.data_index()
    img.change(0, {i: word(USED, 5, IN_SLOT), i + 1: word(BAD),
                   i + 2: word(PENDING, 6, UNREADABLE)})
    for c in range(len(img.copies)):
        sb = img.super(c)
        sb["witness_valid"] = 1
        img.put(sb)
    return img


def test_keep_and_drop(bench):
    """every placement: the list stays, or goes but for bad slots; check is clean"""
    for size, copies in STRATEGIES.values():
        for drop in (False, True):
            img = made(bench, size)
            before, epoch = entries(img.path), img.super(0).epoch
            main = bench.file("clone.img", MAIN)
            dmremap("retarget", img.path, main, "--yes", *(["--drop"] if drop else []))
            doc = check(img.path)
            assert doc["errors"] == {"fatal": 0, "fixable": 0} and doc["activity"] == "clean"
            assert [c["state"] for c in doc["copies"]] == ["insync"] * copies
            kinds = [e["kind"] for e in entries(img.path)]
            assert kinds == (["bad"] if drop else [e["kind"] for e in before])
            for copy in range(copies):
                assert img.super(copy).epoch == epoch + 1
                assert img.super(copy)["witness_valid"] == 0


def test_asks(bench):
    """without --yes it asks, and says what it takes the clone to be"""
    img = made(bench)
    main = bench.file("clone.img", MAIN)
    with Untouched(img.path, main):
        dmremap("retarget", img.path, main, code=1).says("1 blocks go on living", "--drop")
        dmremap("retarget", img.path, main, "--drop", code=1).says("given up")


def test_refused(bench):
    """a main too small, a spare damaged, in use or no spare: nothing is written"""
    img = made(bench)
    small = bench.file("small.img", MAIN - 512)
    main = bench.file("clone.img", MAIN)
    with Untouched(img.path):
        dmremap("retarget", img.path, small, "--yes", code=4).says("too small")
        dmremap("retarget", img.path, img.path, "--yes", code=(4, 5))
    img.change_super(activity=IN_USE)
    with Untouched(img.path):
        dmremap("retarget", img.path, main, "--yes", code=4).says("not closed in order")
    img = made(bench)
    img.flip(img.table_slot(2, 0))
    with Untouched(img.path):
        dmremap("retarget", img.path, main, "--yes", code=4).says("damaged")
    img = made(bench)
    img.change_super(ro_compat=2)
    with Untouched(img.path):
        dmremap("retarget", img.path, main, "--yes", code=4).says("newer dm-remap")
    blank = bench.file("blank.img", 4 * MIB)
    with Untouched(blank):
        dmremap("retarget", blank, main, "--yes", code=4).says("not formatted")


def test_every_cut(bench):
    """the writes of one run in their order, cut after each: the old set or the new one"""
    for size, copies in STRATEGIES.values():
        img = made(bench, size)
        with open(img.path, "rb") as f:
            old = f.read()
        dmremap("retarget", img.path, bench.file("clone.img", MAIN), "--yes", "--drop")
        with open(img.path, "rb") as f:
            new = f.read()
        # superblocks of one half, of the other, then the table block likewise
        order = img.copies + [img.table_slot(c, 0) for c in range(copies)]
        path = bench.file("cut.img")
        for n in range(len(order) + 1):
            data = bytearray(old)
            for slot in order[:n]:
                data[slot * BLK:(slot + 1) * BLK] = new[slot * BLK:(slot + 1) * BLK]
            with open(path, "wb") as f:
                f.write(data)
            doc = check(path, code=(0, 4))
            assert doc["errors"]["fatal"] == 0, (n, doc)
            used = doc["slots"]["used"]
            assert used == (1 if n <= copies else 0), (n, used)
        assert Image(path).super(0).epoch == Image(img.path).super(0).epoch
