# SPDX-License-Identifier: GPL-2.0-only
"""format: what it writes, what it refuses, what it never touches."""

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import time

import image
from cli import KIB, MIB, STRATEGIES, TOOL, Skip, Untouched, check, digest, dmremap
from image import Image

DMR4 = bytes.fromhex("34524d44")
DMR4_PLACES = (0, 131072, 262144, 393216, 524288, 1048576, 2097152, 4194304)


def refused(bench, spare, *words, code=5):
    """format refuses this spare, says why, and writes to neither file."""
    main = bench.main()
    with Untouched(main, spare):
        dmremap("format", main, spare, "--yes", code=code).says(spare, *words)
    return main


def forced(main, spare):
    """format --force takes it, and what was there is gone."""
    with Untouched(main):
        dmremap("format", main, spare, "--yes", "--force")
    assert check(spare)["result"] == "clean"


def test_fresh(bench):
    """every placement: clean, all copies whole, main untouched"""
    main = bench.main()
    for strategy, (size, copies) in STRATEGIES.items():
        spare = bench.file(f"{strategy}.img", size)
        with Untouched(main):
            dmremap("format", main, spare, "--yes").says(strategy, f"{copies} copies")
        doc = check(spare)
        assert doc["result"] == "clean" and doc["strategy"] == strategy
        assert len(doc["copies"]) == copies
        assert all(c["state"] == "insync" for c in doc["copies"])
        assert doc["findings"] == [] and doc["slots"]["used"] == 0


def test_bytes(bench):
    """what format writes is what the second implementation of the format reads"""
    for size, main_size in ((36 * KIB, 64 * MIB), (1 * MIB, 100 * KIB), (4 * MIB, 8 * KIB),
                            (64 * MIB, 1 * MIB + 512), (4 * MIB + 3 * KIB, 512)):
        spare = bench.file("spare.img", size)
        main = bench.main(main_size)
        dmremap("format", main, spare, "--yes")
        img = Image(spare)
        nonce = img.sb.nonce
        for copy, at in enumerate(img.copies):
            sb = img.super(copy)
            assert sb.valid(at) and sb.type == image.SUPER and sb.index == copy
            assert (sb.epoch, sb.counter, sb.nonce) == (0, 1, nonce)
            assert sb["main_sect"] == main_size // 512 and sb["main_lbs"] == 512
            assert sb["spare_sect"] == size // 512 and sb["slots"] == size // 4096
            assert sb["insync"] == (1 << len(img.copies)) - 1
            assert sb["activity"] == image.CLEAN and sb["witness_valid"] == 0
            assert abs(sb["created_s"] - time.time()) < 120
            assert sb.raw[:12] == img.sb.raw[:12] and sb.uuid == img.sb.uuid
            for blk in range(sb["hwm_blk"]):
                t = img.table(copy, blk)
                assert t.valid(img.table_slot(copy, blk)) and t.index == blk
                assert t.uuid == sb.uuid and t.type == image.TABLE
            aux = img.get(img.aux_slot(copy))
            assert aux.valid(img.aux_slot(copy)) and aux.type == image.AUX


def test_uuid_is_random(bench):
    """two sets have two uuids, of RFC 4122's random kind"""
    uuids = {check(bench.set().path)["uuid"] for _ in range(4)}
    assert len(uuids) == 4
    for uuid in uuids:
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
                            uuid), uuid


