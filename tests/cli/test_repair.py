# SPDX-License-Identifier: GPL-2.0-only
"""repair: what can be read of a damaged spare is a whole set again, in place or elsewhere;
what cannot is listed and never guessed; a power cut anywhere loses nothing more."""

import os
import random
import shutil

import image
from cli import KIB, MAIN, MIB, STRATEGIES, Untouched, check, digest, dmremap, numbers
from image import (BAD, BLK, ENTRIES, IN_SLOT, LOST, ON_MAIN, PENDING, UNREADABLE, USED,
                   Image, word)

SIZES = [size for size, _ in STRATEGIES.values()] + [33 * MIB]
CLEAN = {"fatal": 0, "fixable": 0}


def made(bench, size=4 * MIB, n=3, name="old.img", main=None):
    """A spare with n used slots, a hint and a bad slot if there is room; data tells its block."""
    spare = bench.file(name, size)
    dmremap("format", main or bench.main(), spare, "--yes")
    img = Image(spare)
    t = img.table(0, 0)
    free = [i for i in range(min(ENTRIES, img.sb["slots"])) if t.entry(i) == 0]
    n = min(n, len(free) - 1)
    entries = {}
    for k, i in enumerate(free[:n]):
        entries[i] = word(USED, 100 + k, [IN_SLOT, LOST, ON_MAIN] + [IN_SLOT] * 5, k % 4)
        img.put_raw(i, bytes([k + 1]) * BLK)
    entries[free[n]] = word(PENDING, 50, [ON_MAIN] * 7 + [UNREADABLE])
    if len(free) > n + 1:
        entries[free[n + 1]] = word(BAD)
    img.change(0, entries)
    img.change_super(witness_valid=1)
    return img


def blocks(path):
    """block: (kind, states, the bytes that its slot is full of)"""
    img, out = Image(path), {}
    for e in dmremap("list", "--json", path).json["entries"]:
        if e["kind"] != "bad":
            with open(img.path, "rb") as f:
                f.seek(e["slot"] * BLK)
                out[e["main_block"]] = (e["kind"], e["states"],
                                        set(f.read(BLK)) if e["kind"] == "used" else None)
    return out


def bad_slots(path):
    return [e["slot"] for e in dmremap("list", "--json", path).json["entries"]
            if e["kind"] == "bad"]


def is_clean(path):
    doc = check(path)
    assert doc["errors"] == CLEAN, doc["findings"]
    assert all(c["state"] == "insync" for c in doc["copies"])
    img = Image(path, doc["copies"][0]["slot"])
    assert all(img.super(c)["witness_valid"] == 0 for c in range(len(img.copies)))
    return doc


def clone(img, name="clone.img"):
    path = os.path.join(os.path.dirname(img.path), name)
    shutil.copyfile(img.path, path)
    return path


def decisions(run):
    return sorted({d["decision"] for d in run.json["decisions"]})


def both(bench, img, code=0, args=(), size=None):
    """Repaired to another device and in place; a dry run writes nothing and says the same.
    Yields the paths of the results, and what was answered."""
    target = bench.file("target.img", size or os.path.getsize(img.path))
    place = clone(img)
    for path, where in ((img.path, [target]), (place, ["--in-place"])):
        with Untouched(img.path, target, place):
            dry = dmremap("repair", path, *where, *args, "--dry-run", "--json", code=code)
            text = dmremap("repair", path, *where, *args, "--dry-run", code=code)
        with Untouched(img.path):
            run = dmremap("repair", path, *where, *args, "--yes", "--json", code=code)
        before, after = dry.json, run.json
        assert (before["written"], after["written"]) == (False, True), run
        for key in set(before) - {"written", "dry_run", "target"}:
            assert before[key] == after[key], (key, dry, run)
        for d in after["decisions"]:
            assert d["text"] in text.out, (d, text)
        result = target if where == [target] else place
        is_clean(result)
        yield result, run
    assert Image(place).sb.uuid != Image(target).sb.uuid


