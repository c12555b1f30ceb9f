# SPDX-License-Identifier: GPL-2.0-only
"""check: what it says beside its findings, which test_defects.py has one by one;
and the file is not written (cli.check() looks at that every time)."""

import itertools
import random
import struct

import image
from cli import KIB, MAIN, MIB, STRATEGIES, Untouched, check, dmremap, numbers
from image import IN_SLOT, LOST, ON_MAIN, PENDING, UNREADABLE, USED, word


def one(doc, number):
    found = [f for f in doc["findings"] if f["number"] == number]
    assert len(found) == 1, (number, doc["findings"])
    return found[0]


def test_clean(bench):
    """a fresh set: exit 0, no findings, everything in the JSON"""
    doc = check(bench.set().path)
    assert doc["main"] == {"bytes": MAIN, "sectors": MAIN // 512, "logical_block_bytes": 512,
                           "wwid": None, "serial": None, "partuuid": None}
    assert doc["spare"]["bytes"] == 4 * MIB and doc["spare"]["sectors"] == 4 * 2048
    assert doc["errors"] == {"fatal": 0, "fixable": 0} and doc["notes"] == 0
    assert doc["activity"] == "clean" and doc["epoch"] == 0
    assert doc["high_water_slots"] == 1024 and doc["lost"] == []


def test_all_copies_destroyed_but(bench):
    """every subset of copies destroyed but one: the rest is found, and rebuilt by an open"""
    for size, copies in STRATEGIES.values():
        for keep in range(copies):
            img = bench.set(size)
            img.change(0, {img.data_index(): word(USED, 5, IN_SLOT)})
            for copy in range(copies):
                if copy != keep:
                    img.destroy(copy)
            doc = check(img.path, code=4)
            assert numbers(doc) == [102, 202], doc
            assert doc["slots"]["used"] == 1 and doc["errors"]["fatal"] == 0
            states = [c["state"] for c in doc["copies"]]
            assert states == ["insync" if c == keep else "damaged" for c in range(copies)]


def test_every_subset(bench):
    """geometric: each of the 30 ways to lose some but not all superblocks"""
    for n in range(1, 5):
        for gone in itertools.combinations(range(5), n):
            img = bench.set()
            for copy in gone:
                img.flip(img.copies[copy])
            doc = check(img.path, code=4)
            assert numbers(doc) == ([105, 202] if n == 4 else [105])
            assert sorted(f["copy"] for f in doc["findings"] if f["number"] == 105) == list(gone)


def test_all_destroyed(bench):
    """no copy left: there is nothing to check"""
    img = bench.set()
    for copy in range(5):
        img.destroy(copy)
    with Untouched(img.path):
        dmremap("check", img.path, code=8).says("not formatted")


def test_table_block_lost(bench):
    """one table block gone in all copies: its slots are named, their blocks are not known"""
    img = bench.set(64 * MIB)
    for copy in range(5):
        img.flip(img.table_slot(copy, 3))
    doc = check(img.path, code=4)
    assert numbers(doc) == [305, 310], doc
    assert one(doc, 310)["table_block"] == 3 and one(doc, 310)["severity"] == "fatal"
    lost = doc["lost"][0]
    assert (lost["table_block"], lost["first_slot"], lost["last_slot"]) == (3, 1512, 2015)
    assert lost["known_blocks"] is None
    assert doc["slots"]["unknown"] == 504 - len([c for c in img.copies if 1512 <= c <= 2015])
    dmremap("check", img.path, code=4).says(
        "slots 1512-2015", "Which blocks of main these slots held is not known any more")


def test_table_block_lost_but_behind(bench):
    """the same, but an expelled copy has an older image: what lived there then is listed"""
    img = bench.set()
    i = img.data_index()
    img.change(0, {i: word(USED, 77, IN_SLOT), i + 1: word(PENDING, 2047, UNREADABLE)})
    img.change_super(copies=range(4), insync=0b01111)
    for copy in range(4):
        img.flip(img.table_slot(copy, 0))
    doc = check(img.path, code=4)
    assert {310, 201, 108} <= set(numbers(doc)), doc
    lost = doc["lost"][0]
    assert lost["known_copy"] == 4 and lost["known_generation"] == "0.2"
    assert [(b["main_block"], b["main_sector"], b["slot"]) for b in lost["known_blocks"]] == [
        (77, 616, i), (2047, 16376, i + 1)]
    dmremap("check", img.path, code=4).says("as of generation 0.2",
                                            f"main block 77 (sectors 616-623) in slot {i}",
                                            f"main block 2047 (sectors 16376-16383)")


