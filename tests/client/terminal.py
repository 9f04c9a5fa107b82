# SPDX-License-Identifier: MIT
"""Runs a program in a pseudo terminal: terminal.py COLUMNSxROWS WHAT PROGRAM ARGUMENTS...

WHAT is done once the program has drawn something: keys:TEXT types, signal:NAME sends a signal,
size:COLUMNSxROWS resizes the terminal and then types q. Prints JSON: all output, how it ended, and
whether the terminal's settings are what they were.
"""
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

LIMIT_S = 30


def set_size(fd, size):
    columns, rows = (int(number) for number in size.split("x"))
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def act(pid, master, what):
    kind, _, value = what.partition(":")
    if kind == "keys":
        os.write(master, value.encode().decode("unicode_escape").encode())
    elif kind == "signal":
        os.kill(pid, getattr(signal, value))
    else:
        set_size(master, value)


def read(master, output, until):
    """Reads until the text is there, or the terminal has nobody left."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        if until is not None and until in output:
            return True
        if not select.select([master], [], [], 0.1)[0]:
            continue
        try:
            piece = os.read(master, 65536)
        except OSError:
            return False
        if not piece:
            return False
        output += piece
    raise TimeoutError(f"no {until} in {bytes(output)!r}")


def ended(pid, master, output):
    """Reads on until the program has ended: a terminal that nobody reads holds its writer up."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        if select.select([master], [], [], 0.05)[0]:
            output += os.read(master, 65536)
    raise TimeoutError(f"it goes on after {bytes(output)!r}")


def main():
    size, what, *command = sys.argv[1:]
    master, slave = pty.openpty()
    set_size(master, size)
    before = termios.tcgetattr(slave)
    pid = os.fork()
    if pid == 0:
        os.close(master)
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in range(3):
            os.dup2(slave, fd)
        os.execvp(command[0], command)
    output = bytearray()
    # The footer is drawn last.
    read(master, output, b"q quit")
    act(pid, master, what)
    if what.startswith("size:"):
        rest = bytearray()
        read(master, rest, b"q quit")
        output += rest
        act(pid, master, "keys:q")
    status = ended(pid, master, output)
    after = termios.tcgetattr(slave)
    os.close(slave)
    read(master, output, None)
    print(json.dumps({"output": output.decode(errors="replace"), "restored": before == after,
                      "code": os.waitstatus_to_exitcode(status)}))


main()
