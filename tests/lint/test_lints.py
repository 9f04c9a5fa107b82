# SPDX-License-Identifier: MIT
"""The lints themselves: each rule finds what it is for and leaves good code alone."""
import unittest

import co_await
import conformance
import files
import includes
import layering
import tree

GOOD_AWAITS = [
    "co_await f();",
    "const auto n = co_await f(a, b);",
    "auto [ec, n] = co_await stream.read(buffer, limit);",
    "result = co_await f();",
    "self->items[i].value = co_await f();",
    "co_return co_await f();",
    "if (ready) co_await f();",
    "if (a && b) { x = co_await f(); }",
    "auto got = co_await f({}, Millis{0});",
    "else co_await f();",
    "case Kind::a: co_await f(); break;",
    "for (auto& x : items) co_await x.run();",
    "// co_await f() && g()\n",
    'log("co_await f() || g()");',
    "T n = co_await f(R\"(co_await { )\");",
]
BAD_AWAITS = [
    "if (co_await f()) {}",
    "switch (co_await f()) {}",
    "while (co_await f()) {}",
    "g(co_await f());",
    "co_await (a() || b());",
    "co_await f(Options{1});",
    "co_await f([x] { return x; });",
    "T n = ready ? co_await f() : g();",
    "co_await f(ready ? a : b);",
    "co_return !co_await f();",
    "n += co_await f();",
    "auto n = 1 + co_await f();",
    "co_await f(co_await g());",
    "throw co_await f();",
    "R r{.a = co_await f()};",
    "R r{co_await f()};",
]


class CoAwait(unittest.TestCase):
    def test_allowed_forms(self):
        for source in GOOD_AWAITS:
            with self.subTest(source):
                self.assertEqual(co_await.problems_in("{ " + source + " }"), [])

    def test_refused_forms(self):
        for source in BAD_AWAITS:
            with self.subTest(source):
                self.assertNotEqual(co_await.problems_in("{ " + source + " }"), [])

    def test_names_the_line(self):
        self.assertEqual(co_await.problems_in("{\n\nif (co_await f()) {}\n}")[0][0], 3)


class Layers(unittest.TestCase):
    def problems(self, name, text):
        return [message for _, message in layering.problems_in(name, text)]

    def test_arrows(self):
        allowed = [("daemon/http/server.cpp", "daemon/net/loop.hpp"), ("daemon/net/loop.cpp", "common/time.hpp"),
                   ("daemon/proxy/relay.cpp", "daemon/dialect/sse.hpp"), ("ctl/main.cpp", "common/config/load.hpp"),
                   ("daemon/main.cpp", "daemon/api/endpoints.hpp"), ("daemon/dialect/a.cpp", "daemon/chat/event.hpp")]
        for name, target in allowed:
            with self.subTest(f"{name} -> {target}"):
                self.assertEqual(self.problems(name, f'#include "{target}"\n'), [])
        refused = [("common/text.cpp", "daemon/net/loop.hpp"), ("daemon/net/loop.cpp", "daemon/http/server.hpp"),
                   ("daemon/http/server.cpp", "daemon/proxy/relay.hpp"), ("daemon/dialect/a.cpp", "daemon/net/loop.hpp"),
                   ("daemon/proxy/relay.cpp", "daemon/api/messages.hpp"), ("ctl/main.cpp", "daemon/chat/event.hpp"),
                   ("daemon/api/models.cpp", "daemon/app.hpp"), ("daemon/net/loop.cpp", "tests/testing/fake.hpp"),
                   ("daemon/net/loop.cpp", "loop.hpp")]
        for name, target in refused:
            with self.subTest(f"{name} -> {target}"):
                self.assertNotEqual(self.problems(name, f'#include "{target}"\n'), [])

    def test_pure_rooms(self):
        for line in ("#include <boost/asio/awaitable.hpp>", "#include <openssl/hmac.h>", "#include <fstream>",
                     "auto t = std::chrono::steady_clock::now();"):
            with self.subTest(line):
                self.assertNotEqual(self.problems("daemon/route/plan.cpp", line), [])
        self.assertEqual(self.problems("daemon/route/plan.cpp", "#include <chrono>\n// steady_clock::now()\n"), [])


class Includes(unittest.TestCase):
    def problems(self, text):
        tree_of = {"a.cpp": text, "own.hpp": "#include <vector>\n"}
        return [message for _, message in includes.problems_in("a.cpp", tree_of.get)]

    def test_finds_what_is_missing(self):
        for line, header in (("std::vector<int> v;", "vector"), ("int n = std::max(a, b);", "algorithm"),
                             ("asio::awaitable<void> f();", "boost/asio/awaitable.hpp"), ("::close(fd);", "unistd.h")):
            with self.subTest(line):
                self.assertTrue(any(f"<{header}>" in message for message in self.problems(line)))
                self.assertEqual(self.problems(f"#include <{header}>\n{line}"), [])

    def test_takes_our_headers_and_the_standard_at_their_word(self):
        for text in ('#include "own.hpp"\nstd::vector<int> v;', "#include <map>\nstd::pair<int, int> p;",
                     "// std::vector\n", "net::close(fd);"):
            with self.subTest(text):
                self.assertEqual(self.problems(text), [])


class Files(unittest.TestCase):
    def test_license_and_size(self):
        licensed = "// SPDX-License-Identifier: MIT\n"
        self.assertEqual(files.problems_in("a.cpp", licensed), [])
        self.assertEqual(files.problems_in("a.sh", "#!/bin/sh\n# SPDX-License-Identifier: MIT\n"), [])
        self.assertNotEqual(files.problems_in("a.cpp", "int x;\n"), [])
        self.assertNotEqual(files.problems_in("a.cpp", licensed + "\n" * files.MAX_LINES), [])

    def test_machine_paths(self):
        self.assertNotEqual(files.problems_in("README.md", "see /wor" + "k/main\n"), [])
        self.assertNotEqual(files.problems_in("lock.json", "https://registry.npm" + "js.org/x\n"), [])
        self.assertEqual(files.problems_in("README.md", "a framework/main and $HOME/x\n"), [])


class Conformance(unittest.TestCase):
    TESTS = "".join(f"TEST(Conformance, Case{number}_X)\n" for number in range(1, 90)) + "test('case 90: x')"

    def problems(self, text):
        return conformance.problems_in(text, lambda name: self.TESTS if name.endswith("a.cpp") else None)

    def test_rows_and_numbers(self):
        self.assertEqual(self.problems("| 1–88 | x | `a.cpp` |\n| 89, 90 | y | `tests/a.cpp` |\n"), [])
        self.assertEqual(len(self.problems("| 1–89 | x | `a.cpp` |\n")), 1)
        self.assertEqual(len(self.problems("| 1–90 | x | `a.cpp` |\n| 91 | y | `a.cpp` |\n")), 1)
        self.assertEqual(len(self.problems("| 1–90 | x | `a.cpp`, `b.cpp` |\n")), 1)

    def test_a_number_without_a_test(self):
        self.TESTS = self.TESTS.replace("Case7_", "").replace("case 90", "90")
        self.assertEqual(len(self.problems("| 1–90 | x | `a.cpp` |\n")), 2)


class BareCpp(unittest.TestCase):
    def test_keeps_offsets(self):
        text = 'a("x // y"); /* b\n */ c(\'"\'); // d\n1\'000\'000;'
        bare = tree.bare_cpp(text)
        self.assertEqual(len(bare), len(text))
        self.assertNotIn("x", bare)
        self.assertNotIn("d", bare)
        self.assertIn("1'000'000", bare)


if __name__ == "__main__":
    unittest.main()
