# SPDX-License-Identifier: GPL-2.0-only
"""health: what a closed spare remembers, who carries it over, and what is not believed."""

import math
import struct
import time

from cli import MAIN, MIB, Untouched, check, dmremap
from image import Image

TIB = MIB * MIB
RECORD = struct.Struct("<10I2Q")
DAY = 86400


def key_of(weight, when):
    """log2 of the weight, linear between powers of two, plus half-lives of a week"""
    whole = int(math.log2(weight))
    return int((whole + weight / 2 ** whole - 1 + when / (7 * DAY)) * 65536)


def record(region, when, read=0, write=0, retries=0, slow=0, lat=160):
    """what a kernel would have noted at this time, all at once"""
    weight = 256 * read + 1024 * write + 64 * retries + min(16 * slow, 2048)
    error = when if read or write or retries else 0
    return RECORD.pack(region, key_of(weight, when), read, write, retries, slow, lat, lat // 2,
                       0, 0, error, error)


def remember(img, records, seq=1, copies=None, shift=11, n=None, sums=(0,) * 5, saved=None):
    """a summary in the auxiliary blocks of these copies"""
    for copy in range(len(img.copies)) if copies is None else copies:
        aux = img.get(img.aux_slot(copy))
        body = struct.pack("<2Q2I5Q", seq, saved or int(time.time()), shift,
                           len(records) if n is None else n, *sums)
        body += b"".join(records)
        aux.raw[64:] = body.ljust(4032, b"\0")
        img.put(aux, img.aux_slot(copy))


def health(path, *options, code=0):
    with Untouched(path):
        doc = dmremap("health", "--json", *options, path, code=code).json
    assert doc["schema"] == "dmremap-health" and doc["schema_version"] == 1
    return doc


def regions(path, *options):
    return [r["region"] for r in health(path, *options)["regions"]]


def test_nothing(bench):
    """a new spare knows nothing, and says so"""
    img = bench.set()
    with Untouched(img.path):
        assert dmremap("health", img.path).out == "Nothing is known against any part of main.\n"
    doc = health(img.path)
    assert doc["name"] is None and doc["saved"] is None and doc["slow_ms"] is None
    assert doc["regions"] == [] and doc["records"] == 0 and doc["region_sectors"] == 2048
    assert doc["main"]["sectors"] == MAIN // 512 and doc["spare"]["path"] == img.path


def test_regions(bench):
    """worst first, with score, risk and times; sums include what was given up"""
    img = bench.set(main_size=MAIN - 4096)
    now = int(time.time())
    remember(img, [record(7, now, write=10), record(2, now, read=1, lat=16 * 25),
                   record(0, now, slow=3)], sums=(5, 10, 20, 30, 40), saved=now - 60)
    doc = health(img.path)
    assert [doc[k] for k in ("records", "records_max", "evicted", "read_errors", "write_errors",
                             "retries", "slow")] == [3, 70, 5, 11, 30, 30, 43], doc
    assert doc["saved"] == now - 60
    worst, second, third = doc["regions"]
    assert (worst["region"], worst["main_sector"], worst["main_sectors"]) == (7, 14336, 2040)
    assert worst["risk"] == "critical" and worst["score"] in (285, 286), worst
    assert worst["last_error"] == now and worst["write_errors"] == 10
    assert (second["score"], second["risk"], second["trend"]) == (941, "low", "steady"), second
    assert (second["latency_us"], second["latency_deviation_us"]) == (25000, 12500)
    assert third["last_error"] is None and third["slow"] == 3 and third["score"] > 980
    text = dmremap("health", img.path).says("3 shown of 3", "5 more were given up").out
    lines = text.splitlines()
    assert lines[0].split()[:4] == ["SECTORS", "SCORE", "RISK", "TREND"]
    assert lines[1].split()[0] == "14336-16375" and "25+-13" in lines[2], text
    assert time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now)) in lines[1], text
    assert regions(img.path, "--count", "2") == [7, 2]
    dmremap("health", img.path, "--count", "1").says("1 shown of 3")
    for bad in ("0", "65537", "x", "-1"):
        dmremap("health", img.path, "--count", bad, code=1).says("--count")


def test_time_heals(bench):
    """what is past counts half after each week"""
    img = bench.set()
    remember(img, [record(1, int(time.time()) - 14 * DAY, write=4)])
    row = health(img.path)["regions"][0]
    assert 798 <= row["score"] <= 801 and row["risk"] == "medium", row


def test_highest_seq_counts(bench):
    """of several summaries the latest one, wherever it is; a damaged block is none"""
    img = bench.set()
    now = int(time.time())
    remember(img, [record(1, now, read=1)], seq=4)
    remember(img, [record(2, now, read=1)], seq=9, copies=(2,))
    assert regions(img.path) == [2]
    remember(img, [record(3, now, read=1)], seq=2 ** 63, copies=(4,))
    assert regions(img.path) == [3]
    img.flip(img.aux_slot(4))
    assert regions(img.path) == [2]


