# SPDX-License-Identifier: GPL-2.0-only
"""dump and restore: what comes back is what was there; what is not a dump, or is
one that lies, changes nothing. wipe: only a spare nobody needs goes."""

import copy
import json
import random
import shutil
import subprocess
import sys

from cli import KIB, MAIN, MIB, STRATEGIES, Untouched, check, digest, dmremap, numbers
from image import BAD, IN_SLOT, LOST, ON_MAIN, PENDING, UNREADABLE, USED, Image, word


def free_indices(img, blk=0):
    t = img.table(0, blk)
    last = img.sb["slots"] - blk * 504
    return [i for i in range(min(504, last)) if t.entry(i) == 0]


def fill(img, rnd, share=0.7):
    """Entries of every kind in most slots of the first table block."""
    block, entries = 0, {}
    for i in free_indices(img):
        if rnd.random() > share:
            continue
        block += 1
        states = [rnd.choice((ON_MAIN, IN_SLOT, LOST, UNREADABLE)) for _ in range(8)]
        states[rnd.randrange(8)] = IN_SLOT
        hint = [rnd.choice((ON_MAIN, UNREADABLE)) for _ in range(7)] + [UNREADABLE]
        entries[i] = rnd.choice((word(USED, block, states, rnd.randrange(4)),
                                 word(PENDING, block, hint, rnd.randrange(4)), word(BAD)))
    img.change(0, entries)
    return len(entries)


def dump(path, code=0):
    """The document, and the file untouched."""
    with Untouched(path):
        doc = dmremap("dump", path, code=code).json
    assert doc["schema"] == "dmremap-dump" and doc["schema_version"] == 1
    return doc


def meaning(doc):
    """All but when, and of which generation."""
    doc = copy.deepcopy(doc)
    del doc["dumped"], doc["generation"]
    return doc


def save(bench, doc, name="dump.json"):
    path = bench.file(name)
    with open(path, "w", encoding="ascii") as f:
        json.dump(doc, f)
    return path


def test_round_trip(bench):
    """every placement: destroyed and restored, a dump says the same, and so does check"""
    rnd = random.Random(1)
    for size, copies in STRATEGIES.values():
        img = bench.set(size)
        n = fill(img, rnd)
        doc = dump(img.path)
        assert doc["whole"] and doc["lost"] == [] and len(doc["entries"]) == n
        assert doc["copy_slots"] == img.copies and doc["main"]["sectors"] == MAIN // 512
        lists = dmremap("list", "--json", img.path).json["entries"]
        for c in range(copies):
            img.destroy(c)
        dmremap("restore", save(bench, doc), img.path, "--yes")
        assert meaning(dump(img.path)) == meaning(doc)
        assert dmremap("list", "--json", img.path).json["entries"] == lists
        found = check(img.path)
        assert found["errors"] == {"fatal": 0, "fixable": 0}
        assert dump(img.path)["generation"]["epoch"] == doc["generation"]["epoch"] + 1


def test_larger_device(bench):
    """on a larger one, whose own anchors are data slots of the set: those are left alone"""
    img = bench.set()
    places = [80, 160, 320, 640]    # of 5 MiB
    img.change(0, {s: word(USED, s, IN_SLOT) for s in places[:3]})
    img.change(1, {640 - 504: word(USED, 640, IN_SLOT)})
    for s in places:
        img.put_raw(s, bytes([s % 251]) * 4096)
    doc = save(bench, dump(img.path))
    with open(img.path, "r+b") as f:
        f.truncate(5 * MIB)
    dmremap("restore", doc, img.path, "--yes", "--force")
    assert [img.get(s).raw[100] for s in places] == [s % 251 for s in places]
    assert check(img.path)["errors"] == {"fatal": 0, "fixable": 0}


def test_slots_are_left(bench):
    """restore writes metadata only: the data of every slot is as before"""
    img = bench.set()
    slots = free_indices(img)
    img.change(0, {i: word(USED, i, IN_SLOT) for i in slots[:50]})
    for i in slots:
        img.put_raw(i, bytes([i % 251]) * 4096)
    path = save(bench, dump(img.path))
    for c in range(5):
        img.destroy(c)
    dmremap("restore", path, img.path, "--yes")
    with open(img.path, "rb") as f:
        for i in slots:
            f.seek(i * 4096)
            assert f.read(4096) == bytes([i % 251]) * 4096, i


