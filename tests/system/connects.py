# SPDX-License-Identifier: MIT
"""Connects and asks for /health again and again until SIGTERM; then says how it went."""
import signal
import socket
import sys
import time

running = True


def stop(*_):
    global running
    running = False


signal.signal(signal.SIGTERM, stop)
served = refused = failed = 0
slowest = 0.0
while running:
    begun = time.monotonic()
    try:
        with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            if connection.recv(65536).startswith(b"HTTP/1.1 "):
                served += 1
            else:
                failed += 1
    except ConnectionRefusedError:
        refused += 1
    except OSError:
        failed += 1
    slowest = max(slowest, time.monotonic() - begun)
print(f"served={served} refused={refused} failed={failed} slowest={slowest:.2f}s", flush=True)
