# SPDX-License-Identifier: MIT
"""The C++ sources are as clang-format leaves them. 77 (skipped, said loudly) without clang-format-16."""
import shutil
import subprocess
import sys

import tree


def main():
    formatter = shutil.which("clang-format-16")
    if formatter is None:
        print("SKIPPED: clang-format-16 is not installed; ./dev test installs it")
        sys.exit(77)
    names = tree.files(".cpp", ".hpp")
    result = subprocess.run([formatter, "--dry-run", "-Werror", *names], cwd=tree.ROOT,
                            capture_output=True, text=True, check=False)
    problems = [line for line in result.stderr.splitlines() if "error:" in line]
    if result.returncode != 0 and not problems:
        problems = result.stderr.splitlines()
    tree.finish("format (./dev format)", problems, len(names))


if __name__ == "__main__":
    main()