def test_larger_mark(bench):
    """a table of several blocks: each of them comes back"""
    img = bench.set(32 * MIB, main_size=64 * MIB)
    img.raise_mark(12)
    for blk in (0, 3, 11):
        img.change(blk, {img.data_index(blk): word(USED, 7000 + blk, IN_SLOT)})
    doc = dump(img.path)
    assert doc["high_water_table_blocks"] == 12 and len(doc["entries"]) == 3
    spare = bench.file("again.img", 32 * MIB)
    dmremap("restore", save(bench, doc), spare, "--yes")
    assert meaning(dump(spare)) == meaning(doc)


def test_sizes(bench):
    """onto a larger device: used up to the size it had; onto a smaller one: refused"""
    img = bench.set()
    img.change(0, {img.data_index(): word(USED, 5, IN_SLOT)})
    path = save(bench, dump(img.path))
    larger = bench.file("larger.img", 9 * MIB)
    dmremap("restore", path, larger, "--yes")
    assert check(larger)["errors"] == {"fatal": 0, "fixable": 0}
    assert meaning(dump(larger)) == meaning(dump(img.path))
    smaller = bench.file("smaller.img", 4 * MIB - 4096)
    with Untouched(smaller):
        dmremap("restore", path, smaller, "--yes", code=4).says("too small", "8192")


def test_asks_and_refuses(bench):
    """without --yes it asks; a device that holds something is refused without --force"""
    img = bench.set()
    img.change(0, {img.data_index(): word(USED, 5, IN_SLOT)})
    path = save(bench, dump(img.path))
    with Untouched(img.path):
        dmremap("restore", path, img.path, "--yes", code=5).says("live only here: 1", "--force")
        dmremap("restore", path, img.path, "--force", code=1).says("has to be in the slots")
    dmremap("restore", path, img.path, "--force", "--yes").says("blocks that live on it: 1")


def test_stdin(bench):
    """FILE - is standard input"""
    img = bench.set()
    path = save(bench, dump(img.path))
    spare = bench.file("again.img", 4 * MIB)
    with open(path, "rb") as f:
        dmremap("restore", "-", spare, "--yes", stdin=f)
    assert meaning(dump(spare)) == meaning(dump(img.path))


def test_not_whole(bench):
    """a lost table block: said by dump; restored by force only, its slots are never used again"""
    img = bench.set()
    img.change(0, {i: word(USED, i, IN_SLOT) for i in free_indices(img)[:5]})
    for c in range(5):
        img.flip(img.table_slot(c, 1))
    doc = dump(img.path, code=4)
    assert not doc["whole"] and [lost["table_block"] for lost in doc["lost"]] == [1]
    path = save(bench, doc)
    spare = bench.file("again.img", 4 * MIB)
    with Untouched(spare):
        dmremap("restore", path, spare, "--yes", code=4).says("not whole", "--force")
    dmremap("restore", path, spare, "--yes", "--force").says("not whole")
    slots = check(spare)["slots"]
    assert slots["bad"] == len(free_indices(Image(bench.set().path), 1)) and slots["used"] == 5


def test_nothing_to_dump(bench):
    """what is no spare, or may not be believed, is not dumped"""
    blank = bench.file("blank.img", 4 * MIB)
    run = dmremap("dump", blank, code=4).says("not formatted")
    assert run.out == ""
    img = bench.set()
    for c in range(5):
        img.flip(img.copies[c])
    assert dmremap("dump", img.path, code=4).says("damaged").out == ""


def test_identities(bench):
    """bytes that are no letters in an identity survive"""
    img = bench.set()
    for c in range(5):
        sb = img.super(c)
        sb.raw[640:640 + 9] = b'na\\me \xff"1'
        img.put(sb)
    doc = dump(img.path)
    assert doc["main"]["wwid"] == 'na\\x5cme \\xff"1'
    spare = bench.file("again.img", 4 * MIB)
    dmremap("restore", save(bench, doc), spare, "--yes")
    assert bytes(Image(spare).super(2).raw[640:650]) == b'na\\me \xff"1\0'