def test_undamaged(bench):
    """nothing to repair: not written, exit 0; to another device it is a copy"""
    for size in SIZES:
        img = made(bench, size)
        with Untouched(img.path):
            dmremap("repair", img.path, "--in-place", "--yes").says("nothing to repair")
            run = dmremap("repair", img.path, "--in-place", "--yes", "--json")
            assert run.json["result"] == "whole" and not run.json["written"]
            target = bench.file("target.img", 33 * MIB)
            run = dmremap("repair", img.path, target, "--yes")
        assert blocks(target) == blocks(img.path)
        is_clean(target)
        assert bad_slots(target) == []


def test_supers_destroyed(bench):
    """no superblock left: made anew from main and the table, uuid and mark as they were"""
    for size in SIZES:
        img = made(bench, size)
        if size == 33 * MIB:
            img.raise_mark(16)
            img.change(12, {200: word(USED, 7, IN_SLOT)})
            img.put_raw(12 * ENTRIES + 200, bytes([9]) * BLK)
        before, uuid, mark = blocks(img.path), img.super(0).uuid, img.super(0)["hwm_blk"]
        bad = bad_slots(img.path)
        for c in img.copies:
            img.zero(c)
        with Untouched(img.path):
            for where in (["--in-place"], [bench.file("target.img", size)]):
                dmremap("repair", img.path, *where, "--yes", code=4).says("--main")
        for path, run in both(bench, img, args=["--main", bench.main()]):
            assert blocks(path) == before
            assert run.json["superblock"] == "rebuilt" and run.json["result"] == "repaired"
            assert decisions(run) == ["superblock-rebuilt"]
            if run.json["in_place"]:
                sb = Image(path).sb
                assert (sb.uuid, sb["hwm_blk"], sb["main_sect"]) == (uuid, mark, MAIN // 512)
                assert bad_slots(path) == bad


def test_supers_damaged(bench):
    """wrong checksums everywhere, in every superblock: the same"""
    img = made(bench)
    before = blocks(img.path)
    for c in img.copies:
        img.flip(c)
    for path, _ in both(bench, img, args=["--main", bench.main()]):
        assert blocks(path) == before


def test_wrong_main(bench):
    """a main that the table cannot be about is refused; without superblocks, and with"""
    img = made(bench)
    small = bench.file("small.img", 64 * BLK)
    large = bench.file("large.img", 2 * MAIN)
    with Untouched(img.path):
        dmremap("repair", img.path, "--in-place", "--main", small, "--yes", code=4)
    for c in img.copies:
        img.zero(c)
    with Untouched(img.path):
        dmremap("repair", img.path, "--in-place", "--main", small, "--yes", code=4).says(
            "Is this its main?")
    dmremap("repair", clone(img), "--in-place", "--main", large, "--yes")


def test_other_size(bench):
    """no superblock left, and the device has another size than it had"""
    for size, new in ((36 * KIB, 44 * KIB), (36 * KIB, MIB), (512 * KIB, 600 * KIB),
                      (512 * KIB, 4 * MIB), (4 * MIB, 4 * MIB + 64 * KIB), (4 * MIB, 8 * MIB),
                      (4 * MIB, 33 * MIB), (33 * MIB, 64 * MIB)):
        for keep in range(2):
            img = made(bench, size)
            before = blocks(img.path)
            for c, at in enumerate(img.copies):
                if c % 2 != keep:
                    img.destroy(c)
                img.zero(at)
            os.truncate(img.path, new)
            for path, run in both(bench, img, args=["--main", bench.main()]):
                assert blocks(path) == before, (size, new, keep)
                assert "size-found" in decisions(run), run
                if run.json["in_place"]:
                    assert Image(path).copies == img.copies
    # superblocks are left, and not where that size has them
    for size, new in ((36 * KIB, MIB), (512 * KIB, 600 * KIB), (4 * MIB, 33 * MIB)):
        img = made(bench, size)
        before = blocks(img.path)
        img.zero(0)
        os.truncate(img.path, new)
        for path, run in both(bench, img, args=["--main", bench.main()]):
            assert blocks(path) == before
            # an old anchor may be an alternate of the new size: then a loader finds it, too
            assert run.json["superblock"] == "believed"
            assert decisions(run) in (["size-found"], [])
    img = made(bench, 33 * MIB)
    before = blocks(img.path)
    for c in img.copies:
        img.zero(c)
    os.truncate(img.path, 20 * MIB)
    main = bench.main()
    with Untouched(img.path):
        dmremap("repair", img.path, "--in-place", "--yes", "--main", main, code=4).says("smaller")
        target = bench.file("target.img", 4 * MIB)
        dmremap("repair", img.path, target, "--yes", "--main", main)
    assert blocks(target) == before


def test_nothing_there(bench):
    """not a spare, with or without main; too small"""
    plain = bench.file("plain.img", 4 * MIB)
    target = bench.file("target.img", 4 * MIB)
    tiny = bench.file("tiny.img", 8 * KIB)
    with Untouched(plain, target, tiny):
        dmremap("repair", plain, target, "--yes", code=4).says("not formatted", "--main")
        dmremap("repair", plain, "--in-place", "--yes", "--main", bench.main(),
                code=4).says("nothing of a set")
        dmremap("repair", tiny, target, "--yes", code=4).says("too small")
        dmremap("repair", bench.dir / "none", target, "--yes", code=4)


def test_table_lost(bench):
    """a table block destroyed in all copies: its slots are bad, nothing else is lost"""
    img = made(bench)
    before = blocks(img.path)
    meta = sum(c // ENTRIES == 1 or (c + 4) // ENTRIES == 1 for c in img.copies)
    assert meta == 1
    for c in range(5):
        img.flip(img.table_slot(c, 1), 200 + c)
    for path, run in both(bench, img, code=4):
        assert blocks(path) == before
        doc = run.json
        assert decisions(run) == ["table-lost"] and doc["table_blocks"]["lost"] == 1
        assert doc["result"] == "losses" and doc["sectors_lost"] == 0
        d = doc["decisions"][0]
        assert (d["table_block"], d["first_slot"], d["last_slot"]) == (1, 504, 1007)
        assert doc["slots_retired"] == ENTRIES - 5
        if doc["in_place"]:
            assert len([s for s in bad_slots(path) if s >= 504]) == ENTRIES - 5


def test_table_lost_in_part(bench):
    """each table block lost in another copy, every copy alone with one: all is kept"""
    img = made(bench, 33 * MIB)
    img.raise_mark(16)
    for blk in range(1, 6):
        img.change(blk, {300: word(USED, blk, IN_SLOT)})
        img.put_raw(blk * ENTRIES + 300, bytes([blk + 20]) * BLK)
        for c in range(5):
            if c != blk - 1:
                img.flip(img.table_slot(c, blk))
    before = blocks(img.path)
    for path, run in both(bench, img):
        assert blocks(path) == before and run.json["result"] == "repaired"


def test_left_behind(bench):
    """a table block of which only a copy that was left behind has an image: taken, and said"""
    img = made(bench)
    img.change_super(copies=range(4), insync=0b01111)
    before = blocks(img.path)
    for c in range(4):
        img.flip(img.table_slot(c, 0))
    for path, run in both(bench, img, code=4):
        assert blocks(path) == before
        assert decisions(run) == ["table-old"] and run.json["decisions"][0]["copy"] == 4
        assert run.json["result"] == "losses"


def test_only_expelled(bench):
    """the only copy that is left says it was left behind: all it has is taken"""
    for size in SIZES:
        img = made(bench, size)
        before = blocks(img.path)
        img.change_super(insync=0b10)
        for c in range(1, len(img.copies)):
            img.destroy(c)
        assert check(img.path, code=4)["errors"]["fatal"]
        for path, run in both(bench, img, code=4):
            assert blocks(path) == before
            assert run.json["superblock"] == "doubtful"
            assert decisions(run) == ["superblock-chosen"]


def test_two_histories(bench):
    """superblocks of one generation that differ, and nothing else: what they agree on"""
    for size in SIZES:
        img = made(bench, size)
        before = blocks(img.path)
        half = len(img.copies) // 2
        img.change_super(copies=range(half), counter=50, activity=image.IN_USE)
        img.change_super(copies=range(half, len(img.copies)), counter=50, created_s=5)
        assert 109 in numbers(check(img.path, code=4))
        for path, run in both(bench, img, code=4):
            assert blocks(path) == before
            assert decisions(run) == ["superblock-chosen"] and run.json["result"] == "losses"


def tie(img, ours, theirs, copies=None):
    """Two images of table block 0, of one generation."""
    copies = copies or (len(img.copies) + 1) // 2
    img.change(0, ours, copies=range(copies), counter=90)
    img.change(0, theirs, copies=range(copies, len(img.copies)), counter=90)


def test_table_tie(bench):
    """what equally new images agree on stays; blocks that they do not agree on are lost sectors"""
    for size in SIZES[1:]:
        img = made(bench, size)
        before = blocks(img.path)
        i = max(img.data_index(), 40)
        some = [IN_SLOT, IN_SLOT] + [ON_MAIN] * 6
        tie(img,
            {i: word(USED, 5, some), i + 1: word(USED, 6, IN_SLOT), i + 2: word(USED, 7, some),
             i + 3: word(BAD), i + 4: word(USED, 10, some), i + 5: word(PENDING, 11, UNREADABLE)},
            {i: word(USED, 8, IN_SLOT), i + 2: word(USED, 7, [IN_SLOT] + [LOST] * 7),
             i + 3: word(USED, 9, some), i + 4: word(USED, 10, some), i + 5: word(BAD)})
        assert 309 in numbers(check(img.path, code=4))
        for path, run in both(bench, img, code=4):
            after = blocks(path)
            assert {b: v for b, v in after.items() if b >= 100 or b == 50} == before
            states = {b: v[:2] for b, v in after.items() if b < 50}
            assert states == {5: ("used", "llmmmmmm"), 6: ("used", "llllllll"),
                              7: ("used", "slllllll"), 8: ("used", "llllllll"),
                              9: ("used", "llmmmmmm"), 10: ("used", "ssmmmmmm"),
                              11: ("pending", "pppppppp")}, run
            assert decisions(run) == ["sector-lost", "table-merged"]
            assert run.json["sectors_lost"] == 2 + 8 + 1 + 8 + 2


def test_tie_without_room(bench):
    """lost sectors that find no slot of their own: in place refused, elsewhere not"""
    img = made(bench, 36 * KIB, n=1)
    i = img.data_index() if 0 in [img.table(0, 0).entry(k) for k in range(9)] else 5
    tie(img, {i: word(USED, 5, IN_SLOT)}, {i: word(USED, 8, IN_SLOT)})
    with Untouched(img.path):
        dmremap("repair", img.path, "--in-place", "--yes", code=4).says("no free slots")
    target = bench.file("target.img", MIB)
    dmremap("repair", img.path, target, "--yes", code=4)
    assert {b: s[1] for b, s in blocks(target).items() if b < 50} == {5: "l" * 8, 8: "l" * 8}


def test_duplicates(bench):
    """of two slots the newer counts; where nothing says so, the sectors are lost, the rest bad"""
    img = made(bench, 33 * MIB)
    before = blocks(img.path)
    i = max(img.data_index(), 60)
    img.change(0, {i: word(USED, 9, IN_SLOT, 3), i + 1: word(USED, 9, IN_SLOT, 0),
                   i + 2: word(USED, 10, [IN_SLOT] + [ON_MAIN] * 7, 1)})
    img.change(1, {300: word(USED, 10, [ON_MAIN] * 6 + [UNREADABLE, IN_SLOT], 1)})
    img.change(2, {300 + n: word(USED, 11, IN_SLOT, n) for n in range(3)})
    img.put_raw(i + 1, b"\x07" * BLK)
    for path, run in both(bench, img, code=4):
        after = blocks(path)
        assert {b: v for b, v in after.items() if b not in (9, 10, 11)} == before
        assert after[9] == ("used", "ssssssss", {7})
        assert after[10][:2] == ("used", "lmmmmmpl")
        assert after[11][:2] == ("used", "llllllll")
        assert run.json["sectors_lost"] == 2 + 8 and run.json["slots_retired"] == 1 + 1 + 2
        lost = {(d["main_sector"], d["main_sectors"]) for d in run.json["decisions"]
                if d["decision"] == "sector-lost"}
        assert lost == {(80, 1), (87, 1), (88, 8)}
        retired = {d["first_slot"] for d in run.json["decisions"]
                   if d["decision"] == "slot-retired"}
        assert retired == {i, ENTRIES + 300, 2 * ENTRIES + 301, 2 * ENTRIES + 302}
        if run.json["in_place"]:
            assert retired <= set(bad_slots(path))


def test_fixable(bench):
    """what an open would repair, in place: without a loss"""
    for damage in (lambda img: img.destroy(1), lambda img: img.flip(img.table_slot(0, 0)),
                   lambda img: img.change_super(insync=0b10111),
                   lambda img: [img.destroy(c) for c in range(4)]):
        img = made(bench)
        damage(img)
        before = blocks(Image(img.path, img.copies[4]).path) if img.super(0).valid(0) else None
        for path, run in both(bench, img):
            assert run.json["result"] == "repaired" and run.json["decisions"] == []
            assert before is None or blocks(path) == before
            assert len(blocks(path)) == 4


def newer(block):
    block.version = 5


def test_newer(bench):
    """anything of an unknown version: refused, also with force"""
    places = (lambda img: img.copies[2], lambda img: img.table_slot(3, 1),
              lambda img: img.aux_slot(4), lambda img: img.table_slot(1, 0))
    target = bench.file("target.img", 4 * MIB)
    for place in places:
        for supers in (True, False):
            img = made(bench)
            b = img.get(place(img))
            newer(b)
            img.put(b)
            for c in img.copies:
                if not supers and c != place(img):
                    img.flip(c)
            with Untouched(img.path, target):
                for where in ([target], ["--in-place"]):
                    dmremap("repair", img.path, *where, "--force", "--yes", "--main",
                            bench.main(), code=4).says("newer")
    img = made(bench)
    img.change_super(ro_compat=2)
    img.flip(img.copies[1])
    with Untouched(img.path, target):
        dmremap("repair", img.path, target, "--force", "--yes", code=4).says("newer")
        dmremap("repair", img.path, "--in-place", "--yes", code=4).says("newer")


def test_several_sets(bench):
    """superblocks, or table blocks, of two sets: refused; by force the one that has most"""
    img = made(bench)
    other = made(bench, n=1, name="other.img")
    before = blocks(img.path)
    for c in (1, 3):
        for k in range(5):
            img.put_raw(img.copies[c] + k, bytes(other.get(other.copies[c] + k).raw))
    args = ["--main", bench.main()]
    for code in (4, 0):
        with Untouched(img.path):
            dmremap("repair", img.path, "--in-place", *args, "--yes", code=4).says("sets")
        for path, _ in both(bench, img, args=[*args, "--force"], code=code):
            assert blocks(path) == before
        for c in img.copies:
            img.zero(c)


def test_unreadable_slots(bench):
    """sectors of slots that cannot be read are lost and listed; a dry run finds them, too"""
    img = made(bench)
    before = blocks(img.path)
    slot = min(e["slot"] for e in dmremap("list", "--json", img.path).json["entries"])
    target = bench.file("target.img", 512 * KIB)
    # the second and third sector of the block are lost, and on main: nobody misses them
    env = bench.faulty(path=img.path, sectors=[slot * 8 + k for k in (0, 1, 2, 5)])
    for args in (["--dry-run"], ["--yes"]):
        with Untouched(img.path):
            run = dmremap("repair", img.path, target, *args, "--json", env=env, code=4)
        lost = [d for d in run.json["decisions"] if d["decision"] == "sector-lost"]
        assert [(d["main_sector"], d["main_sectors"], d["first_slot"]) for d in lost] == [
            (800, 1, slot), (805, 1, slot)]
        assert run.json["sectors_lost"] == 2 and run.json["result"] == "losses"
    after = blocks(target)
    assert after.pop(100)[:2] == ("used", "llmsslss")
    before.pop(100)
    assert after == before
    is_clean(target)


def test_unreadable_metadata(bench):
    """superblocks and table blocks that give I/O errors: the other copies have it all"""
    img = made(bench)
    before = blocks(img.path)
    target = bench.file("target.img", 4 * MIB)
    slots = [*img.copies[:3], *(img.table_slot(c, 0) for c in range(4))]
    env = bench.faulty(path=img.path, sectors=[s * 8 for s in slots])
    with Untouched(img.path):
        dmremap("repair", img.path, target, "--yes", env=env)
    assert blocks(target) == before
    is_clean(target)


def test_refused(bench):
    """the spare itself, no room, something there, no yes, no device, too many: all untouched"""
    img = made(bench, n=20)
    img.flip(img.copies[1])
    target = bench.file("target.img", 4 * MIB)
    small, tiny = bench.file("small.img", 36 * KIB), bench.file("tiny.img", 8 * KIB)
    link = str(bench.dir / "link.img")
    os.link(img.path, link)
    other = made(bench, 512 * KIB, n=1, name="other.img")
    main = bench.main()
    with Untouched(img.path, target, small, tiny, other.path, main):
        for same in (img.path, link):
            for force in ([], ["--force"]):
                dmremap("repair", img.path, same, "--yes", *force, code=4).says("same device")
        dmremap("repair", img.path, small, "--yes", code=4).says("too small", "room for 3 blocks")
        dmremap("repair", img.path, tiny, "--yes", code=4).says("too small")
        dmremap("repair", img.path, other.path, "--yes", code=5).says("live only here: 1")
        dmremap("repair", img.path, main, "--main", main, "--yes", code=4).says("same device")
        dmremap("repair", img.path, target, code=1).says("20 blocks")
        dmremap("repair", img.path, "--in-place", code=1).says("20 blocks")
        dmremap("repair", img.path, "--yes", code=1).says("--in-place")
        dmremap("repair", img.path, target, "--in-place", "--yes", code=1).says("not both")
        dmremap("repair", img.path, bench.dir / "none", "--yes", code=4)
    dmremap("repair", img.path, other.path, "--yes", "--force")
    is_clean(other.path)


def test_in_use(bench):
    """a spare behind a loop device, a target that is mounted: refused"""
    img = made(bench)
    img.flip(img.copies[1])
    target = bench.file("target.img", 4 * MIB)
    dev = bench.loop(img.path)
    with Untouched(img.path, target):
        dmremap("repair", img.path, target, "--yes", code=5).says(dev)
        dmremap("repair", img.path, "--in-place", "--yes", code=5).says(dev)
        dmremap("repair", img.path, dev, "--yes", "--force", code=(4, 5))
    dmremap("repair", dev, target, "--yes")
    is_clean(target)
    dmremap("repair", dev, "--in-place", "--yes")
    is_clean(dev)
    bench.sh("mkfs.ext2", "-q", target)
    where = bench.loop(target)
    bench.mount(where)
    dmremap("repair", dev, where, "--yes", code=5).says("mounted")


def test_logical_blocks(bench):
    """a main with logical blocks of 4 KiB: one state for each block; one of 512 is not it"""
    main = bench.loop(bench.file("main4k.img", MAIN), "--sector-size", "4096")
    spare = bench.file("old.img", 4 * MIB)
    dmremap("format", main, spare, "--yes")
    img = Image(spare)
    i = img.data_index()
    img.change(0, {i: word(USED, 5, [IN_SLOT] + [ON_MAIN] * 7),
                   i + 1: word(USED, 6, [IN_SLOT] + [ON_MAIN] * 7),
                   i + 2: word(USED, 6, [IN_SLOT] + [ON_MAIN] * 7)})
    for c in img.copies:
        img.zero(c)
    for path, run in both(bench, img, code=4, args=["--main", main]):
        assert run.json["sectors_lost"] == 8 and run.json["blocks_kept"] == 1
        assert {b: v[1] for b, v in blocks(path).items()} == {5: "s", 6: "l"}
        assert check(path)["main"]["logical_block_bytes"] == 4096
    img = made(bench)
    for c in img.copies:
        img.zero(c)
    with Untouched(img.path):
        dmremap("repair", img.path, "--in-place", "--main", main, "--yes", code=4).says(
            "Is this its main?")


def test_epoch(bench):
    """above all that was seen, by more than anyone will have missed; the last one is refused"""
    img = made(bench)
    for c in (1, 3):
        t = img.table(c, 1)
        t.epoch = 77
        img.put(t)
    img.flip(img.copies[0])
    path = clone(img)
    dmremap("repair", path, "--in-place", "--yes")
    again = Image(path)
    assert {again.super(c).epoch for c in range(5)} == {77 + 1024}
    assert {again.table(c, b).epoch for c in range(5) for b in range(3)} == {77 + 1024}
    t = img.table(3, 1)
    t.epoch = 1 << 62
    img.put(t)
    with Untouched(img.path):
        dmremap("repair", img.path, "--in-place", "--yes", code=4).says("outrank")
        target = bench.file("target.img", 4 * MIB)
        dmremap("repair", img.path, target, "--yes")
    assert Image(target).sb.epoch == 0


def damages():
    """Kinds of damage with the options and the exit code of their repair, for power cuts."""
    def supers(img):
        for c in img.copies:
            img.zero(c)

    def lost(img):
        for c in range(len(img.copies)):
            img.flip(img.table_slot(c, 0))

    def most(img):
        for c in range(len(img.copies) - 1):
            img.destroy(c)

    def expelled(img):
        img.change_super(insync=0b10)
        for c in range(1, len(img.copies)):
            img.destroy(c)

    def histories(img):
        half = len(img.copies) // 2
        img.change_super(copies=range(half), counter=50, activity=image.IN_USE)
        img.change_super(copies=range(half, len(img.copies)), counter=50, created_s=5)

    def duplicate(img):
        i = img.data_index()
        img.change(0, {i: word(USED, 20, IN_SLOT), i + 1: word(USED, 20, IN_SLOT)})

    def tied(img):
        i = img.data_index()
        tie(img, {i: word(USED, 5, IN_SLOT)}, {i: word(USED, 8, IN_SLOT)})

    def scattered(img):
        for c in range(1, len(img.copies)):
            img.flip(img.table_slot(c, 0))
        for c in range(len(img.copies) - 1):
            img.flip(img.table_slot(c, 1))

    return {"supers": (supers, True, 0), "lost": (lost, False, 4), "most": (most, False, 0),
            "expelled": (expelled, False, 4), "histories": (histories, False, 4),
            "duplicate": (duplicate, False, 4), "tied": (tied, False, 4),
            "scattered": (scattered, False, 0)}


def cut(bench, img, args, code, want, torn=None):
    """A power cut after each write of a repair in place: what is there then is the set as it was,
    refused as before, or the repaired one; and a second repair always makes that of it."""
    opened = want["checkable"] and not check(img.path, code=4)["errors"]["fatal"]
    after, k = clone(img, "cut.img"), 0
    while True:
        shutil.copyfile(img.path, after)
        env = bench.faulty(writes=k, torn=torn)
        run = dmremap("repair", after, "--in-place", "--yes", *args, env=env, code=(0, 4, 99))
        if run.code != 99:
            break
        state = dmremap("check", "--json", after, code=(0, 4, 8))
        fatal = state.code == 8 or state.json["errors"]["fatal"]
        assert not (opened and fatal), (k, state)
        if not fatal:
            assert blocks(after) == want["blocks"], (k, state)
        dmremap("repair", after, "--in-place", "--yes", *args, code=(0, 4))
        is_clean(after)
        assert blocks(after) == want["blocks"], k
        k += 1
    assert run.code == code and k > 5, (run, k)
    return k


def test_power_cut(bench):
    """a power cut at each write, whole or torn: the set as it was, or the repaired one"""
    for size in (36 * KIB, 512 * KIB, 4 * MIB):
        for name, (damage, needs_main, code) in damages().items():
            if size == 36 * KIB and name in ("duplicate", "tied"):
                continue    # there is no room for it
            if size < 4 * MIB and name == "scattered":
                continue    # one table block
            img = made(bench, size, n=2)
            damage(img)
            args = ["--main", bench.main()] if needs_main else []
            done = clone(img)
            dmremap("repair", done, "--in-place", "--yes", *args, code=code)
            want = {"blocks": blocks(done), "checkable": name != "supers"}
            for torn in (None, 1024) if size == 4 * MIB else (1024,):
                cut(bench, img, args, code, want, torn)


def test_power_cut_scattered(bench):
    """... where every copy is alone with a table block: they are brought together first"""
    img = made(bench, 12 * MIB)
    for blk in range(1, 6):
        img.change(blk, {300: word(USED, blk, IN_SLOT)})
        for c in range(5):
            if c != blk - 1:
                img.flip(img.table_slot(c, blk))
    want = {"blocks": blocks(img.path), "checkable": True}
    assert len(want["blocks"]) == 9
    cut(bench, img, [], 0, want, 1024)


def test_hostile(bench):
    """random damage, sealed or not: refused, or a clean set; never a crash, never both touched"""
    rng = random.Random(5)
    main = bench.main()
    repaired = 0
    for n in range(100):
        img = made(bench, rng.choice((36 * KIB, 512 * KIB, 4 * MIB)), rng.randrange(1, 8))
        for _ in range(rng.randrange(1, 30)):
            slot = rng.choice([s + rng.randrange(3) for s in img.copies])
            block = img.get(slot)
            for _ in range(rng.choice((1, 1, 4, 400))):
                at = rng.choice((rng.randrange(32, 256), rng.randrange(12, 4096)))
                block.raw[at] = rng.choice((0, 0xff, rng.randrange(256)))
            if rng.random() < 0.8:
                block = image.Block(block.raw)
                block.seal()
            img.put_raw(slot, bytes(block.raw))
        target = bench.file("target.img", 4 * MIB)
        args = rng.choice(([], ["--force"], ["--main", main], ["--main", main, "--force"]))
        with Untouched(img.path):
            run = dmremap("repair", img.path, target, "--yes", "--json", *args, code=(0, 4))
        if run.out:
            is_clean(target)
            repaired += 1
        else:
            assert not any(open(target, "rb").read()), run
        before = digest(img.path)
        run = dmremap("repair", img.path, "--in-place", "--yes", "--json", *args, code=(0, 4))
        if run.out and run.json["written"]:
            is_clean(img.path)
        else:
            assert digest(img.path) == before, (n, run)
    assert repaired > 30, repaired


def test_noise(bench):
    """random bytes all over, and a whole spare of them: nothing is found, nothing written"""
    rng = random.Random(6)
    path = bench.file("noise.img")
    with open(path, "wb") as f:
        f.write(rng.randbytes(MIB))
    with Untouched(path):
        dmremap("repair", path, "--in-place", "--yes", "--force", "--main", bench.main(), code=4)
    img = made(bench)
    before = blocks(img.path)
    meta = [c + k for c in img.copies[1:] for k in range(5)]
    for slot in meta:
        img.put_raw(slot, rng.randbytes(BLK))
    img.zero(0)
    for result, _ in both(bench, img, args=["--main", bench.main()]):
        assert blocks(result) == before
