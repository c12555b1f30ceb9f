# SPDX-License-Identifier: GPL-2.0-only
"""resize: the same blocks on a spare of another size, in place; a power cut anywhere loses
nothing; what cannot be done is refused before anything is written."""

import os
import random
import shutil

import image
from cli import KIB, MAIN, MIB, Untouched, check, dmremap, numbers
from image import (BAD, BLK, ENTRIES, IN_SLOT, IN_USE, LOST, ON_MAIN, PENDING, SUPER, TOMBSTONE,
                   UNREADABLE, USED, Image, anchors_of, word)

CLEAN = {"fatal": 0, "fixable": 0}


def made(bench, size, n=None, name="spare.img"):
    """A spare with n used slots (all but a few), a hint and a bad slot; data tells its block."""
    spare = bench.file(name, size)
    dmremap("format", bench.main(), spare, "--yes")
    img = Image(spare)
    hwm, slots = img.sb["hwm_blk"], img.sb["slots"]
    tables = [img.table(0, blk) for blk in range(hwm)]
    free = [s for s in range(min(hwm * ENTRIES, slots))
            if tables[s // ENTRIES].entry(s % ENTRIES) == 0]
    n = len(free) - 2 if n is None else min(n, len(free) - 2)
    entries = {}
    for k, s in enumerate(free[:n]):
        entries[s] = word(USED, k + (k >= 50), [IN_SLOT, LOST, ON_MAIN] + [IN_SLOT] * 5, k % 4)
        img.put_raw(s, bytes([k % 255 + 1]) * BLK)
    entries[free[n]] = word(PENDING, 50, [ON_MAIN] * 7 + [UNREADABLE])
    entries[free[n + 1]] = word(BAD)
    for blk in range(hwm):
        mine = {s % ENTRIES: w for s, w in entries.items() if s // ENTRIES == blk}
        if mine:
            img.change(blk, mine)
    img.change_super(witness_valid=1)
    return img


def blocks(path):
    """block: (kind, states, the bytes that its slot is full of)"""
    out = {}
    for e in dmremap("list", "--json", path, code=(0, 4)).json["entries"]:
        if e["kind"] != "bad":
            with open(path, "rb") as f:
                f.seek(e["slot"] * BLK)
                out[e["main_block"]] = (e["kind"], e["states"],
                                        set(f.read(BLK)) if e["kind"] == "used" else None)
    return out


def strays(path, img):
    """Superblocks of this set that lie where no copy is."""
    out = []
    for slot in range(os.path.getsize(path) // BLK):
        b = img.get(slot)
        if b.type == SUPER and b.uuid == img.sb.uuid and slot not in img.copies and b.valid(slot):
            out.append(slot)
    return out


def is_resized(path, size, before, device=None):
    """A clean set of this size, in its anchors, with these blocks, and nothing left of another"""
    doc = check(path)
    assert doc["errors"] == CLEAN, doc["findings"]
    found = [n for n in numbers(doc) if n != 403]
    assert found == ([503] if device and device != size else []), found
    assert all(c["state"] == "insync" for c in doc["copies"])
    img = Image(path)
    assert img.sb["slots"] == size // BLK and img.sb["spare_sect"] == size // 512
    assert img.copies == anchors_of(size // BLK)
    assert img.sb["ro_compat"] == 0 and img.sb["witness_valid"] == 1
    assert blocks(path) == before
    assert not strays(path, img), strays(path, img)
    return img


PAIRS = [(36 * KIB, 128 * KIB), (100 * KIB, 300 * KIB), (300 * KIB, 1 * MIB), (MIB, 4 * MIB),
         (512 * KIB, 5 * MIB), (4 * MIB, 8 * MIB), (4 * MIB, 4 * MIB + 64 * KIB),
         (5 * MIB + 4 * KIB, 33 * MIB), (8 * MIB, 24 * MIB)]


def test_grown(bench):
    """each placement to the next, and within one: a full spare, all blocks in the way move"""
    for old, new in PAIRS:
        for n in (0, 3, None):
            if n is None and new - old < MIB // 10:
                continue    # what is new is too little to work with
            img = made(bench, old, n)
            before, uuid = blocks(img.path), img.sb.uuid
            os.truncate(img.path, new)
            with Untouched(img.path):
                dmremap("resize", img.path, "--dry-run").says("blocks in the way")
            dmremap("resize", img.path, "--yes")
            assert is_resized(img.path, new, before).sb.uuid == uuid
            with Untouched(img.path):
                dmremap("resize", img.path, "--yes").says("sizes of its devices")


def test_shrunk(bench):
    """the way back: first the set, then the device; in between it is whole as well"""
    for new, old in PAIRS:
        for n in (0, 3, 40):
            img = made(bench, old, n)
            before = blocks(img.path)
            room = (new // BLK) - len(anchors_of(new // BLK)) * image.length_of(new // BLK)
            if room < len(before) + 10:
                if room < len(before):
                    with Untouched(img.path):
                        dmremap("resize", img.path, "--spare-size", new, "--yes", code=4)
                continue
            dmremap("resize", img.path, "--spare-size", new, "--yes").says("not before")
            is_resized(img.path, new, before, old)
            os.truncate(img.path, new)
            is_resized(img.path, new, before)


def test_any_size(bench):
    """sizes at random, up and down, blocks as many as there may be"""
    rng = random.Random(7)
    done = 0
    for _ in range(60):
        old, new = (rng.randrange(9, 3000) * BLK for _ in range(2))
        img = made(bench, old, rng.randrange(1, 400))
        before = blocks(img.path)
        if new > old:
            os.truncate(img.path, new)
        copy = str(bench.dir / "before.img")
        shutil.copyfile(img.path, copy)
        run = dmremap("resize", img.path, "--spare-size", new, "--yes", code=(0, 4))
        if run.code:
            run.says("no room")
            with open(img.path, "rb") as a, open(copy, "rb") as b:
                assert a.read() == b.read()
            continue
        is_resized(img.path, new, before, os.path.getsize(img.path))
        done += 1
    assert done > 25, done


def test_main(bench):
    """main grew: a size in the superblocks, and nothing else"""
    img = made(bench, 4 * MIB, 3)
    before, copies = blocks(img.path), img.copies
    main = bench.file("larger.img", MAIN + 4096)
    with Untouched(img.path):
        dmremap("resize", img.path, "--main", main, "--dry-run").says("main: from")
    dmremap("resize", img.path, "--main", main, "--yes")
    img = Image(img.path)
    assert img.sb["main_sect"] == (MAIN + 4096) // 512 and img.copies == copies
    assert blocks(img.path) == before and check(img.path)["errors"] == CLEAN
    small = bench.file("smaller.img", MAIN - 4096)
    with Untouched(img.path):
        dmremap("resize", img.path, "--main", small, "--yes", code=4).says("smaller")
    # both at once
    os.truncate(img.path, 9 * MIB)
    main = bench.file("again.img", MAIN + 8192)
    dmremap("resize", img.path, "--main", main, "--yes")
    assert is_resized(img.path, 9 * MIB, before).sb["main_sect"] == (MAIN + 8192) // 512


def test_refused(bench):
    """no size, a set that is not whole or not closed, a slot that does not read: untouched"""
    img = made(bench, 4 * MIB, 3)
    for size in ("0", "x", "5Q", "100", "-1", "", "K", "99999999999T"):
        with Untouched(img.path):
            dmremap("resize", img.path, "--spare-size", size, code=1).says("--spare-size")
    with Untouched(img.path):
        dmremap("resize", img.path, "--spare-size", "8M", "--yes", code=4).says("larger first")
        dmremap("resize", img.path, "--spare-size", "32K", "--yes", code=1).says("too small")
    os.truncate(img.path, 8 * MIB)
    with Untouched(img.path):
        dmremap("resize", img.path, code=1)     # nobody to ask
    for damage in (lambda i: i.change_super(activity=IN_USE), lambda i: i.change_super(ro_compat=2),
                   lambda i: i.flip(i.table_slot(2, 0)), lambda i: i.zero(i.copies[3])):
        img = made(bench, 4 * MIB, 3)
        damage(img)
        os.truncate(img.path, 8 * MIB)
        with Untouched(img.path):
            dmremap("resize", img.path, "--yes", code=4)
    blank = bench.file("blank.img", 4 * MIB)
    with Untouched(blank):
        dmremap("resize", blank, "--yes", code=4).says("not formatted")
    full = made(bench, 4 * MIB)
    os.truncate(full.path, 4 * MIB + 8 * KIB)
    with Untouched(full.path):
        dmremap("resize", full.path, "--yes", code=4).says("no room")


def test_unreadable(bench):
    """a slot in the way that does not read stops it; sectors of it that nobody needs do not"""
    for sector, code in ((0, 4), (2, 0), (1, 0)):
        img = made(bench, 4 * MIB, 30)
        before = blocks(img.path)
        slot = image.length_of(1024)    # the first behind copy 0: in the way of a longer one
        os.truncate(img.path, 33 * MIB)
        env = bench.faulty(path=img.path, sectors=[slot * 8 + sector])
        if code:
            with Untouched(img.path):
                dmremap("resize", img.path, "--yes", env=env, code=4).says("cannot be read")
            continue
        dmremap("resize", img.path, "--yes", env=env)
        after = blocks(img.path)
        assert set(after) == set(before)
        assert all(after[b][:2] == before[b][:2] for b in before)


def believed(path):
    """What a loader makes of it: nothing is lost, and these are the blocks"""
    state = dmremap("check", "--json", path, code=(0, 4))
    assert not state.json["errors"]["fatal"], state
    return blocks(path)


def findable(path, uuid):
    """Is there more than slot 0 for a reader who knows nothing but the size of the device? A set
    on a device that has grown has no more, until its resize has got as far as tombstones."""
    for slot in anchors_of(os.path.getsize(path) // BLK)[1:]:
        with open(path, "rb") as f:
            f.seek(slot * BLK)
            b = image.Block(f.read(BLK))
        if b.type in (SUPER, TOMBSTONE) and b.uuid == uuid and b.valid(slot):
            return True
    return False


def cut_at_each_write(bench, img, size, device, torn):
    """After each write: the same blocks, even without slot 0; and another resize ends it"""
    before, k, found = blocks(img.path), 0, 0
    after, less = str(bench.dir / "cut.img"), str(bench.dir / "less.img")
    while True:
        shutil.copyfile(img.path, after)
        env = bench.faulty(writes=k, torn=torn)
        run = dmremap("resize", after, "--spare-size", size, "--yes", env=env, code=(0, 99))
        if run.code == 0:
            break
        assert believed(after) == before, k
        shutil.copyfile(after, less)
        with open(less, "r+b") as f:
            f.write(bytes(BLK))
        if findable(after, img.sb.uuid):
            assert believed(less) == before, f"write {k}, slot 0 lost"
            found += 1
        dmremap("resize", after, "--spare-size", size, "--yes")
        is_resized(after, size, before, device)
        k += 1
    is_resized(after, size, before, device)
    assert k > 10 and found > 5, (k, found)


def test_power_cut(bench):
    """a power cut at each write, whole or torn: the set as it was, or as it is to be"""
    for old, new, n in ((40 * KIB, 160 * KIB, 2), (MIB, 3 * MIB, 9), (4 * MIB, 9 * MIB, 12),
                        (9 * MIB, 4 * MIB + 4 * KIB, 7), (8 * MIB, 4 * MIB, 9),
                        (160 * KIB, 80 * KIB, 3), (4 * MIB, 4 * MIB + 32 * KIB, 5)):
        for torn in (None, 1024) if n == 9 else (1024,):
            img = made(bench, old, n)
            if new > old:
                os.truncate(img.path, new)
            cut_at_each_write(bench, img, new, max(old, new), torn)


def test_device_changes(bench):
    """cut short, and the device has another size when it goes on: nothing is written over data"""
    for old, new, n, later in ((4 * MIB, 9 * MIB, 900, 33 * MIB), (4 * MIB, 9 * MIB, 900, 12 * MIB),
                               (9 * MIB, 8 * MIB, 1900, 8 * MIB + 512 * KIB),
                               (4 * MIB, 9 * MIB, 900, 8 * MIB)):
        img = made(bench, old, n)
        if new > old:
            os.truncate(img.path, new)
        before, k = blocks(img.path), 0
        with open(img.path, "rb") as f:
            whole = f.read()
        # as far as the switch, the one write to slot 0
        while Image(img.path).get(0).type != TOMBSTONE:
            with open(img.path, "wb") as f:
                f.write(whole)
            k += 5 if k < 20 else 1
            dmremap("resize", img.path, "--spare-size", new, "--yes", code=(0, 99),
                    env=bench.faulty(writes=k))
            assert k < 2000
        os.truncate(img.path, later)
        if later < new:
            with Untouched(img.path):
                dmremap("resize", img.path, "--yes", code=4)
            continue
        dmremap("resize", img.path, "--spare-size", new, "--yes")
        is_resized(img.path, new, before, later)


def test_strays(bench):
    """what a cut before the switch leaves is where nobody looks, also without slot 0"""
    img = made(bench, 4 * MIB, 5)
    os.truncate(img.path, 9 * MIB)
    with open(img.path, "rb") as f:
        whole = f.read()
    k, supers = 1, []
    while True:
        with open(img.path, "wb") as f:
            f.write(whole)
        dmremap("resize", img.path, "--yes", env=bench.faulty(writes=k), code=99)
        if img.get(0).type == TOMBSTONE:
            break
        k += 1
        supers = strays(img.path, img)
        img.zero(0)
        dmremap("check", img.path, code=8).says("not formatted")
    assert len(supers) == 2, supers


def test_impossible(bench):
    """sizes that no superblock can state, claims that no device holds: a sentence"""
    img = made(bench, 4 * MIB, 3)
    main = bench.file("huge.img", 1 << 53)
    with Untouched(img.path):
        dmremap("resize", img.path, "--main", main, "--yes", code=4)
    img.change_super(spare_sect=20 << 21, slots=20 << 18, table_blk=-(-(20 << 18) // ENTRIES),
                     hwm_blk=5000)
    for c, slot in enumerate(anchors_of(20 << 18)):
        if slot < 1024:
            img.put(img.super(c), slot)
    for cmd in ("resize", "dump", "list", "map", "retarget", "replace"):
        args = [bench.main()] if cmd == "retarget" else [main] if cmd == "replace" else []
        dmremap(cmd, img.path, *args, code=4)


def test_errors(bench):
    """each write and each flush fails once: the same blocks, whatever it says; it can go on"""
    for old, new, n in ((MIB, 3 * MIB, 9), (9 * MIB, 4 * MIB + 4 * KIB, 7),
                        (40 * KIB, 160 * KIB, 2)):
        img = made(bench, old, n)
        if new > old:
            os.truncate(img.path, new)
        before, after = blocks(img.path), str(bench.dir / "after.img")
        for what in ("fails", "syncs"):
            codes, k = set(), 0
            while True:
                shutil.copyfile(img.path, after)
                env = bench.faulty(**{what: k})
                run = dmremap("resize", after, "--spare-size", new, "--yes", env=env, code=(0, 4))
                codes.add(run.code)
                assert believed(after) == before, (what, k)
                again = dmremap("resize", after, "--spare-size", new, "--yes", code=(0, 4))
                if run.code == 0 and not run.err:
                    break
                # a copy that stayed behind is written by the next open, and only then it is whole
                if again.code == 0:
                    is_resized(after, new, before, max(old, new))
                else:
                    again.says("damaged")
                    assert len([c for c in check(after, code=4)["copies"]
                                if c["state"] == "insync"]) >= 2
                k += 1
            assert what == "syncs" or (k > 5 and codes == {0, 4}), (k, codes)


def test_hostile(bench):
    """damage that is sealed: refused and untouched, or a set that is whole; never a crash"""
    rng = random.Random(9)
    done = 0
    for n in range(150):
        img = made(bench, rng.choice((40 * KIB, MIB, 4 * MIB)), 4)
        os.truncate(img.path, rng.choice((5, 9, 33)) * MIB)
        for _ in range(rng.randrange(1, 4)):
            copy = rng.randrange(len(img.copies))
            at = rng.choice((img.copies[copy], img.table_slot(copy, 0), img.aux_slot(copy)))
            block = img.get(at)
            block.raw[rng.choice((rng.randrange(64, 512), rng.randrange(64, BLK)))] ^= \
                1 << rng.randrange(8)
            img.put(block)
        run = dmremap("resize", img.path, "--yes", code=(0, 4))
        done += run.code == 0
        dmremap("check", img.path, code=(0, 4))
    assert 5 < done < 145, done


def cut_in_the_middle(bench):
    """A set whose resize from 4 to 9 MiB was cut behind the switch; and its blocks"""
    img = made(bench, 4 * MIB, 5)
    os.truncate(img.path, 9 * MIB)
    before = blocks(img.path)
    dmremap("resize", img.path, "--yes", env=bench.faulty(writes=25), code=99)
    return img, before


def test_cut_short(bench):
    """what is left of a resize: found, refused to those who write, finished by an open"""
    img, before = cut_in_the_middle(bench)
    doc = check(img.path, code=4)
    assert 206 in numbers(doc) and 204 not in numbers(doc) and not doc["errors"]["fatal"]
    target = bench.file("target.img", 9 * MIB)
    main = bench.file("clone.img", MAIN)
    with Untouched(img.path):
        dmremap("replace", img.path, target, "--yes", code=4).says("resize")
        dmremap("retarget", img.path, main, "--yes", code=4)
        dmremap("repair", img.path, "--in-place", "--yes", code=4).says("resize")
        dmremap("repair", img.path, target, "--yes")
    assert blocks(target) == before and check(target)["errors"] == CLEAN
    dmremap("resize", img.path, "--yes").says("finished first")
    is_resized(img.path, 9 * MIB, before)


def test_hostile_list(bench):
    """old superblocks named where data is, or nowhere: nothing but superblocks is destroyed"""
    img, before = cut_in_the_middle(bench)
    tomb = img.get(0)
    used = [e["slot"] for e in dmremap("list", "--json", img.path).json["entries"]]
    for copy in tomb.copy_slots[:2]:
        b = img.get(copy)
        for i, slot in enumerate((used[0], used[1], 1 << 60, 0, tomb.copy_slots[0], used[2])):
            b.set_old_slot(i, slot)
        img.put(b)
    dmremap("resize", img.path, "--yes", code=(0, 4))
    assert blocks(img.path) == before
