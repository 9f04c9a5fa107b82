#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures ccrd beside nginx and haproxy: same run, same mock provider, same load. See docs/performance.md."""
import argparse
import os
import platform
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

from proxies import Bench, start_mock
from scenarios import SCENARIOS, start_proxies

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DOC = os.path.join(ROOT, "docs/performance.md")
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and shorter runs, under 90 s")
    parser.add_argument("--only", action="append", choices=SCENARIOS, metavar="NAME",
                        help="one measurement: " + ", ".join(SCENARIOS) + " (repeatable)")
    parser.add_argument("--build", default=os.path.join(ROOT, "build/release"), help="build directory")
    parser.add_argument("--ccrd", help="the ccrd to measure (default: that of the build directory)")
    parser.add_argument("--rounds", type=int, help="rounds per comparison")
    parser.add_argument("--write", action="store_true", help="write the results to docs/performance.md")
    options = parser.parse_args()
    options.ccrd = options.ccrd or os.path.join(options.build, "daemon/ccrd")
    options.rounds = options.rounds or (3 if options.quick else 5)
    options.count_2k, options.count_50k = (2000, 500) if options.quick else (6000, 1500)
    options.sse_seconds, options.hold_seconds = (2, 4) if options.quick else (5, 10)
    options.starts = 5 if options.quick else 9
    return options


def raise_descriptor_limit():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 20000 if hard == resource.RLIM_INFINITY else min(20000, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    return wanted


def number(value):
    if value is None:
        return "–"
    return f"{value:.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.1f}"


def cells(row):
    ratio = f"{row.value:.2f}×" if "×" in row.bar else "–"
    return [row.name, row.unit, number(row.ccrd), number(row.nginx), number(row.haproxy), ratio, row.bar,
            "PASS" if row.passed() else "FAIL"]


HEADINGS = ["measured", "unit", "ccrd", "nginx", "haproxy", "ratio", "bar", ""]


def plain_table(rows):
    table = [HEADINGS] + [cells(row) for row in rows]
    widths = [max(len(line[i]) for line in table) for i in range(len(HEADINGS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in table)


def markdown(rows, options, bench):
    lines = ["| " + " | ".join(HEADINGS) + " |", "|---|---|--:|--:|--:|--:|---|---|"]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    lines += ["", machine(options, bench), ""]
    lines += [f"- {note}" for row in rows for note in row.notes]
    return "\n".join(lines)


def machine(options, bench):
    def version(command):
        result = subprocess.run(command, capture_output=True, text=True)
        return (result.stdout + result.stderr).split("\n")[0].split("version")[-1].strip(" :/").split(" ")[0]
    return (f"Machine: {os.cpu_count()} cores, {platform.machine()}, Linux {platform.release().split('-')[0]}; "
            f"{bench.workers} loops or workers each; nginx {version(['nginx', '-v']).replace('nginx/', '')}, "
            f"haproxy {version(['haproxy', '-v'])}; median of {options.rounds} rounds.")


def write_doc(text, path=DOC):
    with open(path, encoding="utf-8") as f:
        page = f.read()
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"{before}{BEGIN}\n{text}\n{END}{after}")


def measure(bench, options):
    mock = start_mock(bench)
    rows, proxies = [], []
    try:
        proxies = start_proxies(bench, options)
        for name in options.only or SCENARIOS:
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            rows += SCENARIOS[name](bench, proxies, options)
    finally:
        for program in proxies + [mock]:
            program.stop()
    return rows


def main():
    options = parse_arguments()
    # An ordinary exit, so that no child outlives the driver.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for tool in ("nginx", "haproxy"):
        if shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin") is None:
            sys.exit(f"{tool} is not installed (apt-get install {tool})")
    os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin"
    with tempfile.TemporaryDirectory(prefix="ccr-bench.") as work_dir:
        bench = Bench(work_dir, options.build, options.ccrd)
        bench.files = raise_descriptor_limit()
        try:
            rows = measure(bench, options)
        except (RuntimeError, OSError) as error:
            print(f"bench: {error}", file=sys.stderr)
            return 2
    print(plain_table(rows))
    for row in rows:
        for note in row.notes:
            print(f"  {note}")
    if options.write:
        write_doc(markdown(rows, options, bench))
    return 0 if all(row.passed() for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
