# SPDX-License-Identifier: MIT
"""The programs of the bench: started on free loopback ports, measured through /proc, ended by pid."""
import json
import os
import select
import socket
import subprocess
import time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def children_of(pid):
    """The process and all its descendants."""
    parents = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as f:
                parents[int(entry)] = int(f.read().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
    family, more = {pid}, True
    while more:
        new = {p for p, parent in parents.items() if parent in family and p not in family}
        family |= new
        more = bool(new)
    return family


def cpu_seconds(pid):
    """CPU time (user + system) of the process tree. From schedstat, in ns; the ticks of
    /proc/PID/stat are too coarse for short runs and serve where the kernel has no schedstat."""
    total = 0.0
    for member in children_of(pid):
        try:
            for task in os.listdir(f"/proc/{member}/task"):
                with open(f"/proc/{member}/task/{task}/schedstat") as f:
                    total += int(f.read().split()[0]) / 1e9
        except FileNotFoundError:
            with open(f"/proc/{member}/stat") as f:
                fields = f.read().rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def rss_kb(pid):
    total = 0
    for member in children_of(pid):
        with open(f"/proc/{member}/status") as f:
            total += sum(int(line.split()[1]) for line in f if line.startswith("VmRSS:"))
    return total


def exchange(port, request, timeout=10.0):
    """One request that asks for `connection: close`; the whole answer as bytes. Raises OSError."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as s:
        s.sendall(request)
        out = b""
        while True:
            data = s.recv(65536)
            if not data:
                return out
            out += data


def http_request(path, body=None, close=False, headers=()):
    lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", "host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers]
    if close:
        lines.append("connection: close")
    if body is not None:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


class Program:
    """A child process that listens on `port`."""

    def __init__(self, name, command, port, log):
        self.name, self.port, self.log = name, port, log
        with open(log, "wb") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)

    def wait_ready(self, seconds=10.0):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.01)
        with open(self.log, errors="replace") as f:
            raise RuntimeError(f"{self.name} did not start:\n{f.read()[-2000:]}")

    def cpu(self):
        return cpu_seconds(self.process.pid)

    def rss(self):
        return rss_kb(self.process.pid)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Load:
    """One run of the load generator."""

    def __init__(self, binary, port, request_file, connections, count=0, spread_ms=0):
        command = [binary, "--port", str(port), "--request", request_file, "--connections", str(connections),
                   "--count", str(count), "--spread-ms", str(spread_ms)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def next_report(self, seconds=90):
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            raise RuntimeError(f"the load does not come about: {self.totals()}" if seconds > 5 else
                               "the load generator does not answer")
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the load generator ended early")
        return json.loads(line)

    def totals(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.next_report(5)

    def stop_when_done(self):
        """Waits for the run's own end; gives the last report."""
        report = self.last_report()
        self.process.stdin.close()
        if report is None or report["state"] != "done":
            raise RuntimeError("the load generator ended early")
        return report

    def stop(self):
        """Ends the run and gives the last report."""
        self.process.stdin.close()
        return self.last_report()

    def last_report(self):
        report = None
        with self.process.stdout:
            for line in self.process.stdout:
                report = json.loads(line)
        self.process.wait()
        return report

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
