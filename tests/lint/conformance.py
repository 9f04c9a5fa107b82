# SPDX-License-Identifier: MIT
"""The list of conformance cases is true: every number is in it, and in a test of a file that it names."""
import os
import re

import tree

LIST = "tests/unit/dialect/CONFORMANCE.md"
CASES = range(1, 91)
_ROW = re.compile(r"^\|\s*(\d[\d ,–]*)\|")
_FILE = re.compile(r"`([\w./-]+\.(?:cpp|mjs))`")
# Case07, Case15And16, case 76, cases 10 and 11
_NUMBERED = re.compile(r"\b_?Cases?(\d+(?:And\d+)*)|\bcases? (\d+(?:(?:, | and |–)\d+)*)|_Cases?(\d+(?:And\d+)*)")


def numbers_of(text):
    """The numbers that "1–3, 7" stands for."""
    found = set()
    for part in re.split(r",|\band\b|And", text):
        ends = [int(number) for number in re.findall(r"\d+", part)]
        if ends:
            found.update(range(ends[0], ends[-1] + 1))
    return found


def numbered_tests(text):
    found = set()
    for match in _NUMBERED.finditer(text):
        found |= numbers_of(next(group for group in match.groups() if group))
    return found


def rows_of(text):
    """(line, numbers, files) of each row of the tables."""
    for number, line in enumerate(text.splitlines(), 1):
        row = _ROW.match(line)
        if row:
            yield number, numbers_of(row.group(1)), _FILE.findall(line)


def path_of(name):
    return name if name.startswith("tests/") else os.path.join(os.path.dirname(LIST), name)


def problems_in(text, read):
    """`read` gives a file's text, or None where there is none."""
    found = []
    tested, listed = set(), set()
    for line, numbers, names in rows_of(text):
        listed |= numbers
        for name in names:
            content = read(path_of(name))
            if content is None:
                found.append(f"{LIST}:{line}: there is no {name}")
            else:
                tested |= numbers & numbered_tests(content)
    found += [f"{LIST}: case {number} is missing" for number in CASES if number not in listed]
    found += [f"{LIST}: case {number} is no number of a test in the files named for it"
              for number in CASES if number in listed and number not in tested]
    found += [f"{LIST}: there is no case {number}" for number in sorted(listed - set(CASES))]
    return found


def main():
    known = set(tree.files(".cpp", ".mjs"))
    problems = problems_in(tree.read(LIST), lambda name: tree.read(name) if name in known else None)
    tree.finish("conformance", problems, 1)


if __name__ == "__main__":
    main()
