# SPDX-License-Identifier: MIT
"""Every file: licence line, size, and nothing in it that only holds on one machine."""
import os
import re

import tree

LICENSE_LINE = "SPDX-License-Identifier: MIT"
CODE = (".cpp", ".hpp", ".py", ".mjs", ".sh", ".cmake", "CMakeLists.txt")
SIZED = (".cpp", ".hpp", ".py", ".mjs", ".sh")
MAX_LINES = 400
BINARY = (".png", ".pdf", ".gz", ".bin", ".ico", ".woff2")
# Written in pieces so that this file does not find itself.
MACHINE = re.compile("|".join([
    r"(?<![\w./-])/wor" r"k/", r"(?<![\w.-])/roo" r"t/", r"/ho" r"me/(?!u\b|user\b|me\b|you\b|\$|\{)[a-z]\w*/",
    r"registry\.npm" r"js", r"deb\.deb" r"ian\.org", r"pypi\." r"org", r"files\.python" r"hosted",
    r"static\.crates\." r"io", r"proxy\.golang\." r"org", r"repo1\.mav" r"en"]))
# Captured requests hold the paths of the machine they were captured on, as their client sent them.
MACHINE_EXEMPT = ("tests/data/claude-code/",)


def problems_in(name, text):
    lines = text.splitlines()
    found = []
    code = name.endswith(CODE) or (lines and lines[0].startswith("#!"))
    if code and not any(LICENSE_LINE in line for line in lines[:2]):
        found.append((1, f"the first line (after #!) is not '{LICENSE_LINE}'"))
    if name.endswith(SIZED) and len(lines) > MAX_LINES:
        found.append((MAX_LINES, f"{len(lines)} lines, more than {MAX_LINES}: does it hold one thing?"))
    if code and text and not text.endswith("\n"):
        found.append((len(lines), "no newline at the end"))
    if not name.startswith(MACHINE_EXEMPT):
        for match in MACHINE.finditer(text):
            found.append((tree.line_of(text, match.start()),
                          f"'{match.group()}' belongs to one machine, not to the project"))
    return found


def main():
    names = [name for name in tree.files() if not name.endswith(BINARY)]
    problems = [f"{name}:{line}: {message}"
                for name in names for line, message in problems_in(name, tree.read(name))]
    problems += [f"{name}: a path with spaces" for name in names if re.search(r"\s", os.path.basename(name))]
    tree.finish("files", problems, len(names))


if __name__ == "__main__":
    main()