def test_witness(bench):
    """witness ranges: starts, the last whole block, the signature; none twice, none outside"""
    for size, want in ((64 * MIB, {0, 8, 128, 64 * 2048 - 8}), (64 * KIB, {0, 8, 120}),
                       (8 * KIB, {0, 8}), (4 * KIB, {0}), (6 * KIB, {0, 8}), (512, {0})):
        img = bench.set(main_size=size)
        ranges = img.sb.witness
        assert {w[0] for w in ranges} == want, (size, ranges)
        assert len(ranges) == len(want)
        assert all(start + n <= size // 512 and n <= 8 for start, n in ranges), ranges
    main = bench.main(64 * MIB)
    with open(main, "r+b") as f:  # a Linux RAID superblock, version 1.0: near the end
        at = 64 * MIB - 8 * KIB
        f.seek(at)
        f.write(struct.pack("<IIII", 0xA92B4EFC, 1, 0, 0) + bytes(112) +
                struct.pack("<Q", at // 512) + bytes(120))
    dmremap("format", main, bench.file("s.img", 4 * MIB), "--yes")
    if "linux_raid_member" in subprocess.run(["blkid", "-p", main], capture_output=True,
                                             text=True, check=False).stdout:
        assert (at // 512, 8) in Image(str(bench.dir / "s.img")).sb.witness


def test_too_small(bench):
    """below the smallest size: refused, and that size is said; at it: works"""
    for size in (0, 1, 4096, 36 * KIB - 1):
        refused(bench, bench.file("s.img", size), "too small", "36 KiB", code=4)
    main = bench.main()
    dmremap("format", main, bench.file("s.img", 36 * KIB), "--yes").says("room for 3 blocks")


def test_same_device(bench):
    """main and spare the same file, by one name or two"""
    main = bench.main()
    other = str(bench.dir / "other")
    os.link(main, other)
    link = str(bench.dir / "link")
    os.symlink(main, link)
    with Untouched(main):
        for spare in (main, other, link):
            dmremap("format", main, spare, "--yes", code=4).says("same device")


def test_missing(bench):
    """a main or spare that does not exist, or is no device: exit 4 and its name"""
    main, spare = bench.main(), bench.file("s.img", MIB)
    none = str(bench.dir / "none")
    with Untouched(main, spare):
        dmremap("format", none, spare, "--yes", code=4).says("main", none, "does not exist")
        dmremap("format", main, none, "--yes", code=4).says("spare", none, "does not exist")
        dmremap("format", main, bench.dir, "--yes", code=4).says("neither a block device")
        dmremap("format", "/dev/null", spare, "--yes", code=4).says("main", "/dev/null")
        dmremap("format", bench.file("empty"), spare, "--yes", code=4).says("no sectors")
    assert not os.path.exists(none)


def test_question(bench):
    """without --yes it asks; anything but yes writes nothing"""
    main, spare = bench.main(), bench.file("s.img", MIB)
    with Untouched(main, spare):
        dmremap("format", main, spare, code=1).says("--yes", "destroys", spare)
        for answer in ("y\n", "YES\n", "no\n", "\n", "yes please\n", "\x04"):
            assert ask(main, spare, answer) == 1, answer
    assert ask(main, spare, "yes\n") == 0
    assert check(spare)["result"] == "clean"


def ask(main, spare, answer):
    controller, terminal = pty.openpty()
    with subprocess.Popen([str(TOOL), "format", main, spare], stdin=terminal,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as p:
        os.write(controller, answer.encode())
        code = p.wait(timeout=30)
    os.close(controller)
    os.close(terminal)
    return code


def test_locked(bench):
    """another program has the spare locked: exit 5"""
    main, spare = bench.main(), bench.file("s.img", MIB)
    with open(spare, "rb") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        dmremap("format", main, spare, "--yes", code=5).says("in use")


# --- what is on the spare already ---

def with_magic(bench, *writes, size=8 * MIB):
    spare = bench.file("s.img", size)
    with open(spare, "r+b") as f:
        for at, data in writes:
            f.seek(at)
            f.write(data)
    return spare


def test_filesystem(bench):
    """a filesystem: refused, named, with its label"""
    if not shutil.which("mkfs.ext4"):
        raise Skip("no mkfs.ext4")
    spare = bench.file("s.img", 8 * MIB)
    bench.sh("mkfs.ext4", "-q", "-F", "-L", "precious", spare)
    main = refused(bench, spare, "ext4", "precious", "--force")
    forced(main, spare)
    done = subprocess.run(["blkid", "-p", spare], capture_output=True, text=True, check=False)
    assert "ext4" not in done.stdout, done


def test_swap(bench):
    """swap space: refused"""
    head = struct.pack("<III", 1, 2047, 0) + b"0123456789abcdef"
    spare = with_magic(bench, (1024, head), (4086, b"SWAPSPACE2"))
    forced(refused(bench, spare, "swap"), spare)


def test_partition_table(bench):
    """a partition table: refused"""
    entry = struct.pack("<B3sB3sII", 0, b"\0\2\0", 0x83, b"\0\2\0", 8, 4096)
    spare = with_magic(bench, (446, entry), (510, b"\x55\xaa"))
    forced(refused(bench, spare, "dos", "partition table"), spare)


def test_own_set(bench):
    """a dm-remap 4 set: refused, with the number of blocks that live there"""
    img = bench.set()
    i = img.data_index()
    img.change(0, {i: image.word(image.USED, 5, image.IN_SLOT)})
    main = refused(bench, img.path, "format 4", "live only here: 1")
    forced(main, img.path)
    assert check(img.path)["slots"]["used"] == 0


def test_own_damaged(bench):
    """a damaged dm-remap superblock at any one anchor is enough to refuse"""
    for strategy, (size, copies) in STRATEGIES.items():
        for keep in range(copies):
            img = bench.set(size)
            for copy in range(copies):
                if copy != keep:
                    img.destroy(copy)
            img.put_raw(img.copies[keep], image.MAGIC + os.urandom(4088))
            refused(bench, img.path, f"place of copy {keep}")
        forced(bench.main(), img.path)
        assert len(check(img.path)["copies"]) == copies, strategy


def test_own_newer(bench):
    """a superblock of a newer version: refused, with that version"""
    img = bench.set()
    for copy in range(5):
        sb = img.super(copy)
        sb.version = 9
        img.put(sb)
    forced(refused(bench, img.path, "format 9"), img.path)


def test_predecessor(bench):
    """metadata of the earlier dm-remap, at each place it used: refused; wiped when forced"""
    kernel = DMR4 + struct.pack("<I", 4) + bytes(24) + struct.pack("<I", 84288) + bytes(260) + \
        struct.pack("<I", 6)
    for at in DMR4_PLACES:
        spare = with_magic(bench, (at, kernel))
        main = refused(bench, spare, "DMR4", "6 remaps", f"byte {at}")
        forced(main, spare)
        dmremap("format", main, spare, "--yes", code=5).silent("DMR4")
        spare = with_magic(bench, (at, DMR4))
        refused(bench, spare, "DMR4", f"byte {at}")
    spare = with_magic(bench, (0, b"DMREMAP3"))
    forced(refused(bench, spare, "DMREMAP3"), spare)


def test_predecessor_elsewhere(bench):
    """the magic at a place where nobody wrote it is data of no interest"""
    for at in (512, 4096, 131072 + 512, 1 * MIB + 4096):
        spare = with_magic(bench, (at, DMR4))
        dmremap("format", bench.main(), spare, "--yes")


def test_read_only_user(bench):
    """a spare that may not be written: exit 2"""
    if os.geteuid() == 0:
        raise Skip("root may write everything")
    spare = bench.file("s.img", MIB)
    os.chmod(spare, 0o400)
    refused(bench, spare, "root", code=2)


def test_full_filesystem(bench):
    """a spare that cannot be written to its end: exit 4, nothing that looks like a set"""
    main, spare = bench.main(), bench.file("s.img", 4 * MIB)
    before = digest(main)
    limited = 'trap "" XFSZ; ulimit -f 1500; "$0" format "$1" "$2" --yes'
    done = subprocess.run(["bash", "-c", limited, str(TOOL), main, spare], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 4 and "cannot be written" in done.stderr, done
    assert digest(main) == before
    dmremap("check", spare, code=8).says("not formatted")
