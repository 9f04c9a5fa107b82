# SPDX-License-Identifier: MIT
"""A file of the product names the headers of what it uses, itself or by its own includes.

The builds of CI precompile headers of others, so their compiler does not notice what is missing;
a package's build, a debug build or another standard library would.
"""
import os
import re

import tree

NAMES = {
    "algorithm": "find find_if find_if_not sort stable_sort min max clamp copy copy_n copy_if all_of any_of none_of "
                 "count count_if remove remove_if replace transform fill fill_n equal search lower_bound upper_bound "
                 "equal_range binary_search rotate reverse min_element max_element minmax_element unique partition "
                 "mismatch for_each nth_element adjacent_find lexicographical_compare is_sorted generate partial_sort",
    "array": "array to_array",
    "atomic": "atomic atomic_flag memory_order_relaxed memory_order_acquire memory_order_release",
    "charconv": "from_chars to_chars from_chars_result",
    "chrono": "chrono",
    "cmath": "isfinite isnan isinf floor ceil round lround llround pow log log2 exp sqrt",
    "condition_variable": "condition_variable",
    "cstdint": "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t uintptr_t intptr_t",
    "cstdlib": "getenv strtol strtoul strtod abort exit malloc free",
    "cstring": "memcpy memmove memcmp memset memchr strlen strerror",
    "deque": "deque",
    "filesystem": "filesystem",
    "fstream": "ifstream ofstream fstream",
    "functional": "function hash plus invoke bind_front reference_wrapper ref cref",
    "iterator": "back_inserter istreambuf_iterator make_move_iterator inserter",
    "limits": "numeric_limits",
    "list": "list",
    "map": "map multimap",
    "memory": "unique_ptr shared_ptr weak_ptr make_unique make_shared enable_shared_from_this",
    "mutex": "mutex lock_guard unique_lock scoped_lock call_once once_flag",
    "numeric": "accumulate iota reduce",
    "optional": "optional nullopt nullopt_t make_optional",
    "random": "mt19937 mt19937_64 random_device",
    "span": "span as_bytes",
    "sstream": "stringstream istringstream ostringstream",
    "string": "string to_string stoi stoul getline",
    "string_view": "string_view",
    "thread": "thread jthread this_thread",
    "tuple": "tuple make_tuple tie apply",
    "unordered_map": "unordered_map",
    "unordered_set": "unordered_set",
    "utility": "move exchange pair make_pair swap forward index_sequence in_place declval",
    "variant": "variant visit get_if holds_alternative monostate",
    "vector": "vector",
}
ASIO = {
    "boost/asio/awaitable.hpp": "awaitable",
    "boost/asio/co_spawn.hpp": "co_spawn",
    "boost/asio/io_context.hpp": "io_context",
    "boost/asio/posix/stream_descriptor.hpp": "posix",
}
SYSTEM = {
    "fcntl.h": "open openat fcntl",
    "poll.h": "poll",
    "sys/socket.h": "socket bind listen accept accept4 connect send recv sendmsg recvmsg getsockopt setsockopt "
                    "getsockname getpeername shutdown",
    "unistd.h": "close read write pipe2 unlink getpid getuid fsync dup dup2",
}
# What a header gives beside its own, by the standard's word.
GIVES = {"map": {"utility"}, "unordered_map": {"utility"}, "string": {"string_view"}, "deque": set()}

_USES = [(re.compile(r"\bstd::(\w+)"), NAMES), (re.compile(r"\basio::(\w+)"), ASIO),
         (re.compile(r"(?<![\w>:])::(\w+)\s*\("), SYSTEM)]
_HEADER = [(pattern, {name: header for header, names in table.items() for name in names.split()})
           for pattern, table in _USES]
_INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.M)


def reach(name, read, seen):
    """The foreign headers that a file includes, itself or by our headers."""
    if name in seen:
        return set()
    seen.add(name)
    found = set()
    for ours, theirs in _INCLUDE.findall(read(name) or ""):
        found |= {theirs} if theirs else reach(ours, read, seen)
    return found


def problems_in(name, read):
    there = reach(name, read, set())
    for header in list(there):
        there |= GIVES.get(header, set())
    text = tree.bare_cpp(read(name))
    told = set()
    for pattern, headers in _HEADER:
        for match in pattern.finditer(text):
            header = headers.get(match.group(1))
            if header and header not in there | told:
                told.add(header)
                yield tree.line_of(text, match.start()), f"{match.group().rstrip('( ')} needs <{header}>"


def read_or_none(name):
    return tree.read(name) if os.path.isfile(os.path.join(tree.ROOT, name)) else None


def main():
    names = [name for name in tree.files(".cpp", ".hpp") if name.startswith(("common/", "ctl/", "daemon/"))]
    cache = {}
    problems = [f"{name}:{line}: {message}" for name in names
                for line, message in problems_in(name, lambda n: cache.setdefault(n, read_or_none(n)))]
    tree.finish("includes", problems, len(names))


if __name__ == "__main__":
    main()