def test_states(bench):
    """the JSON says which copy was expelled, and whether the set is in use"""
    img = bench.set()
    img.change_super(insync=0b11101, activity=image.IN_USE)
    doc = check(img.path, code=4)
    assert [c["state"] for c in doc["copies"]] == ["insync", "expelled"] + ["insync"] * 3
    assert doc["activity"] == "in use"
    assert doc["errors"] == {"fatal": 0, "fixable": 1} and doc["notes"] == 1


def test_only_expelled_left(bench):
    """the only copy that can be read was left behind: what it held is told as old"""
    img = bench.set(36 * KIB)
    i = img.data_index()
    img.change(0, {i: word(USED, 5, IN_SLOT)})
    img.change_super(insync=0b10)
    img.destroy(1)
    doc = check(img.path, code=4)
    assert doc["lost"][0]["known_blocks"][0]["main_block"] == 5
    dmremap("list", img.path, code=4).says("check")


def test_duplicates(bench):
    """two entries for one block: list shows the one that counts, check the other's sectors"""
    img = bench.set()
    i = img.data_index()
    img.change(0, {i: word(USED, 9, IN_SLOT, 3), i + 1: word(USED, 9, IN_SLOT, 0)})
    f = one(check(img.path, code=4), 401)
    assert (f["main_block"], f["slot"], f["main_sector"], f["main_sectors"]) == (9, i, 72, 8)
    entries = dmremap("list", "--json", img.path).json["entries"]
    assert [e["slot"] for e in entries] == [i + 1]


def test_lost_sectors(bench):
    """sectors that were given up: how many, and where, short at the tail"""
    img = bench.set(main_size=1 * MIB + 1536)
    i = img.data_index()
    img.change(0, {i: word(USED, 9, [IN_SLOT, LOST] + [ON_MAIN] * 6),
                   i + 1: word(USED, 256, [LOST, IN_SLOT, LOST])})
    doc = check(img.path)
    assert doc["lost_sectors"] == 3
    spans = [(f["main_block"], f["main_sector"], f["main_sectors"]) for f in doc["findings"]]
    assert spans == [(9, 72, 8), (256, 2048, 3)]
    dmremap("check", img.path).says("main block 256 (sectors 2048-2050)")


def test_no_spare(bench):
    """what is no spare cannot be checked: exit 8, and why"""
    dmremap("check", bench.dir / "none", code=8).says("does not exist")
    dmremap("check", bench.file("tiny", 4096), code=8).says("too small")
    dmremap("check", bench.dir, code=8).says("neither")
    dmremap("check", bench.main(), code=8).says("not formatted")
    spare = bench.file("old", MIB)
    with open(spare, "r+b") as f:
        f.write(bytes.fromhex("34524d44") + struct.pack("<I", 4))
    run = dmremap("check", "--json", spare, code=8).says("earlier dm-remap", "DMR4")
    assert run.out == ""


def test_hostile(bench):
    """random damage, sealed or not: an answer and an exit code, never a crash"""
    rng = random.Random(4)
    for n in range(150):
        img = bench.set(rng.choice((36 * KIB, 512 * KIB, 4 * MIB)))
        for _ in range(rng.randrange(1, 8)):
            slot = rng.choice([s + rng.randrange(3) for s in img.copies])
            block = img.get(slot)
            for _ in range(rng.choice((1, 1, 4, 400))):
                at = rng.choice((rng.randrange(64, 256), rng.randrange(12, 4096)))
                block.raw[at] = rng.choice((0, 0xff, rng.randrange(256)))
            if rng.random() < 0.8:
                block = image.Block(block.raw)
                block.seal()
            img.put_raw(slot, bytes(block.raw))
        with Untouched(img.path):
            dmremap("check", img.path, code=(0, 4, 8))
            run = dmremap("check", "--json", img.path, code=(0, 4, 8))
            dmremap("list", "--json", img.path, code=(0, 4))
        assert run.code == 8 or run.json, n


def test_usage(_):
    """wrong usage of check is 16, not 1"""
    dmremap("check", code=16)
    dmremap("check", "--yes", "x", code=16)
