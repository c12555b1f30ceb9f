# SPDX-License-Identifier: GPL-2.0-only
"""Block devices, as far as loop devices go: sizes and limits, who uses them,
what lies on what. Needs root; device-mapper is not needed."""

import os
import shutil
import struct
import subprocess
import time

from cli import KIB, MAIN, MIB, Skip, Untouched, check, dmremap
from image import Image


def pair(bench, spare_size=4 * MIB):
    main = bench.loop(bench.main())
    file = bench.file("spare.img", spare_size)
    return main, bench.loop(file), file


def ext4(bench, dev):
    if not shutil.which("mkfs.ext4"):
        raise Skip("no mkfs.ext4")
    bench.sh("mkfs.ext4", "-q", "-F", dev)


def partitioned(bench, name, size, *parts):
    """A loop device with partitions (start, length) in sectors; their paths."""
    file = bench.file(name, size)
    with open(file, "r+b") as f:
        f.seek(446)
        for start, length in parts:
            f.write(struct.pack("<B3sB3sII", 0, b"\0\2\0", 0x83, b"\0\2\0", start, length))
        f.seek(510)
        f.write(b"\x55\xaa")
    disk = bench.loop(file, "--partscan")
    paths = [f"{disk}p{n}" for n in range(1, len(parts) + 1)]
    for _ in range(20):
        if all(os.path.exists(p) for p in paths):
            return disk, paths
        time.sleep(0.1)
    raise Skip("no partitions on loop devices here")


def test_format_and_check(bench):
    """format, check and list on devices; main is not written"""
    main, spare, file = pair(bench)
    with Untouched(main):
        dmremap("format", main, spare, "--yes")
    assert check(spare)["result"] == "clean"
    assert dmremap("list", "--json", spare).json["entries"] == []
    assert Image(file).sb["main_sect"] == MAIN // 512


def test_overlap(bench):
    """a disk and a partition of it, in both orders, and one partition twice"""
    disk, (one, two) = partitioned(bench, "disk.img", 16 * MIB, (2048, 8192), (16384, 8192))
    with Untouched(disk):
        dmremap("format", disk, one, "--yes", code=4).says(one, "is a part of main", disk)
        dmremap("format", one, disk, "--yes", code=4).says(one, "lies on spare", disk)
        dmremap("format", one, one, "--yes", code=4).says("same device")
    dmremap("format", one, two, "--yes")


def test_overlap_loop(bench):
    """a loop device and its file, and two loop devices over the same bytes"""
    file = bench.file("s.img", 16 * MIB)
    loop, again = bench.loop(file), bench.loop(file)
    with Untouched(file):
        dmremap("format", loop, file, "--yes", code=5).says("file behind")
        dmremap("format", file, loop, "--yes", code=4).says("part of main", loop)
        dmremap("format", loop, again, "--yes", code=4).says("in common", again)
    first = bench.loop(file, "--sizelimit", str(8 * MIB))
    second = bench.loop(file, "--offset", str(8 * MIB))
    dmremap("format", first, again, "--yes", code=4).says("in common")
    dmremap("format", first, second, "--yes")


def test_spare_on_main(bench):
    """a spare in a file on a filesystem that lies on main"""
    main = bench.loop(bench.file("main.img", 32 * MIB))
    ext4(bench, main)
    where = bench.mount(main)
    file, other = os.path.join(where, "spare.img"), os.path.join(where, "other.img")
    for path in (file, other):
        with open(path, "wb") as f:
            f.truncate(4 * MIB)
    spare = bench.loop(file)
    dmremap("format", main, spare, "--yes", code=4).says("file on a filesystem", main)
    dmremap("format", main, other, "--yes", code=4).says("file on a filesystem", main)


def test_mounted_spare(bench):
    """a mounted spare: refused with its mount point; forced: a warning"""
    main, spare, _ = pair(bench, 16 * MIB)
    ext4(bench, spare)
    where = bench.mount(spare)
    with Untouched(main, spare):
        dmremap("format", main, spare, "--yes", code=5).says("mounted on", where)
        dmremap("check", spare, code=8).says("mounted on", where)
    dmremap("format", main, spare, "--yes", "--force").says("warning", "mounted on", where)


