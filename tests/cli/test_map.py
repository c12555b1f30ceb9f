# SPDX-License-Identifier: GPL-2.0-only
"""map: every slot is in the picture, as what check says it is."""

import re
import xml.dom.minidom

from cli import MIB, STRATEGIES, check, dmremap
from image import BAD, IN_SLOT, PENDING, UNREADABLE, USED, word

GIB = 1024 * MIB


def picture(path, code=0):
    """The letters, one string; how many slots each stands for; the sums."""
    out = dmremap("map", path, code=code).out
    per = int(re.search(r"a character stands for (\d+) ", out).group(1))
    letters = "".join(re.findall(r"^ *\d+  (\S+)$", out, re.M))
    sums = {k: int(n) for k, n in re.findall(r"^(\S)  .* (\d+)$", out, re.M)}
    return letters, per, sums


def test_every_slot(bench):
    """small spares: a letter for each slot, of the kind that was written"""
    for size, _ in STRATEGIES.values():
        img = bench.set(size)
        i = img.data_index()
        img.change(0, {i: word(USED, 5, IN_SLOT), i + 1: word(BAD),
                       i + 2: word(PENDING, 6, UNREADABLE)})
        letters, per, sums = picture(img.path)
        slots = check(img.path)["slots"]
        assert per == 1 and len(letters) == slots["total"] == size // 4096
        assert letters[i:i + 3] == "#Xp"
        assert letters.count("M") == slots["metadata"] == sums["M"]
        assert letters.count(".") == slots["free"] == sums["."]
        for copy in img.copies:
            assert set(letters[copy:copy + img.sb["table_blk"] + 2]) == {"M"}


def test_parts(bench):
    """larger ones: of several kinds in a part, the one that matters most"""
    img = bench.set(64 * MIB, main_size=64 * MIB)
    i = img.data_index() + 64 & ~7
    img.change(0, {i: word(USED, 1, IN_SLOT), i + 8: word(USED, 2, IN_SLOT), i + 9: word(BAD),
                   i + 16: word(PENDING, 3, UNREADABLE), i + 17: word(USED, 4, IN_SLOT)})
    letters, per, sums = picture(img.path)
    assert per == 8 and len(letters) == 2048 and sum(sums.values()) == 16384
    assert letters[i // 8:i // 8 + 3] == "#X#"
    assert sums["#"] == 3 and sums["X"] == sums["p"] == 1


def test_large(bench):
    """1 TiB, nearly all of it above the mark: computed, not read"""
    spare = bench.file("spare.img", 1024 * GIB)
    dmremap("format", bench.main(), spare, "--yes")
    letters, per, sums = picture(spare)
    slots = 1024 * GIB // 4096
    assert per == slots // 2048 and len(letters) == 2048
    assert sums["M"] == 5 * (-(-slots // 504) + 2) and sums["."] == slots - sums["M"]


def test_lost(bench):
    """a table block that is gone: said, and shown"""
    img = bench.set()
    for copy in range(5):
        img.flip(img.table_slot(copy, 1))
    letters, _, sums = picture(img.path, code=4)
    unknown = check(img.path, code=4)["slots"]["unknown"]
    assert letters.count("?") == sums["?"] == unknown > 400


def test_no_spare(bench):
    """what is no spare has no picture"""
    blank = bench.file("blank.img", 4 * MIB)
    assert dmremap("map", blank, code=4).says("not formatted").out == ""


def test_svg(bench):
    """the drawing is XML: a square for each part, and main's blocks in their places"""
    img = bench.set(main_size=8 * MIB)
    i = img.data_index()
    img.change(0, {i: word(USED, 0, IN_SLOT), i + 1: word(USED, 2047, IN_SLOT),
                   i + 2: word(PENDING, 1024, UNREADABLE)})
    path = bench.file("map.svg")
    dmremap("map", img.path, "--svg", path)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    assert dmremap("map", img.path, "--svg", "-").out == text
    rects = xml.dom.minidom.parseString(text).getElementsByTagName("rect")
    titles = [(r, r.getElementsByTagName("title")) for r in rects]
    squares = [r for r, t in titles if t and t[0].firstChild.data.startswith("from slot")]
    lines = [r for r, t in titles if t and t[0].firstChild.data.startswith("entries from")]
    assert len(squares) == 1024
    assert len({(r.getAttribute("x"), r.getAttribute("y")) for r in squares}) == 1024
    assert [int(r.getAttribute("x")) for r in lines] == [20, 20 + 384, 20 + 767]
    dmremap("map", img.path, "--svg", bench.dir / "none" / "map.svg", code=4).says("none")