LIES = {
    "schema": "dmremap-list", "schema_version": 2, "uuid": "6b5dd46f", "created": None,
    "dumped": -1, "whole": "yes", "activity": "closed", "generation.epoch": 1 << 62,
    "features.ro_compat": 1, "features.compat": 1, "main.sectors": 0,
    "main.logical_block_bytes": 513, "main.wwid": "x" * 129, "main.serial": "\\x0",
    "main.partuuid": 7, "spare.sectors": 71, "spare.logical_block_bytes": 0,
    "high_water_table_blocks": 4, "copy_slots": [0, 64, 128, 256, 513], "witness": None,
    "lost": [{"table_block": 0}], "entries": {},
}


def test_lies(bench):
    """each field wrong or missing: refused by name, and nothing is written"""
    img = bench.set()
    img.change(0, {img.data_index(): word(USED, 5, IN_SLOT)})
    good = dump(img.path)
    spare = bench.file("again.img", 4 * MIB)
    before = digest(spare)
    for key, lie in LIES.items():
        for gone in (False, True):
            doc = copy.deepcopy(good)
            *way, last = key.split(".")
            at = doc
            for k in way:
                at = at[k]
            if gone:
                del at[last]
            else:
                at[last] = lie
            missing_is_fine = key in ("main.wwid", "main.serial", "main.partuuid")
            if gone and (missing_is_fine or key.startswith("features")):
                continue
            run = dmremap("restore", save(bench, doc), spare, "--yes", code=4)
            assert run.err.startswith("dmremap: "), run
            assert digest(spare) == before, (key, gone)


def test_entry_lies(bench):
    """an entry that cannot be: refused with its slot, and nothing is written"""
    img = bench.set()
    slot = img.data_index()
    img.change(0, {slot: word(USED, 5, IN_SLOT)})
    good = dump(img.path)
    spare = bench.file("again.img", 4 * MIB)
    lies = ({"slot": 0}, {"slot": 1024}, {"slot": 1 << 60}, {"slot": None}, {"kind": "free"},
            {"kind": "metadata"}, {"kind": ""}, {"main_block": 2048}, {"main_block": 1 << 41},
            {"main_block": None}, {"states": "mmmmmmmm"}, {"states": "s"}, {"states": "sssssssss"},
            {"states": "sssssssx"}, {"serial": 4}, {"serial": None}, {"kind": "pending"})
    for lie in lies:
        doc = copy.deepcopy(good)
        doc["entries"][0].update(lie)
        with Untouched(spare):
            dmremap("restore", save(bench, doc), spare, "--yes", code=4).says(
                "an entry says no slot" if lie == {"slot": None} else "the entry of slot")
    for twice in ({}, {"slot": slot + 1}, {"slot": slot + 1, "serial": 2}):
        doc = copy.deepcopy(good)
        doc["entries"].append({**doc["entries"][0], **twice})
        with Untouched(spare):
            dmremap("restore", save(bench, doc), spare, "--yes", code=4)
    doc = copy.deepcopy(good)
    doc["entries"].append({**doc["entries"][0], "slot": slot + 1, "serial": 1})
    dmremap("restore", save(bench, doc), spare, "--yes")
    assert numbers(check(spare, code=4)) == [401]


