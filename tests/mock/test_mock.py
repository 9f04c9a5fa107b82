#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The mock provider's own tests: a fake that lies would make every test above it worthless."""
import gzip
import http.client
import json
import socket
import subprocess
import sys
import threading
import unittest

BINARY = sys.argv.pop(1)


class Mock:
    def __init__(self):
        self.process = subprocess.Popen([BINARY, "--threads", "2"], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])

    def call(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        data = None if body is None else json.dumps(body)
        connection.request(method, path, data, headers or {})
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response, content

    def chat(self, model, stream=True, path="/v1/chat/completions", **more):
        body = {"model": model, "stream": stream, "messages": [{"role": "user", "content": "hi ä"}]}
        body.update(more)
        return self.call("POST", path, body)

    def raw(self, model, stream=True):
        """Everything that comes over the wire, and how it ended: 'eof' or 'reset'."""
        body = json.dumps({"model": model, "stream": stream, "messages": []}).encode()
        head = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
        out = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as s:
            s.sendall((head % len(body)).encode() + body)
            try:
                while True:
                    data = s.recv(65536)
                    if not data:
                        return out, "eof"
                    out += data
            except ConnectionResetError:
                return out, "reset"


def frames(content):
    return [f[6:] for f in content.decode().split("\n\n") if f.startswith("data: ")]


def chunks(content):
    return [json.loads(f) for f in frames(content) if f != "[DONE]"]


def text_of(content):
    return "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks(content) if c["choices"])


def events(content):
    return [json.loads(line[6:]) for line in content.decode().split("\n") if line.startswith("data: ")]


TOOL = {"type": "object", "required": ["command", "n"], "properties": {
    "command": {"type": "string"}, "n": {"type": "integer"}, "extra": {"type": "string"}}}
OPENAI_TOOLS = [{"type": "function", "function": {"name": "Bash", "parameters": TOOL}}]


class MockTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mock = Mock()

    @classmethod
    def tearDownClass(cls):
        cls.mock.process.terminate()
        cls.mock.process.wait()
        cls.mock.process.stdout.close()

    def setUp(self):
        self.mock.call("POST", "/_mock/reset")

    def test_streams_text_in_the_asked_number_of_chunks(self):
        response, content = self.mock.chat("mock:text=hello%20w%C3%B6rld;chunks=4", stream_options={"include_usage": True})
        self.assertEqual(response.getheader("content-type"), "text/event-stream")
        self.assertEqual(text_of(content), "hello wörld")
        self.assertEqual(frames(content)[-1], "[DONE]")
        last = chunks(content)[-1]
        self.assertEqual(last["choices"], [])
        self.assertGreater(last["usage"]["prompt_tokens"], 0)
        self.assertEqual(len(chunks(content)), 1 + 4 + 1 + 1)

    def test_speaks_gemini(self):
        path = "/v1beta/models/mock-tools%3Acalls=2:"
        body = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}],
                "tools": [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"type": "object", "properties": {"n": {"type": "integer"}}}}]}]}
        response, content = self.mock.call("POST", path + "streamGenerateContent?alt=sse", body)
        self.assertEqual(response.getheader("content-type"), "text/event-stream")
        parts = [part for chunk in chunks(content) for part in chunk["candidates"][0]["content"]["parts"]]
        calls = [part for part in parts if "functionCall" in part]
        self.assertEqual([call["functionCall"] for call in calls], [{"name": "f", "args": {"n": 1}}] * 2)
        self.assertEqual(["thoughtSignature" in call for call in calls], [True, False])
        self.assertEqual(chunks(content)[-1]["candidates"][0]["finishReason"], "STOP")
        _, content = self.mock.call("POST", path.replace("mock-tools", "mock-429") + "generateContent", body)
        self.assertEqual(json.loads(content)["error"]["status"], "RESOURCE_EXHAUSTED")

    def test_speaks_responses(self):
        body = {"model": "mock-parallel-tools", "stream": True, "input": [{"role": "user", "content": [{"type": "input_text", "text": "hi"}]}],
                "tools": [{"type": "function", "name": "f", "parameters": {"type": "object", "properties": {"n": {"type": "integer"}}}}]}
        response, content = self.mock.call("POST", "/v1/responses", body)
        self.assertEqual(response.getheader("content-type"), "text/event-stream")
        said = events(content)
        self.assertEqual([event["sequence_number"] for event in said], list(range(len(said))))
        self.assertEqual((said[0]["type"], said[-1]["type"]), ("response.created", "response.completed"))
        args = {}
        for event in said:
            if event["type"] == "response.function_call_arguments.delta":
                args[event["output_index"]] = args.get(event["output_index"], "") + event["delta"]
        self.assertEqual([json.loads(text) for text in args.values()], [{"n": 1}] * 2)
        self.assertEqual([item["type"] for item in said[-1]["response"]["output"]], ["function_call"] * 2)
        body.update(model="mock-tools", stream=False, input=[{"type": "function_call_output", "call_id": "c", "output": "42"}])
        _, content = self.mock.call("POST", "/v1/responses", body)
        reply = json.loads(content)
        self.assertEqual(reply["output"][0]["content"][0]["text"], "The tool answered: 42")
        self.assertEqual(reply["status"], "completed")
        _, content = self.mock.call("POST", "/v1/responses", {"model": "mock-reasoning:finish=length", "input": "hi"})
        reply = json.loads(content)
        self.assertEqual(reply["incomplete_details"], {"reason": "max_output_tokens"})
        self.assertTrue(reply["output"][0]["encrypted_content"])
        _, content = self.mock.call("POST", "/v1/responses", {"model": "mock-200-error", "stream": True, "input": "hi"})
        self.assertEqual(events(content)[-1]["response"]["error"]["code"], "server_error")

    def test_sends_no_usage_chunk_unasked(self):
        _, content = self.mock.chat("mock-echo")
        self.assertTrue(all("usage" not in c for c in chunks(content)))

    def test_echoes_the_last_user_text_with_and_without_stream(self):
        _, content = self.mock.chat("mock,mock-echo", stream=False)
        self.assertEqual(json.loads(content)["choices"][0]["message"]["content"], "Mock reply to: hi ä")
        _, content = self.mock.chat("some-unknown-model")
        self.assertEqual(text_of(content), "Mock reply to: hi ä")

    def test_calls_the_first_tool_then_answers_the_result(self):
        _, content = self.mock.chat("mock-tools", stream=False, tools=OPENAI_TOOLS)
        choice = json.loads(content)["choices"][0]
        call = choice["message"]["tool_calls"][0]
        self.assertEqual(choice["finish_reason"], "tool_calls")
        self.assertEqual(json.loads(call["function"]["arguments"]), {"command": "echo mock", "n": 1})
        _, content = self.mock.chat("mock-tools", tools=OPENAI_TOOLS, messages=[
            {"role": "user", "content": "x"}, {"role": "tool", "tool_call_id": call["id"], "content": "42"}])
        self.assertEqual(text_of(content), "The tool answered: 42")

    def test_interleaves_parallel_calls(self):
        _, content = self.mock.chat("mock-parallel-tools", tools=OPENAI_TOOLS)
        args, order = {}, []
        for chunk in chunks(content):
            for call in chunk["choices"][0]["delta"].get("tool_calls", []):
                args[call["index"]] = args.get(call["index"], "") + call["function"]["arguments"]
                order.append(call["index"])
        self.assertEqual([json.loads(a)["command"] for a in args.values()], ["echo mock"] * 2)
        self.assertGreater(sum(a != b for a, b in zip(order, order[1:])), 3)

    def test_speaks_anthropic(self):
        response, content = self.mock.chat("mock-reasoning", path="/v1/messages")
        types = [e["type"] for e in events(content)]
        self.assertEqual(types[:3], ["message_start", "ping", "content_block_start"])
        self.assertEqual(types[-3:], ["content_block_stop", "message_delta", "message_stop"])
        blocks = [e["content_block"]["type"] for e in events(content) if e["type"] == "content_block_start"]
        self.assertEqual(blocks, ["thinking", "text"])
        self.assertTrue(response.getheader("request-id"))
        self.assertEqual(response.getheader("anthropic-ratelimit-requests-limit"), "1000")
        tools = [{"name": "Bash", "input_schema": TOOL}]
        _, content = self.mock.chat("mock-tools", stream=False, path="/v1/messages", tools=tools)
        message = json.loads(content)
        self.assertEqual(message["stop_reason"], "tool_use")
        self.assertEqual(message["content"][0]["input"], {"command": "echo mock", "n": 1})

    def test_status_faults_carry_headers_and_the_dialects_shape(self):
        response, content = self.mock.chat("mock-429:retry_after=7;header.x-ratelimit-reset-requests=7.66s")
        self.assertEqual((response.status, response.getheader("retry-after")), (429, "7"))
        self.assertEqual(response.getheader("x-ratelimit-reset-requests"), "7.66s")
        self.assertEqual(json.loads(content)["error"]["type"], "rate_limit_exceeded")
        response, content = self.mock.chat("mock-529", path="/v1/messages")
        self.assertEqual((response.status, json.loads(content)["error"]["type"]), (529, "overloaded_error"))
        response, _ = self.mock.chat("mock-429:retry_after_date=9")
        self.assertTrue(response.getheader("retry-after").endswith("GMT"))
        response, content = self.mock.chat("mock-overflow")
        self.assertEqual((response.status, json.loads(content)["error"]["code"]), (400, "context_length_exceeded"))
        response, content = self.mock.chat("mock-html-error")
        self.assertEqual((response.status, content[:6]), (502, b"<html>"))
        response, content = self.mock.chat("mock-empty-200")
        self.assertEqual((response.status, content), (200, b""))

    def test_breaks_the_connection_as_asked(self):
        wire, end = self.mock.raw("mock-reset")
        self.assertEqual((end, wire.count(b"data: ")), ("reset", 2))
        wire, end = self.mock.raw("mock-reset:after=-1")
        self.assertEqual((end, wire), ("reset", b""))
        wire, end = self.mock.raw("mock-half-close:after=3")
        self.assertEqual((end, wire.count(b"data: "), wire.endswith(b"0\r\n\r\n")), ("eof", 3, False))
        wire, end = self.mock.raw("mock-truncated")
        self.assertTrue(wire.endswith(b"0\r\n\r\n"))
        self.assertNotIn(b"[DONE]", wire)
        wire, _ = self.mock.raw("mock-bad-chunk")
        self.assertIn(b"\r\nZZZ\r\n", wire)
        wire, end = self.mock.raw("mock-reset", stream=False)
        self.assertIn(b"content-length: ", wire)
        self.assertEqual(end, "reset")

    def test_gzips(self):
        response, content = self.mock.chat("mock-gzip")
        self.assertEqual(response.getheader("content-encoding"), "gzip")
        self.assertEqual(frames(gzip.decompress(content))[-1], "[DONE]")
        response, content = self.mock.chat("mock-gzip", stream=False)
        self.assertEqual(json.loads(gzip.decompress(content))["object"], "chat.completion")

    def test_drips_without_changing_a_byte(self):
        _, content = self.mock.chat("mock-slow-drip:text=ab;ms=0")
        self.assertEqual(text_of(content), "ab")

    def test_error_shapes_inside_a_200_stream(self):
        for shape in ("openai", "text", "vllm", "anthropic", "event", "openrouter", "minimax", "glm", "fastapi"):
            response, content = self.mock.chat("mock-200-error:after=2;shape=" + shape)
            self.assertEqual(response.status, 200)
            self.assertEqual(len(frames(content.replace(b"event: error\n", b""))), 3, shape)

    def test_scripts_play_their_steps(self):
        steps = [{"eol": "\r\n"}, {"text": "a"}, {"delay_ms": 1}, {"sse": {"x": 1}}, {"event": "ping", "data": {}},
                 {"send": ": comment\n\n"}, {"finish": "stop"}, {"usage": True}, {"done": True}]
        self.assertEqual(self.mock.call("POST", "/_mock/scripts/s1", steps)[0].status, 200)
        _, content = self.mock.chat("mock-script:s1")
        self.assertIn(b'data: {"x":1}\r\n\r\n', content)
        self.assertIn(b"event: ping\r\ndata: {}\r\n\r\n: comment\n\n", content)
        self.assertTrue(content.endswith(b"data: [DONE]\r\n\r\n"))
        response = [{"response": {"status": 418, "headers": {"x-a": "b"}, "body": {"k": 1}, "gzip": True}}]
        self.mock.call("POST", "/_mock/scripts/s2", response)
        got, content = self.mock.chat("mock-script:s2")
        self.assertEqual((got.status, got.getheader("x-a"), gzip.decompress(content)), (418, "b", b'{"k":1}'))
        self.assertEqual(self.mock.call("POST", "/_mock/scripts/bad", 7)[0].status, 400)
        self.assertEqual(self.mock.chat("mock-script:none")[0].status, 404)

    def test_sequences_answer_differently_each_time(self):
        self.mock.call("POST", "/_mock/scripts/seq", {"sequence": ["mock-429", [{"text": "x"}], "mock-echo"]})
        status = [self.mock.chat("mock-script:seq")[0].status for _ in range(4)]
        self.assertEqual(status, [429, 200, 200, 200])
        self.mock.call("POST", "/_mock/scripts/ring", {"sequence": ["mock-429", "mock-500"], "loop": True})
        self.assertEqual([self.mock.chat("mock-script:ring")[0].status for _ in range(3)], [429, 500, 429])

    def test_random_sequences_repeat_with_their_seed(self):
        def run(seed):
            script = {"sequence": ["mock-429", "mock-500", "mock:text=x"], "random": seed}
            self.mock.call("POST", "/_mock/scripts/dice", script)
            return [self.mock.chat("mock-script:dice")[0].status for _ in range(30)]
        first = run(5)
        self.assertEqual(set(first), {200, 429, 500})
        self.assertEqual(first, run(5))
        self.assertNotEqual(first, run(6))

    def test_gates_hold_a_stream(self):
        self.mock.call("POST", "/_mock/scripts/g", [{"text": "a"}, {"gate": "go"}, {"text": "b"}])
        result = []
        thread = threading.Thread(target=lambda: result.append(text_of(self.mock.chat("mock-script:g")[1])))
        thread.start()
        self.assertEqual(self.mock.call("GET", "/_mock/wait?requests=1")[0].status, 200)
        self.assertEqual(result, [])
        self.mock.call("POST", "/_mock/gates/go")
        thread.join()
        self.assertEqual(result, ["ab"])

    def test_records_requests_and_aborts(self):
        self.mock.chat("mock-echo")
        body = b'{"model":"mock-hang","x":1.50}'
        with socket.create_connection(("127.0.0.1", self.mock.port)) as s:
            s.sendall(b"POST /v1/messages?beta=true HTTP/1.1\r\nX-Api-Key: k\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
            self.assertEqual(self.mock.call("GET", "/_mock/wait?requests=2")[0].status, 200)
        self.assertEqual(self.mock.call("GET", "/_mock/wait?aborted=1&streams_open=0")[0].status, 200)
        records = json.loads(self.mock.call("GET", "/_mock/requests")[1])
        self.assertEqual([r["aborted"] for r in records], [False, True])
        self.assertGreaterEqual(records[1]["aborted_after_ms"], 0)
        self.assertEqual((records[1]["path"], records[1]["query"]), ("/v1/messages", "beta=true"))
        self.assertEqual(records[1]["headers"]["x-api-key"], "k")
        self.assertNotEqual(records[0]["connection_id"], records[1]["connection_id"])
        raw = json.loads(self.mock.call("GET", "/_mock/requests?raw=1")[1])
        self.assertEqual(raw[1]["body"].encode(), body)
        self.assertEqual(self.mock.call("GET", "/_mock/wait?requests=99&timeout_ms=20")[0].status, 408)

    def test_keeps_connections_alive_and_takes_pipelined_and_chunked_requests(self):
        body = json.dumps({"model": "mock:text=x"}).encode()
        one = b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(body) + body
        two = (b"POST /v1/chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
               b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.mock.port), timeout=10) as s:
            for i in range(0, len(one + two), 7):
                s.sendall((one + two)[i:i + 7])
            out = b""
            while True:
                data = s.recv(65536)
                if not data:
                    break
                out += data
        self.assertEqual(out.count(b"HTTP/1.1 200 OK"), 2)
        stats = json.loads(self.mock.call("GET", "/_mock/stats")[1])
        self.assertEqual((stats["requests"], stats["finished"] >= 2), (2, True))

    def test_lists_models_and_counts_tokens(self):
        models = json.loads(self.mock.call("GET", "/v1/models")[1])
        self.assertIn("mock-echo", [m["id"] for m in models["data"]])
        counted = json.loads(self.mock.call("POST", "/v1/messages/count_tokens", {"x": 1})[1])
        self.assertGreater(counted["input_tokens"], 0)
        self.assertEqual(self.mock.call("GET", "/nowhere")[0].status, 404)


if __name__ == "__main__":
    unittest.main()
