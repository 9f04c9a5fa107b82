#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of the measuring itself: a load generator that overlooks errors would prove anything."""
import os
import shutil
import sys
import tempfile
import unittest

MOCK, LOAD = sys.argv.pop(1), sys.argv.pop(1)

from bench import DOC, cells, plain_table, write_doc  # noqa: E402
from process import Load, Program, children_of, cpu_seconds, exchange, free_port, http_request, rss_kb  # noqa: E402
from scenarios import Row, Subject, compact, first_event_row, ratio_row  # noqa: E402


class LoadTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory()
        port = free_port()
        cls.mock = Program("mock", [MOCK, "--port", str(port)], port, os.path.join(cls.dir.name, "log")).wait_ready()

    @classmethod
    def tearDownClass(cls):
        cls.mock.stop()
        cls.dir.cleanup()

    def load(self, model, stream, connections, count=0):
        path = os.path.join(self.dir.name, "request")
        with open(path, "wb") as f:
            f.write(http_request("/v1/chat/completions", compact({"model": model, "stream": stream})))
        return Load(LOAD, self.mock.port, path, connections, count)

    def test_counts_requests(self):
        report = self.load("mock:text=x", False, 7, 100).stop_when_done()
        self.assertEqual((report["finished"], report["errors"]), (100, 0))
        self.assertGreater(report["p99_us"], 0)

    def test_reopens_closed_connections(self):
        report = self.load("mock-echo:close=1", False, 3, 20).stop_when_done()
        self.assertEqual((report["finished"], report["errors"]), (20, 0))

    def test_counts_the_events_of_streams(self):
        # role, five texts, finish, [DONE]
        report = self.load("mock:chunks=5;interval_ms=1", True, 20).stop_when_done()
        self.assertEqual((report["finished"], report["events"], report["errors"]), (20, 20 * 8, 0))

    def test_times_the_first_event_of_streams(self):
        report = self.load("mock:chunks=2;first_ms=30;interval_ms=200", True, 5).stop_when_done()
        self.assertTrue(30_000 <= report["p50_us"] < 200_000, report)

    def test_opens_connections_one_after_the_other(self):
        path = os.path.join(self.dir.name, "request")
        self.write("request", http_request("/v1/chat/completions", compact({"model": "mock:chunks=2;interval_ms=100000", "stream": True})))
        load = Load(LOAD, self.mock.port, path, 20, spread_ms=400)
        report = load.next_report()
        load.stop()
        self.assertEqual((report["state"], report["answering"]), ("ready", 20))
        self.assertGreaterEqual(report["seconds"], 0.38)

    def test_reports_open_streams_and_stops_when_told(self):
        load = self.load("mock:chunks=2;interval_ms=100000", True, 100)
        self.assertEqual(load.next_report()["state"], "ready")
        self.assertEqual(load.totals()["answering"], 100)
        self.assertEqual(load.stop()["state"], "stopped")

    def test_overlooks_no_error(self):
        for model in ("mock-500", "mock-empty-200", "mock-html-error"):
            self.assertEqual(self.load(model, False, 2, 10).stop_when_done()["errors"], 10, model)
        for model in ("mock-truncated", "mock-reset", "mock-half-close", "mock-bad-chunk", "mock-429"):
            report = self.load(model, True, 5).stop_when_done()
            self.assertEqual((report["finished"], report["errors"]), (0, 5), model)
            self.assertNotEqual(report["first_error"], "")

    def test_reads_the_process_tree(self):
        self.assertIn(self.mock.process.pid, children_of(os.getpid()))
        before = cpu_seconds(self.mock.process.pid)
        self.load("mock:text=x", False, 4, 2000).stop_when_done()
        self.assertGreater(cpu_seconds(self.mock.process.pid), before)
        self.assertGreater(rss_kb(self.mock.process.pid), 500)

    def test_gives_the_others_the_providers_bytes(self):
        class Paths:
            mock_port = self.mock.port
            dir = self.dir.name
            write = staticmethod(lambda name, content: self.write(name, content))
        # The mock stands in for ccrd too: what it gets is then what "the provider" got.
        subject = Subject(Paths, self.mock, "x", compact({"model": "mock:text=y", "n": 1}))
        subject.retarget(Paths, "mock:text=y", "mock:text=longer")
        with open(subject.openai, "rb") as f:
            wire = f.read()
        self.assertTrue(wire.startswith(b"POST /v1/chat/completions "))
        self.assertTrue(wire.endswith(b'{"model":"mock:text=longer","n":1}'))
        self.assertIn(b"longer", exchange(self.mock.port, wire.replace(b"host:", b"connection: close\r\nhost:")))

    def write(self, name, content):
        path = os.path.join(self.dir.name, name)
        with open(path, "wb") as f:
            f.write(content)
        return path


class TableTest(unittest.TestCase):
    def test_compares_with_the_better_of_the_two(self):
        row = ratio_row("x", "µs", 2.0, {"ccrd": 30.0, "nginx": 20.0, "haproxy": 10.0})
        self.assertEqual((row.value, row.passed()), (3.0, False))
        self.assertEqual(cells(row)[-3:], ["3.00×", "≤ 2.0× the better", "FAIL"])
        row = ratio_row("x", "µs", 2.0, {"ccrd": 20.0, "nginx": 20.0, "haproxy": 10.0})
        self.assertTrue(row.passed())

    def test_says_what_a_proxy_adds_by_its_neighbours_in_time(self):
        samples = {"direct": [1.0, 9.0, 2.0], "ccrd": [3.0, 10.0, 4.5]}
        row = first_event_row(samples)
        self.assertEqual((row.value, row.nginx, row.passed()), (2.0, None, True))
        row = first_event_row({**samples, "ccrd": [9.0, 10.0, 9.0], "nginx": [2.0, 9.0, 3.0], "haproxy": [1.0, 9.0, 2.0]})
        self.assertEqual((row.value, row.nginx, row.haproxy, row.passed()), (7.0, 1.0, 0.0, False))

    def test_writes_the_page_between_its_markers_only(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "page.md")
            shutil.copy(DOC, path)
            for text in ("| first |", "| second |"):
                write_doc(text, path)
            with open(path, encoding="utf-8") as f, open(DOC, encoding="utf-8") as g:
                page, original = f.read(), g.read()
        self.assertIn("\n| second |\n", page)
        self.assertNotIn("first |", page.replace(original.split("<!-- bench:begin -->")[0], ""))
        self.assertTrue(page.startswith(original.split("<!-- bench:begin -->")[0]))

    def test_prints_what_is_missing_as_a_dash(self):
        row = Row("memory", "kB", "≤ 16 kB", 12.34, 12.34, 16)
        self.assertEqual(cells(row)[2:6], ["12.3", "–", "–", "–"])
        self.assertIn("PASS", plain_table([row]))


if __name__ == "__main__":
    unittest.main()