def mutate(rnd, node):
    """One value somewhere in a document becomes another."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))
    if not keys:
        return
    key = rnd.choice(keys)
    if isinstance(node[key], (dict, list)) and rnd.random() < 0.8:
        mutate(rnd, node[key])
    else:
        node[key] = rnd.choice((None, 0, 1, -1, 1 << 31, 1 << 40, 1 << 63, True, "", "clean",
                                "ssssssss", 0.5, [], {}, [1], {"slot": 1}))


def test_random_lies(bench):
    """300 documents with values changed at random: refused, or restored to a clean set"""
    rnd = random.Random(3)
    img = bench.set(512 * KIB)
    fill(img, rnd, 0.2)
    good = dump(img.path)
    blank = bench.file("blank.img", 512 * KIB)
    spare = bench.file("again.img")
    taken = 0
    for _ in range(300):
        doc = copy.deepcopy(good)
        for _ in range(rnd.randrange(1, 4)):
            mutate(rnd, doc)
        shutil.copyfile(blank, spare)
        run = dmremap("restore", save(bench, doc), spare, "--yes", code=(0, 4))
        if run.code:
            assert digest(spare) == digest(blank), run
        else:
            taken += 1
            dmremap("check", spare, code=(0, 4)).silent("fatal:")
    assert 0 < taken < 300, taken


def test_not_json(bench):
    """what is no JSON, or no file"""
    spare = bench.file("spare.img", 4 * MIB)
    for text in ("", "{", "[]", "7", '"dmremap-dump"', "{}", '{"schema": 5}'):
        path = bench.file("dump.json")
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        with Untouched(spare):
            dmremap("restore", path, spare, "--yes", code=4)
    dmremap("restore", bench.dir / "none.json", spare, "--yes", code=4).says("none.json")


def small(bench):
    """A set with three entries: the document, and an empty file to restore it to."""
    img = bench.set()
    img.change(0, {i: word(USED, i, IN_SLOT) for i in free_indices(img)[:3]})
    return dump(img.path), bench.file("again.img", 4 * MIB)


def refuse(bench, text, spare, *words, name="hostile.json"):
    """This text is refused with these words, and nothing is written."""
    path = bench.file(name)
    with open(path, "wb") as f:
        for part in [text] if isinstance(text, bytes) else text:
            f.write(part)
    with Untouched(spare):
        dmremap("restore", path, spare, "--yes", code=4, memory=HOSTILE).says(*words)


def test_order_of_keys(bench):
    """any order of keys, entries first among them, and keys nobody knows: the same set"""
    rnd = random.Random(4)
    doc, spare = small(bench)
    for n in range(6):
        keys = list(doc)
        rnd.shuffle(keys)
        if n % 2:
            keys = sorted(keys, key=lambda k: k not in ("entries", "lost"))
        other = {k: doc[k] for k in keys}
        other["entries"] = rnd.sample(doc["entries"], 3)
        other[f"new{n}"] = [{"x": [n]}, None, "entries"]
        dmremap("restore", save(bench, other), spare, "--yes", "--force")
        assert meaning(dump(spare)) == meaning(doc), keys


def test_order_of_refusals(bench):
    """what is wrong with the document comes before what is wrong with an entry before it"""
    doc, spare = small(bench)
    doc["entries"][1]["kind"] = "free"
    for key, lie, says in (("schema", "dmremap-list", "is not a dump"),
                           ("schema_version", 2, "of a newer dmremap"),
                           ("uuid", "x", "uuid"), ("whole", False, "whole, and lost"),
                           ("uuid", doc["uuid"], f"the entry of slot {doc['entries'][1]['slot']}")):
        other = {"entries": doc["entries"], **{k: v for k, v in doc.items() if k != "entries"}}
        other[key] = lie
        refuse(bench, json.dumps(other).encode(), spare, says)


def test_few_entries(bench):
    """no entry and one entry"""
    doc, spare = small(bench)
    for n in (0, 1):
        part = {**doc, "entries": doc["entries"][:n]}
        dmremap("restore", save(bench, part), spare, "--yes", "--force").says(
            f"blocks that live on it: {n}")
        assert dump(spare)["entries"] == part["entries"]


def test_pieces(bench):
    """a pipe that gives the document in small pieces, cut anywhere"""
    doc, spare = small(bench)
    text = json.dumps(doc).encode()
    for size in (1, 7, 97):
        with subprocess.Popen([sys.executable, "-c", "import os, sys, time\n"
                               "data = sys.argv[1].encode()\n"
                               "for i in range(0, len(data), int(sys.argv[2])):\n"
                               "    os.write(1, data[i:i + int(sys.argv[2])])\n",
                               text.decode(), str(size)], stdout=subprocess.PIPE) as feed:
            dmremap("restore", "-", spare, "--yes", "--force", stdin=feed.stdout)
        assert meaning(dump(spare)) == meaning(doc)


def test_cut_short(bench):
    """cut at any byte it is no document; nor with anything behind it but blanks"""
    doc, spare = small(bench)
    text = json.dumps(doc).encode()
    for at in [*range(1, 40), *range(40, len(text), 61), len(text) - 2, len(text) - 1]:
        refuse(bench, text[:at], spare, "cannot be read as JSON", f"byte {at}:")
    for tail in (b"x", b"{}", b"\0", b" ,", text, b"\n" * 200000 + b"0"):
        refuse(bench, text + tail, spare, "something follows it")
    path = bench.file("blanks.json")
    with open(path, "wb") as f:
        f.write(b" \t\r\n" * 50000 + text + b"\n" * 200000)
    dmremap("restore", path, spare, "--yes")


def test_malformed(bench):
    """each part of the frame, damaged"""
    doc, spare = small(bench)
    text = json.dumps(doc)
    for old, new in (("{", ""), ("{", "{{"), ("{", "{,"), ('"schema": ', '"schema" '),
                     ('"schema"', "schema"), ('"schema"', "7"), ('"schema": ', '"schema":: '),
                     ('"entries": [', '"entries": [,'), ('"entries": [', '"entries": [['),
                     ("}]}", "},]}"), ("}]}", "}],}"), ("}]}", "}}"), ("}]}", "}]"),
                     ("}]}", "}]]"), ("}, {", "} {"), ("}, {", "},, {"), (", ", "/**/, "),
                     ("null", "nul"), ("true", "TRUE"), ('"used"', "'used'"), ("4194304", "0x7")):
        assert old in text, old
        bad = text.replace(old, new, 1) if old != "}]}" else text[:-3] + new
        refuse(bench, bad.encode(), spare, "cannot be read as JSON", "byte ")


def test_twice(bench):
    """a key of the document that is there twice: which of the two counts nobody knows"""
    doc, spare = small(bench)
    text = json.dumps(doc)
    for key in ("schema", "uuid", "whole", "main", "copy_slots", "lost", "entries"):
        again = json.dumps({key: doc[key]})[1:-1]
        refuse(bench, f"{text[:-1]}, {again}}}".encode(), spare, "twice")
    dmremap("restore", bench.file("no"), spare, "--yes", code=4)
    with open(bench.file("new.json"), "w", encoding="ascii") as f:
        f.write(f'{text[:-1]}, "new": 1, "new": [2]}}')
    dmremap("restore", bench.dir / "new.json", spare, "--yes")


HOSTILE = 96 * MIB    # one value of 256 KiB can be made to take 70


def test_hostile(bench):
    """deep, long, many and without end: refused, in bounded memory, and nothing is written"""
    doc, spare = small(bench)
    head = json.dumps(doc)[:-1].encode()
    meg = 1 << 20
    many = [b"%s" % part * 4096 for part in (b"[],", b"{},", b'"",', b"1,")]
    refuse(bench, [b"["] * 3 * meg, spare, "nesting")
    refuse(bench, [b'{"a":'] * meg, spare, "nesting")
    refuse(bench, [head, b',"x":', b"[" * 100], spare, "nesting")
    refuse(bench, [b"{" * 3 * meg], spare, "JSON")
    refuse(bench, [b'{"', b"k" * 3 * meg, b'": 1}'], spare, "more than 256 KiB")
    refuse(bench, [head, b', "x": "', b"v" * 3 * meg, b'"}'], spare, "more than 256 KiB")
    refuse(bench, [head, b', "x": [1', b"1" * 3 * meg, b"]}"], spare, "more than 256 KiB")
    refuse(bench, [head, b', "x": [[', *many * 300, b"1]]}"], spare, "more than 256 KiB")
    inside = b"{}," * ((1 << 18) // 3 - 10)
    refuse(bench, [head, b', "x": [[', inside, b"1]], 7}"], spare, "no \"key\": value")
    refuse(bench, [b'{"uuid": "', b"u" * 70000, b'"}'], spare, "too long for a dump")
    refuse(bench, [b'{"witness": [', b'"%s",' % (b"w" * 9000) * 9, b"1]}"], spare, "too long")
    refuse(bench, [b" " * 20 * meg], spare, "too early")
    refuse(bench, [b"\0" * meg], spare, "JSON")
    refuse(bench, [b"\xff" * meg], spare, "JSON")
    refuse(bench, [head[:-1], b',{"slot":1}' * meg, b"]}"], spare, "the entry of slot 1")
    refuse(bench, [b'{"lost": [', *many * 100, b"1]}"], spare, "is not a dump")
    # not known, and so not kept: any number of them, of any kind
    path = bench.file("many.json")
    with open(path, "wb") as f:
        f.write(head + b', "x": [' + b"".join(many * 100) + b"1]")
        f.write(b"".join(b', "k%d": {}' % i for i in range(300000)) + b"}")
    dmremap("restore", path, spare, "--yes", memory=HOSTILE)


def large(bench, n):
    """A dump of so many entries, on a spare of 1 GiB."""
    size = 1 << 30
    img = bench.set(size, main_size=1 << 40)
    doc = dump(img.path)
    doc["high_water_table_blocks"] = img.sb["table_blk"]
    length = img.sb["table_blk"] + 2
    meta = {s for at in img.copies for s in range(at, at + length)}
    slots = (s for s in range(size // 4096) if s not in meta)
    doc["entries"] = [{"slot": next(slots), "kind": "used", "main_block": (i * 7919) % (1 << 28),
                       "states": "ssssssss", "serial": i % 4} for i in range(n)]
    return doc, bench.file("again.img", size)


def test_memory(bench):
    """200,000 entries are written, read and written again within 48 MiB of addresses"""
    n = 200000
    doc, spare = large(bench, n)
    dmremap("restore", save(bench, doc), spare, "--yes", memory=48 * MIB).says(f"live on it: {n}")
    run = dmremap("dump", spare, memory=48 * MIB)
    assert run.json["entries"] == doc["entries"]
    random.Random(5).shuffle(doc["entries"])
    dmremap("restore", save(bench, doc), spare, "--yes", "--force", memory=48 * MIB)
    assert dmremap("dump", spare).json["entries"] == run.json["entries"]


def test_memory_lost(bench):
    """200,000 entries that are lost, all but in a copy left behind: said within 48 MiB, too"""
    n = 200000
    doc, spare = large(bench, n)
    dmremap("restore", save(bench, doc), spare, "--yes")
    img = Image(spare)
    img.change_super(copies=[0, 1, 2, 3], insync=0b01111)
    for c in range(4):
        img.zero(img.table_slot(c, 0), img.sb["hwm_blk"])
    for args in (["check", "--json"], ["dump"]):
        lost = dmremap(*args, spare, code=4, memory=48 * MIB).json["lost"]
        known = [(b["slot"], b["main_block"]) for part in lost for b in part["known_blocks"]]
        assert known == [(e["slot"], e["main_block"]) for e in doc["entries"]]


def test_wipe(bench):
    """an unused spare is wiped: no trace of dm-remap, all else as it was"""
    for size, _ in STRATEGIES.values():
        img = bench.set(size)
        slots = free_indices(img)
        img.put_raw(slots[0], b"x" * 4096)
        dmremap("wipe", img.path, code=1)
        dmremap("wipe", img.path, "--yes").says("no spare any more")
        with open(img.path, "rb") as f:
            data = f.read()
        assert b"dm-remap" not in data and data[slots[0] * 4096:][:4096] == b"x" * 4096
        dmremap("wipe", img.path, "--yes", code=4).says("nothing to wipe")
        dmremap("format", bench.main(), img.path, "--yes")


def test_wipe_refused(bench):
    """while blocks live there, or may: only by force"""
    img = bench.set()
    img.change(0, {img.data_index(): word(USED, 5, IN_SLOT)})
    with Untouched(img.path):
        dmremap("wipe", img.path, "--yes", code=5).says("live only there: 1", "--force")
    for c in range(5):
        img.flip(img.table_slot(c, 0))
    with Untouched(img.path):
        dmremap("wipe", img.path, "--yes", code=5).says("nothing is known")
    for c in range(5):
        img.flip(img.copies[c])
    with Untouched(img.path):
        dmremap("wipe", img.path, "--yes", code=5).says("is not known")
    dmremap("wipe", img.path, "--yes", "--force")
    dmremap("check", img.path, code=8).says("not formatted")
