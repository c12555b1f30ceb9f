# SPDX-License-Identifier: GPL-2.0-only
"""Help, usage, options and exit codes, the same for every command."""

import os
import re

from cli import HERE, TOP, dmremap

# command: numbers of arguments it takes, options it takes
COMMANDS = {
    "format": ((2,), {"force", "yes"}),
    "create": ((3,), {"force", "yes", "policy", "allowance", "hold", "low", "critical",
                      "slow"}),
    "open": ((3,), {"force", "readonly", "policy", "allowance", "hold", "low", "critical",
                    "slow"}),
    "close": ((1,), set()),
    "status": ((0, 1), {"json"}),
    "health": ((1,), {"json", "count"}),
    "list": ((1,), {"json"}),
    "map": ((1,), {"svg"}),
    "freeze": ((1,), set()),
    "thaw": ((1, 2), set()),
    "policy": ((2,), set()),
    "remap": ((2, 3), {"bytes"}),
    "unmap": ((2, 3), {"bytes"}),
    "import": ((2,), {"block-size", "dry-run", "yes"}),
    "verify": ((1,), set()),
    "check": ((1,), {"json"}),
    "dump": ((1,), set()),
    "restore": ((2,), {"force", "yes"}),
    "retarget": ((2,), {"drop", "yes"}),
    "replace": ((2,), {"force", "yes"}),
    "resize": ((1,), {"spare-size", "main", "dry-run", "yes"}),
    "repair": ((1, 2), {"force", "in-place", "main", "dry-run", "json", "yes"}),
    "wipe": ((1,), {"force", "yes"}),
    "version": ((0,), set()),
    "help": ((0, 1), set()),
}
OPTIONS = {"force": [], "readonly": [], "policy": ["off"], "allowance": ["3"], "hold": ["5"],
           "low": ["10"], "critical": ["2"], "slow": ["5"], "count": ["3"], "bytes": [],
           "block-size": ["512"], "dry-run": [], "svg": ["-"], "drop": [], "in-place": [],
           "main": ["x"], "spare-size": ["8M"], "json": [], "yes": []}


def usage_code(command):
    return 16 if command == "check" else 1


def golden(name, text):
    """Equal to a file in golden/; DMREMAP_GOLDEN=1 writes it instead."""
    path = HERE / "golden" / f"{name}.txt"
    if os.environ.get("DMREMAP_GOLDEN"):
        path.write_text(text)
    assert path.read_text() == text, f"differs from golden/{name}.txt:\n{text}"


def test_help(_):
    """help, help COMMAND and COMMAND --help print what golden/ has"""
    text = dmremap("help").out
    golden("help", text)
    for args in (["--help"], ["-h"]):
        assert dmremap(*args).out == text
    for command in COMMANDS:
        text = dmremap("help", command).out
        golden(f"help-{command}", text)
        assert dmremap(command, "--help").out == text
        assert dmremap("-h", command).out == text


def test_help_names_everything(_):
    """the list of commands and options in the help is the one tested here"""
    text = dmremap("help").out
    commands = re.findall(r"^  (\w+)[ \[]", text.split("Commands:")[1].split("\n\n")[0], re.M)
    assert commands == list(COMMANDS), commands
    for command, (_, options) in COMMANDS.items():
        text = dmremap("help", command).out
        seen = set(re.findall(r"--([\w-]+)", text.split("Options:")[1].split("\n\n")[0]))
        assert seen == options | {"help"}, (command, seen)


def test_version(_):
    """version and --version agree"""
    out = dmremap("version").out
    assert re.fullmatch(r"dmremap \d+\.\d+\.\d+\n", out), out
    assert dmremap("--version").out == out
    assert dmremap("-V").out == out


def test_no_command(_):
    """without a command, and with one that is none: exit 1, and where the help is"""
    dmremap(code=1).says("dmremap help")
    dmremap("frobnicate", code=1).says("frobnicate", "dmremap help")
    dmremap("help", "frobnicate", code=1).says("frobnicate")


def test_number_of_arguments(_):
    """too few and too many arguments: exit 1 (check: 16) and the usage"""
    for command, (counts, _) in COMMANDS.items():
        for n in range(max(counts) + 3):
            if n not in counts:
                dmremap(command, *["x"] * n, code=usage_code(command)).says(
                    f"usage: dmremap {command}")


