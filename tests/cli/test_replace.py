# SPDX-License-Identifier: GPL-2.0-only
"""replace: every block that lives on a spare lives on the new one, whatever the sizes."""

from cli import KIB, MAIN, MIB, Untouched, check, dmremap
from image import BAD, IN_SLOT, LOST, ON_MAIN, PENDING, UNREADABLE, USED, Image, word

SIZES = (36 * KIB, 512 * KIB, 4 * MIB, 33 * MIB)


def made(bench, size, n):
    """A spare with n used slots, a bad one before each, and data that says where it is from."""
    spare = bench.file(f"old-{size}.img", size)
    dmremap("format", bench.main(), spare, "--yes")
    img = Image(spare)
    t = img.table(0, 0)
    last = min(504, img.sb["slots"])
    free = [i for i in range(last) if t.entry(i) == 0]
    used = free[1:2 * n:2] if len(free) > 2 * n else free[:n]
    change = {i: word(BAD) for i in free[:2 * n:2]} if len(free) > 2 * n else {}
    for k, i in enumerate(used):
        change[i] = word(USED, 100 + k, [IN_SLOT, LOST, ON_MAIN] + [IN_SLOT] * 5, k % 4)
        img.put_raw(i, bytes([k + 1]) * 4096)
    img.change(0, change)
    return img


def blocks(path):
    """block: (states, the first byte of its slot)"""
    img, out = Image(path), {}
    for e in dmremap("list", "--json", path).json["entries"]:
        if e["kind"] == "bad":
            continue
        with open(img.path, "rb") as f:
            f.seek(e["slot"] * 4096)
            out[e["main_block"]] = (e["kind"], e["states"], set(f.read(4096)))
    return out


def test_sizes(bench):
    """from every size to every size: blocks, states and data the same; the old one is no spare"""
    for old_size in SIZES:
        for new_size in SIZES:
            img = made(bench, old_size, 3)
            before = blocks(img.path)
            assert len(before) == 3
            spare = bench.file("new.img", new_size)
            dmremap("replace", img.path, spare, "--yes").says("blocks that live on it: 3")
            assert blocks(spare) == before
            doc = check(spare)
            assert doc["errors"] == {"fatal": 0, "fixable": 0} and doc["slots"]["bad"] == 0
            assert doc["main"]["sectors"] == MAIN // 512
            assert Image(spare).sb.uuid != img.sb.uuid
            dmremap("check", img.path, code=8).says("not formatted")


def test_many(bench):
    """more than one chunk of the table, and a block with two slots: the one that counts"""
    img = Image(made(bench, 33 * MIB, 3).path)
    img.raise_mark(16)
    n = 0
    for blk in range(1, 16):
        entries = {}
        for i in range(504):
            if img.table(0, blk).entry(i) == 0:
                entries[i] = word(USED, 200 + n, IN_SLOT)
                img.put_raw(blk * 504 + i, bytes([n % 200 + 3]) * 4096)
                n += 1
                if len(entries) == 100:
                    break
        img.change(blk, entries)
    img.change_super(main_sect=64 * 2048)
    i = img.data_index(0)
    img.put_raw(i, b"\x02" * 4096)
    img.change(0, {i: word(USED, 200, IN_SLOT, 1)})
    before = blocks(img.path)
    assert len(before) == n + 3 and before[200][2] == {2}
    spare = bench.file("new.img", 32 * MIB)
    dmremap("replace", img.path, spare, "--yes")
    after = blocks(spare)
    assert after == before
    assert check(spare)["errors"] == {"fatal": 0, "fixable": 0}


def test_hints(bench):
    """hints move, too"""
    img = made(bench, 4 * MIB, 1)
    img.change(0, {img.data_index(): word(PENDING, 7, [ON_MAIN] * 7 + [UNREADABLE])})
    spare = bench.file("new.img", 512 * KIB)
    dmremap("replace", img.path, spare, "--yes")
    assert blocks(spare)[7][:2] == ("pending", "mmmmmmmp")


def test_refused(bench):
    """no room, something there, damaged, no yes: both as they were"""
    img = made(bench, 4 * MIB, 20)
    small = bench.file("small.img", 36 * KIB)
    with Untouched(img.path, small):
        dmremap("replace", img.path, small, "--yes", code=4).says("too small", "room for 3 blocks")
    tiny = bench.file("tiny.img", 32 * KIB)
    with Untouched(img.path, tiny):
        dmremap("replace", img.path, tiny, "--yes", code=4).says("too small")
    other = made(bench, 512 * KIB, 1)
    with Untouched(img.path, other.path):
        dmremap("replace", img.path, other.path, "--yes", code=5).says("live only here: 1")
    spare = bench.file("new.img", 4 * MIB)
    with Untouched(img.path, spare):
        dmremap("replace", img.path, spare, code=1).says("20 blocks move")
        dmremap("replace", img.path, img.path, "--yes", code=5)
        dmremap("replace", img.path, img.path, "--yes", "--force", code=4).says("same device")
    newer = made(bench, 4 * MIB, 2)
    newer.change_super(ro_compat=2)
    with Untouched(newer.path, spare):
        dmremap("replace", newer.path, spare, "--yes", code=4).says("newer dm-remap")
    img = made(bench, 4 * MIB, 20)
    for c in range(5):
        img.flip(img.table_slot(c, 1))
    with Untouched(img.path, spare):
        dmremap("replace", img.path, spare, "--yes", code=4).says("not whole")
    dmremap("replace", made(bench, 4 * MIB, 2).path, other.path, "--yes", "--force")
