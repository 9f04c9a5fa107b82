# SPDX-License-Identifier: MIT
"""Who may include whom. The link lines enforce most of it; this names the line that breaks it.

    common  <-  chat, dialect, transform, route, search, stats, tokens  pure: no sockets, files, clocks
    common  <-  net  <-  http                                         bytes
                pure + http  <-  proxy  <-  api  <-  control, cluster  <-  app, main
    common  <-  ctl                                                   knows nothing of the daemon's inside
"""
import re

import tree

PURE = {"chat", "dialect", "transform", "route", "search", "stats", "tokens"}
BYTES = {"net", "http"}
MAY_INCLUDE = {
    "common": {"common"},
    "net": {"common", "net"},
    "http": {"common"} | BYTES,
    "store": {"common", "store"} | PURE,
    "proxy": {"common", "proxy", "store"} | PURE | BYTES,
    "api": {"common", "proxy", "api", "store"} | PURE | BYTES,
    "control": {"common", "proxy", "api", "control", "store"} | PURE | BYTES,
    "cluster": {"common", "proxy", "cluster", "store"} | PURE | BYTES,
    "ctl": {"common", "ctl"},
}
MAY_INCLUDE.update({name: {"common"} | PURE for name in PURE})

# Hashes are pure, the journal is this machine's; in ctl the control channel's client and the start
# of a daemon open sockets.
NETWORK_EXEMPT = ("common/digest.", "common/journal.", "common/signature.", "ctl/client", "ctl/launch")

_IMPURE = re.compile(
    r"<(boost/(asio|beast)|openssl/|sys/(socket|epoll|un|types/socket)|netinet/|arpa/|netdb\.h|unistd\.h"
    r"|fstream|filesystem|thread|spdlog/|systemd/)")
_NETWORK = re.compile(r"<(boost/(asio|beast)|openssl/|sys/socket|sys/epoll|netinet/|netdb\.h)")
_CLOCK = re.compile(r"\b\w*_clock::now\s*\(|\b(?:std::)?time\s*\(\s*(?:nullptr|NULL|0)\s*\)|\brand\s*\(|random_device")
_INCLUDE = re.compile(r'^\s*#\s*include\s*(["<][^">]+[">])')


def room_of(name):
    """The module that a file belongs to; `app` for the daemon's top level, None outside the house."""
    parts = name.split("/")
    if parts[0] in ("common", "ctl"):
        return parts[0]
    if parts[0] != "daemon":
        return None
    return parts[1] if len(parts) > 2 else "app"


def problems_in(name, text):
    room = room_of(name)
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        include = _INCLUDE.match(line)
        if include:
            found += [(number, message) for message in _include_problems(name, room, include.group(1))]
    if room in PURE:
        for match in _CLOCK.finditer(tree.bare_cpp(text)):
            found.append((tree.line_of(text, match.start()),
                          f"{room} is pure: time and chance are passed in, not looked up"))
    return found


def _include_problems(name, room, target):
    if target.startswith("<"):
        if room in PURE and _IMPURE.match(target):
            yield f"{room} is pure and may not include {target}"
        if room in ("common", "ctl") and _NETWORK.match(target) and not name.startswith(NETWORK_EXEMPT):
            yield f"{room} may not include {target}"
        if target.startswith("<spdlog/") and name != "common/log.cpp":
            yield "only common/log.cpp includes spdlog (it costs seconds per file)"
        return
    path = target.strip('"')
    if "/" not in path or path.startswith("."):
        yield f"include {target} by its path from the root"
        return
    to = room_of(path)
    if to is None:
        yield f"a source of the product may not include {target}"
    elif room != "app" and to not in MAY_INCLUDE.get(room, set()):
        yield f"{room} may not include {to} ({target})"


def main():
    names = [name for name in tree.files(".cpp", ".hpp") if room_of(name)]
    problems = [f"{name}:{line}: {message}"
                for name in names for line, message in problems_in(name, tree.read(name))]
    unknown = {room_of(name) for name in names} - set(MAY_INCLUDE) - {"app"}
    problems += [f"tests/lint/layering.py: daemon/{room} has no row in MAY_INCLUDE" for room in sorted(unknown)]
    tree.finish("layering", problems, len(names))


if __name__ == "__main__":
    main()