def test_not_believed(bench):
    """a summary that makes no sense is none; the set is in order all the same"""
    img = bench.set()
    now = int(time.time())
    good = record(3, now, read=1)
    bad = {
        "seq 0": {"records": [good], "seq": 0},
        "too many records": {"records": [good], "n": 71},
        "far too many": {"records": [good], "n": 2 ** 32 - 1},
        "fewer than said": {"records": [good], "n": 2},
        "shift too small": {"records": [good], "shift": 10},
        "shift too large": {"records": [good], "shift": 12},
        "any shift": {"records": [good], "shift": 2 ** 31},
        "region twice": {"records": [good, good]},
        "region past the end": {"records": [record(8, now, read=1)]},
        "region far past it": {"records": [record(2 ** 32 - 1, now, read=1)]},
        "no event": {"records": [RECORD.pack(3, 5, *[0] * 10)]},
        "no key": {"records": [RECORD.pack(3, 0, 1, *[0] * 9)]},
        "the end of time": {"records": [RECORD.pack(3, 5, 1, *[0] * 8, 2 ** 35)]},
        "times the other way": {"records": [RECORD.pack(3, 5, 1, *[0] * 7, now, now - 1)]},
        "an error that was none": {"records": [RECORD.pack(3, 5, 0, 0, 0, 1, *[0] * 5, now)]},
    }
    for what, summary in bad.items():
        remember(img, **summary)
        assert regions(img.path) == [], what
        doc = check(img.path)
        assert doc["result"] == "clean" and not doc["findings"], (what, doc)
    remember(img, [good])
    assert regions(img.path) == [3]


def test_full_summary(bench):
    """as many records as there is room for"""
    img = bench.set(main_size=128 * MIB)
    now = int(time.time())
    remember(img, [record(127 - i, now, write=200 - i) for i in range(70)])
    assert regions(img.path) == [127 - i for i in range(64)]
    assert regions(img.path, "--count", "100") == [127 - i for i in range(70)]


def test_replace_carries_over(bench):
    """another spare of the same main: what is known of that goes with it"""
    img = bench.set()
    remember(img, [record(3, int(time.time()), write=1)], sums=(1, 2, 3, 4, 5), seq=7)
    before = health(img.path)
    new = bench.file("new.img", 8 * MIB)
    dmremap("replace", img.path, new, "--yes")
    after = health(new)
    for key in ("saved", "regions", "evicted", "read_errors", "write_errors", "retries", "slow"):
        assert before[key] == after[key], key
    assert check(new)["result"] == "clean"


def test_repair_carries_over(bench):
    """repaired, to another device or in place: the same"""
    img = bench.set()
    remember(img, [record(3, int(time.time()), write=1)], seq=7)
    for copy in (0, 1):
        img.flip(img.copies[copy])
        img.flip(img.aux_slot(copy))
    for copy in range(5):
        img.flip(img.table_slot(copy, 0))
    target = bench.file("target.img", 4 * MIB)
    dmremap("repair", img.path, target, "--yes", code=(0, 4))
    assert regions(target) == [3] and check(target)["result"] == "clean"
    dmremap("repair", "--in-place", img.path, "--yes", code=(0, 4))
    assert regions(img.path) == [3] and check(img.path)["result"] == "clean"
    assert all(Image(img.path).get(img.aux_slot(c)).raw[64] == 7 for c in range(5))


def resized(img, *options):
    dmremap("resize", img.path, "--yes", *options)
    assert check(img.path)["result"] == "clean"
    return regions(img.path)


def test_resize_carries_over(bench):
    """larger devices: the regions of main stay where they are"""
    img = bench.set()
    remember(img, [record(3, int(time.time()), write=1)], seq=7)
    with open(img.path, "r+b") as f:
        f.truncate(16 * MIB)
    assert resized(img) == [3]
    main = bench.main(2 * MAIN)
    assert resized(img, "--main", main) == [3]
    assert health(img.path)["main"]["sectors"] == 2 * MAIN // 512


def test_resize_makes_regions_larger(bench):
    """a main of more than a million regions: they are merged, and the worst record stays"""
    img = bench.set(main_size=TIB)
    now = int(time.time())
    assert health(img.path)["region_sectors"] == 2048
    remember(img, [record(9, now, write=3), record(8, now, read=2, slow=1),
                   record(4, now, read=1)], sums=(1, 1, 1, 1, 1))
    main = bench.main(TIB + MIB)
    assert resized(img, "--main", main) == [4, 2]
    doc = health(img.path)
    assert doc["region_sectors"] == 4096 and doc["regions"][0]["write_errors"] == 3
    assert (doc["evicted"], doc["read_errors"], doc["write_errors"], doc["slow"]) == (2, 4, 4, 2)


def test_retarget_forgets(bench):
    """a clone of main is another disk"""
    img = bench.set()
    remember(img, [record(3, int(time.time()), write=1)], seq=7)
    clone = bench.file("clone.img", MAIN)
    dmremap("retarget", img.path, clone, "--yes")
    assert regions(img.path) == [] and check(img.path)["result"] == "clean"
    assert not any(any(img.get(img.aux_slot(c)).raw[64:]) for c in range(5))
