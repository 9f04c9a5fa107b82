# SPDX-License-Identifier: MIT
"""Every shell script parses with the shell that its first line names."""
import os
import subprocess

import tree


def interpreter(text):
    first = text.split("\n", 1)[0]
    if not first.startswith("#!"):
        return None
    program = first[2:].replace("/usr/bin/env", "").split()[0].rsplit("/", 1)[-1]
    return program if program in ("sh", "bash", "dash") else None


def main():
    problems = []
    checked = 0
    for name in tree.files():
        path = os.path.join(tree.ROOT, name)
        with open(path, "rb") as file:
            if file.read(2) != b"#!":
                continue
        shell = interpreter(tree.read(name))
        if shell is None:
            continue
        checked += 1
        result = subprocess.run([shell, "-n", path], capture_output=True, text=True, check=False)
        if result.returncode != 0:
            problems.append(f"{name}: {result.stderr.strip()}")
        if not os.access(path, os.X_OK):
            problems.append(f"{name}: has #! but is not executable")
    tree.finish("shell", problems, checked)


if __name__ == "__main__":
    main()
