# SPDX-License-Identifier: GPL-2.0-only
"""list: what moved, read from a spare."""

import image
from cli import MAIN, MIB, Untouched, dmremap
from image import BAD, IN_SLOT, LOST, ON_MAIN, PENDING, UNREADABLE, USED, word


def listed(path, code=0):
    with Untouched(path):
        doc = dmremap("list", "--json", path, code=code).json
    assert doc["schema"] == "dmremap-list" and doc["schema_version"] == 1
    return doc


def test_empty(bench):
    """nothing moved"""
    img = bench.set()
    dmremap("list", img.path).says("No block has moved.")
    doc = listed(img.path)
    assert doc["entries"] == [] and doc["whole"] and doc["name"] is None
    assert doc["spare"]["path"] == img.path and doc["main"]["sectors"] == MAIN // 512


def test_kinds(bench):
    """used, pending, lost and bad, in the order of main, with a letter for each sector"""
    img = bench.set()
    i = img.data_index()
    img.change(0, {
        i: word(USED, 100, [IN_SLOT, ON_MAIN, UNREADABLE, LOST] + [IN_SLOT] * 4),
        i + 1: word(PENDING, 7, [ON_MAIN] * 7 + [UNREADABLE]),
        i + 2: word(BAD),
        i + 3: word(USED, 2047, IN_SLOT),
    })
    rows = [(e["main_block"], e["main_sector"], e["slot"], e["spare_sector"], e["kind"],
             e["states"]) for e in listed(img.path)["entries"]]
    assert rows == [
        (7, 56, i + 1, 8 * (i + 1), "pending", "mmmmmmmp"),
        (100, 800, i, 8 * i, "used", "smplssss"),
        (2047, 16376, i + 3, 8 * (i + 3), "used", "ssssssss"),
        (None, None, i + 2, 8 * (i + 2), "bad", None),
    ], rows
    text = dmremap("list", img.path).out.splitlines()
    assert text[0].split() == ["MAIN-BLOCK", "MAIN-SECTOR", "SLOT", "SPARE-SECTOR", "KIND",
                               "STATES"]
    assert [line.split()[:2] for line in text[1:]] == [
        ["7", "56"], ["100", "800"], ["2047", "16376"], ["-", "-"]], text


def test_tail_block(bench):
    """the last block of a main that is no multiple of 4 KiB has fewer states"""
    img = bench.set(main_size=1 * MIB + 1536)
    img.change(0, {img.data_index(): word(USED, 256, [IN_SLOT] * 3)})
    assert listed(img.path)["entries"][0]["states"] == "sss"


def test_large_logical_blocks(bench):
    """with logical blocks of 4096 bytes a block has one state"""
    img = bench.set()
    img.change_super(main_lbs=4096)
    img.change(0, {img.data_index(): word(USED, 9, [IN_SLOT])})
    doc = listed(img.path)
    assert doc["entries"][0]["states"] == "s" and doc["main"]["logical_block_bytes"] == 4096


def test_newest_copy(bench):
    """what counts is the newest image of a table block, wherever it is"""
    img = bench.set()
    i = img.data_index()
    img.change(0, {i: word(USED, 1, IN_SLOT)})
    img.change(0, {i: word(USED, 2, IN_SLOT)}, copies=(3,), counter=7)
    assert [e["main_block"] for e in listed(img.path)["entries"]] == [2]


def test_many(bench):
    """more rows than one layout of the table holds: the columns stay where they are"""
    img = bench.set(64 * MIB, main_size=64 * MIB)
    img.raise_mark(10)
    n = 0
    for blk in range(10):
        t = img.table(0, blk)
        entries = {}
        for i in range(image.ENTRIES):
            if t.entry(i) == 0:
                entries[i] = word(USED, n, IN_SLOT)
                n += 1
        img.change(blk, entries, copies=(0, 1))
    assert n > 4096 + 100
    assert [e["main_block"] for e in listed(img.path)["entries"]] == list(range(n))
    lines = dmremap("list", img.path).out.splitlines()
    assert len(lines) == n + 1
    assert len({line.index("used") for line in lines[1:]}) == 1


def test_not_whole(bench):
    """a table block is lost: the rest is listed, exit 4, and it says that it is not whole"""
    img = bench.set(64 * MIB)
    img.change(1, {9: word(USED, 5, IN_SLOT)})
    for copy in range(5):
        img.zero(img.table_slot(copy, 0))
    doc = listed(img.path, code=4)
    assert not doc["whole"] and [e["main_block"] for e in doc["entries"]] == [5]
    dmremap("list", img.path, code=4).says("not whole")


def test_no_spare(bench):
    """what is no spare: exit 4 and why"""
    dmremap("list", bench.main(), code=4).says("not formatted")
    dmremap("list", bench.dir / "none", code=4).says("does not exist")
    dmremap("list", "surely-no-such-name", code=(2, 4))