def test_options(_):
    """an option that a command does not take, or that does not exist, is refused"""
    for command, (counts, taken) in COMMANDS.items():
        args = ["x"] * counts[-1]
        for option, value in OPTIONS.items():
            if option not in taken:
                dmremap(command, f"--{option}", *value, *args, code=usage_code(command)).says(
                    f"--{option}")
        dmremap(command, "--frobnicate", *args, code=usage_code(command)).says("frobnicate")


def test_option_values(_):
    """values of --policy, --allowance and --hold outside of their range: exit 1"""
    for bad in (["--policy", "no"], ["--allowance", "65537"], ["--allowance", "-1"],
                ["--allowance", "x"], ["--hold", "0"], ["--hold", "601"], ["--hold", ""],
                ["--slow", "600001"], ["--policy", "off", "--policy", "off"], ["--hold"]):
        dmremap("open", "x", "/dev/null", "/dev/null", *bad, code=1)


def test_message_values(_):
    """values of thaw and policy outside of their range: exit 1"""
    for bad in ("0", "x", "1x", "65537", "99999999999999999999"):
        dmremap("thaw", "x", bad, code=1).says("allowance")
    dmremap("policy", "x", "no", code=1).says("remap, record or off")


def test_names(_):
    """names that cannot be a device's: exit 1"""
    for bad in ("", "a/b", "..", "x" * 128, "a b", "control"):
        dmremap("open", bad, "/dev/null", "/dev/null", code=1).says("name")


def exit_table(text, heading):
    rows = text.split(heading)[1].split("\n\n")[0]
    return dict(re.findall(r"^ +(\d+)  (.*)$", rows, re.M))


def test_exit_codes(_):
    """the tables of exit codes in the help are those of exit.def, and the man page has them"""
    text = dmremap("help").out
    source = (TOP / "tools" / "exit.def").read_text()
    man = (TOP / "man" / "dmremap.8").read_text()
    for macro, heading in (("EXIT_CODE", "all commands but check:"),
                           ("EXIT_CHECK", "Exit codes of check, bits that add up:")):
        want = dict(re.findall(rf'^{macro}\(\w+, (\d+), "(.*)"\)$', source, re.M))
        assert want and exit_table(text, heading) == want, want
        for code, meaning in want.items():
            assert f".B {code}\n{meaning}" in man, f"not in the man page: {code} {meaning}"


def test_man_page(_):
    """the man page has every command with its arguments, and every option"""
    man = (TOP / "man" / "dmremap.8").read_text().replace("\\-", "-")
    usage = dmremap("help").out.split("Commands:")[1].split("\n\n")[0]
    for command, args in re.findall(r"^  (\w+) (.*?)  ", usage, re.M):
        assert f".B dmremap {command}" in man, command
        if command not in ("version", "help"):
            assert re.search(rf"^\.SS {command} {re.escape(args)}$", man, re.M), (command, args)
    for option in OPTIONS:
        assert f"--{option}" in man, option


def test_json_documented(_):
    """every key of the JSON is in doc/json.md"""
    doc = (TOP / "doc" / "json.md").read_text()
    known = set(re.findall(r"`([a-z_.\[\]]+)`", doc))
    keys = set()
    for name in ("cmd-status.c", "cmd-health.c", "health.c", "cmd-list.c", "cmd-check.c",
                 "report.c", "cmd-repair.c", "salvage-say.c", "dump.c", "dump-rows.c"):
        source = (TOP / "tools" / name).read_text()
        keys |= set(re.findall(r'_FIELD\([^"]*?, OUT_(?!SECT)\w+, "([a-z_.]+)"', source))
        keys |= {k + unit for k in re.findall(r'OUT_SECT, "([a-z_.]+)"', source)
                 for unit in ("bytes", "sectors")}
        keys |= set(re.findall(r'object_add\(\w+, "([a-z_]+)"', source))
    assert len(keys) > 60, keys
    missing = {k for k in keys if k not in known and f"{k}[]" not in known}
    assert not missing, missing