def test_mounted_partition(bench):
    """a spare one of whose partitions is mounted: refused, and which"""
    disk, (one,) = partitioned(bench, "disk.img", 32 * MIB, (2048, 40960))
    ext4(bench, one)
    where = bench.mount(one)
    dmremap("format", bench.main(), disk, "--yes", code=5).says(one, where)


def test_held_spare(bench):
    """a spare that a program has open exclusively: exit 5"""
    main, spare, _ = pair(bench)
    fd = os.open(spare, os.O_RDONLY | os.O_EXCL)
    try:
        dmremap("format", main, spare, "--yes", code=5).says("in use")
        dmremap("check", spare, code=8).says("in use")
    finally:
        os.close(fd)
    dmremap("format", main, spare, "--yes")


def test_file_behind_loop(bench):
    """the file of a spare that is a loop device now: format and check refuse it"""
    main, spare, file = pair(bench)
    dmremap("format", main, spare, "--yes")
    with Untouched(file):
        dmremap("check", file, code=8).says("behind", spare)
        dmremap("format", main, file, "--yes", code=5).says("behind", spare)


def test_logical_blocks(bench):
    """512-byte main with a 4096-byte spare is refused; the other way round works"""
    small = bench.loop(bench.main())
    large = bench.loop(bench.file("s.img", 4 * MIB), "--sector-size", "4096")
    dmremap("format", small, large, "--yes", code=4).says("4096", "512", "another spare")
    main = bench.loop(bench.file("m4.img", 8 * MIB), "--sector-size", "4096")
    file = bench.file("s5.img", 4 * MIB)
    dmremap("format", main, bench.loop(file), "--yes")
    assert Image(file).sb["main_lbs"] == 4096 and Image(file).sb["spare_lbs"] == 512
    dmremap("format", main, large, "--yes")
    assert check(large)["main"]["logical_block_bytes"] == 4096


def test_alignment(bench):
    """a spare that does not begin at a multiple of 4 KiB: refused"""
    main = bench.main()
    _, (odd, even) = partitioned(bench, "disk.img", 16 * MIB, (63, 8192), (16384, 8192))
    dmremap("format", main, odd, "--yes", code=4).says("sector 63", "aligned")
    dmremap("format", main, even, "--yes")
    spare = bench.loop(bench.file("s.img", 4 * MIB), "--offset", "512")
    dmremap("format", main, spare, "--yes", code=4).says("not aligned")


def test_read_only(bench):
    """a spare that is set read-only: exit 4; it can still be checked"""
    file = bench.set().path
    spare = bench.loop(file, "--read-only")
    with Untouched(file):
        dmremap("format", bench.main(), spare, "--yes", "--force", code=(2, 4))
        assert check(spare)["result"] == "clean"


def test_sizes(bench):
    """devices whose size is no multiple of 4 KiB"""
    main = bench.loop(bench.file("m.img", MIB + 512))
    file = bench.file("s.img", 36 * KIB + 3584)
    dmremap("format", main, bench.loop(file), "--yes").says("room for 3 blocks")
    sb = Image(file).sb
    assert sb["main_sect"] == 2049 and sb["spare_sect"] == 79 and sb["slots"] == 9


def test_partuuid(bench):
    """main a partition: its PARTUUID is remembered"""
    _, (one,) = partitioned(bench, "disk.img", 16 * MIB, (2048, 8192))
    spare = bench.file("s.img", 4 * MIB)
    dmremap("format", one, spare, "--yes")
    want = subprocess.run(["blkid", "-p", "-s", "PART_ENTRY_UUID", "-o", "value", one],
                          capture_output=True, text=True, check=False).stdout.strip()
    got = check(spare)["main"]["partuuid"]
    assert (got or "") == want, (got, want)


def test_files_cannot_be_opened(bench):
    """open and create need block devices, a kernel with device-mapper, and root"""
    main, spare = bench.main(), bench.file("s.img", 4 * MIB)
    with Untouched(main, spare):
        dmremap("open", "x", main, spare, code=(2, 4))
        dmremap("create", "x", main, spare, "--yes", code=(2, 4))
