# SPDX-License-Identifier: MIT
"""Connects and asks for /health again and again until SIGTERM, and once more then; says when the first
answer is there, and in the end how it went: served; refused; failed (closed without an answer); hung
(no answer within a minute); late (served although a connect was refused before)."""
import signal
import socket
import sys
import time

running = True


def stop(*_):
    global running
    running = False


def ask():
    try:
        with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            return "served" if connection.recv(65536).startswith(b"HTTP/1.1 ") else "failed"
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "hung"
    except OSError:
        return "failed"


signal.signal(signal.SIGTERM, stop)
seen = {"served": 0, "refused": 0, "failed": 0, "hung": 0, "late": 0}
slowest = 0.0
going = True
while going:
    going = running
    begun = time.monotonic()
    how = ask()
    seen[how] += 1
    if how == "served":
        seen["late"] += seen["refused"] > 0
        if seen["served"] == 1:
            print("begun", flush=True)
    slowest = max(slowest, time.monotonic() - begun)
print(*(f"{how}={times}" for how, times in seen.items()), f"slowest={slowest:.2f}s", flush=True)
