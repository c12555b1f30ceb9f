# SPDX-License-Identifier: GPL-2.0-only
"""import: what the lists say is understood or named by its line. What is done with
them needs the module: tests/vm/tests/import.sh."""

import json

from cli import dmremap

MAP = """# Mapfile. Created by GNU ddrescue version 1.27
# current_pos  current_status  current_pass
0x00120000     ?               1
#      pos        size  status
0x00000000  0x00117000  +
0x00117000  0x00000200  -
"""
REPORT = {"smartctl": {"version": [7, 3]}, "logical_block_size": 512,
          "ata_pending_defects_log": {"size": 255, "count": 1, "table": [{"lba": 2056}]}}


def imported(bench, text, *options, code=4):
    path = bench.file("list")
    with open(path, "wb") as f:
        f.write(text.encode() if isinstance(text, str) else text)
    return dmremap("import", "no-such-set", path, "--yes", *options, code=code)


def test_understood(bench):
    """each kind of list is taken: what is missing is the set, or the device-mapper"""
    for text in ("12\n13\n", "", "\n 7 \r\n", MAP, MAP.replace("-\n", "*\n"), json.dumps(REPORT),
                 json.dumps({**REPORT, "logical_block_size": 4096})):
        imported(bench, text).silent("make no sense", "list:")


def test_garbage(bench):
    """lines that make no sense are named by number, with what stands there"""
    run = imported(bench, "12\n1x\n13\n-1\n0x10\n12 13\n99999999999999999999\n")
    run.says('list:2: ', '"1x"', 'list:4: ', 'list:6: ', 'list:7: ', "nothing was changed")
    imported(bench, "12\nfourteen\n").says("list:2: not a block number: \"fourteen\"",
                                           "1 lines make no sense")
    imported(bench, "18446744073709551615\n").says("list:1: no device is so large")
    imported(bench, "1\n" + "x\n" * 100).says("100 lines make no sense", "list:21: ").silent(
        "list:22: ")
    imported(bench, b"12\n1\x003\n").says("bytes of zero")


def test_mapfile_garbage(bench):
    """the same of a mapfile: its first line, positions, sizes, status"""
    imported(bench, MAP.replace("?  ", "X  ")).says("list:3: not the first line")
    imported(bench, MAP.replace("-\n", "x\n")).says("list:6: its status")
    imported(bench, MAP.replace("-\n", "- 1\n")).says("list:6: ")
    imported(bench, MAP.replace("0x00000200", "zero")).says("list:6: not position, size")
    imported(bench, MAP.replace("0x00000200", "0x0")).says("list:6: no device")
    imported(bench, MAP.replace("0x00117000  0x00000200", "0xffffffffffffffff 2")).says("list:6: ")


def test_report_garbage(bench):
    """JSON that is no report, or not the one that is needed"""
    imported(bench, "{").says("JSON")
    imported(bench, "{}").says("not of smartctl")
    imported(bench, json.dumps({"smartctl": {}})).says("-l defects")
    imported(bench, json.dumps({**REPORT, "logical_block_size": 500})).says("logical block size")
    for lba in (-1, "7", 1.5, 1 << 60):
        table = {"table": [{"lba": 1}, {"lba": lba}]}
        imported(bench, json.dumps({**REPORT, "ata_pending_defects_log": table})).says("list:2: ")


def test_block_size(bench):
    """--block-size: a power of two; exit 1 else"""
    imported(bench, "1\n", "--block-size", "4096").silent("--block-size")
    for bad in ("0", "511", "1000", "x", "134217728", ""):
        imported(bench, "1\n", "--block-size", bad, code=1).says("--block-size")


def test_no_file(bench):
    """a file that is not there"""
    dmremap("import", "x", bench.dir / "none", code=4).says("none", "No such file")
