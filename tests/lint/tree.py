# SPDX-License-Identifier: MIT
"""What the lints share: the files of the tree, C++ text without comments and strings, reporting."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def files(*suffixes):
    """Paths relative to the root: what git knows or would add, whatever the build leaves around."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True).stdout.decode()
    names = sorted(set(listing.split("\0")) - {""})
    present = [name for name in names if os.path.isfile(os.path.join(ROOT, name))]
    return [name for name in present if not suffixes or name.endswith(suffixes)]


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8", errors="replace") as file:
        return file.read()


_CPP_NOISE = re.compile(
    r'R"(?P<tag>[^(\s]{0,16})\(.*?\)(?P=tag)"'    # raw string
    r'|"(?:\\.|[^"\\\n])*"'                       # string
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'"       # character, not a digit separator
    r"|//[^\n]*|/\*.*?\*/", re.S)


def bare_cpp(text):
    """The text with comments and literals blanked; offsets and line numbers stay."""
    def blank(match):
        kept = re.sub(r"[^\n]", " ", match.group())
        return '"' + kept[1:-1] + '"' if match.group()[0] in "R\"'" and len(kept) > 1 else kept
    return _CPP_NOISE.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def finish(lint, problems, checked):
    """Prints the findings and ends the process: 0 clean, 1 not."""
    for problem in problems:
        print(problem)
    print(f"{lint}: {len(problems)} problem(s) in {checked} file(s)")
    if checked == 0:
        print(f"{lint}: found no file to check, which is itself a failure")
    sys.exit(1 if problems or checked == 0 else 0)
