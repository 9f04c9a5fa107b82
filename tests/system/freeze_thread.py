# SPDX-License-Identifier: MIT
"""Holds one loop thread of a process still, as a loop that hangs would, until this script ends."""
import ctypes
import os
import signal
import sys

PTRACE_INTERRUPT, PTRACE_SEIZE = 0x4207, 0x4206
WALL = 0x40000000


def ptrace(request, thread):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    if libc.ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def main():
    process = int(sys.argv[1])
    threads = sorted(int(name) for name in os.listdir(f"/proc/{process}/task"))
    names = {thread: open(f"/proc/{process}/task/{thread}/comm", encoding="utf-8").read().strip()
             for thread in threads}
    loops = [thread for thread in threads if names[thread] == "ccr-loop"]
    thread = loops[-1]
    ptrace(PTRACE_SEIZE, thread)
    ptrace(PTRACE_INTERRUPT, thread)
    print(f"frozen {names[thread]}, one of {len(loops)} loops", flush=True)
    # Who holds a thread also has to take note of its end, or the process is never seen to end.
    signal.alarm(60)
    stopped = True
    while stopped:
        _, status = os.waitpid(thread, WALL)
        stopped = os.WIFSTOPPED(status)


if __name__ == "__main__":
    main()
