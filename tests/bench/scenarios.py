# SPDX-License-Identifier: MIT
"""The measurements. Each gives Rows: what was measured, the values, the bar and whether it holds."""
import json
import os
import statistics
import time
from dataclasses import dataclass, field

from process import Load, Program, exchange, http_request
from proxies import ccrd_command, start_ccrd, start_haproxy, start_nginx

HERE = os.path.dirname(os.path.abspath(__file__))
TURN = os.path.join(HERE, "../data/claude-code/02-bash-loop.json")

SHORT = "mock:text=A%20short%20answer%20of%20some%20words.;chunks=1"
SHORT_STREAM = "mock:text=A%20short%20answer%20of%20some%20words.;chunks=6"
PACED = "mock:chunks=100000;interval_ms=50;size=16"
IDLE = "mock:chunks=2;interval_ms=3000000;size=16"


def held(seconds):
    return f"mock:chunks={20 * seconds};interval_ms=50;size=16"


def models_of(options):
    return [SHORT, SHORT_STREAM, PACED, IDLE, held(options.hold_seconds)]


@dataclass
class Row:
    name: str
    unit: str
    bar: str
    ccrd: float
    value: float  # what the bar is about
    limit: float
    nginx: float = None
    haproxy: float = None
    fine: bool = None
    notes: list = field(default_factory=list)

    def passed(self):
        return self.value <= self.limit if self.fine is None else self.fine


# ---- requests -------------------------------------------------------------------------------


def anthropic_2k(model, stream=False):
    text = "Please look at the following lines and tell me in one sentence what they have in common. "
    body = {"model": f"mock,{model}", "max_tokens": 1024, "stream": stream, "temperature": 0.5,
            "system": [{"type": "text", "text": text * 4, "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": text * 6},
                         {"role": "assistant", "content": [{"type": "text", "text": text}]},
                         {"role": "user", "content": [{"type": "text", "text": text * 9}]}]}
    return compact(body)


def claude_code_turn(model):
    with open(TURN, encoding="utf-8") as f:
        body = json.load(f)["requests"][1]["body"]
    body["model"] = f"mock,{model}"
    return compact(body)


def small_stream(model):
    return compact({"model": f"mock,{model}", "max_tokens": 1024, "stream": True,
                    "messages": [{"role": "user", "content": "Say something."}]})


def compact(body):
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


class Subject:
    """The same request, in Anthropic's words for ccrd and, for the others, in exactly those bytes
    that ccrd makes of it for the provider."""

    def __init__(self, bench, ccrd, label, anthropic_body):
        mock = bench.mock_port
        exchange(mock, http_request("/_mock/reset", b"", close=True))
        headers = [("anthropic-version", "2023-06-01"), ("x-api-key", "bench")]
        answer = exchange(ccrd.port, http_request("/v1/messages", anthropic_body, True, headers))
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{label}: ccrd answers {answer[:600]!r}")
        recorded = exchange(mock, http_request("/_mock/requests?raw=1", close=True))
        seen = json.loads(recorded.split(b"\r\n\r\n", 1)[1])[-1]
        upstream = seen["body"].encode()
        keep = [(k, v) for k, v in seen["headers"].items() if k in ("authorization", "accept", "user-agent")]
        self.sizes = (len(anthropic_body), len(upstream))
        self.anthropic = bench.write(f"{label}.anthropic", http_request("/v1/messages", anthropic_body, headers=headers))
        self.openai = bench.write(f"{label}.openai", http_request("/v1/chat/completions", upstream, headers=keep))

    def retarget(self, bench, model, other):
        """Names another model in both requests: the recorded one must answer to an end, the one
        measured need not."""
        for path in (self.anthropic, self.openai):
            with open(path, "rb") as f:
                head, body = f.read().split(b"\r\n\r\n", 1)
            old, changed = len(body), body.replace(model.encode(), other.encode())
            head = head.replace(b"content-length: %d" % old, b"content-length: %d" % len(changed))
            bench.write(os.path.basename(path), head + b"\r\n\r\n" + changed)

    def file_for(self, proxy):
        return self.anthropic if proxy.name == "ccrd" else self.openai


# ---- CPU per unit, all three in turn --------------------------------------------------------


def interleaved(rounds, proxies, measure):
    """measure(proxy) once per proxy per round, in turn, so that a change of the machine's mood
    meets all alike. Gives the median per proxy."""
    values = {proxy.name: [] for proxy in proxies}
    for _ in range(rounds):
        for proxy in proxies:
            values[proxy.name].append(measure(proxy))
    return {name: statistics.median(v) for name, v in values.items()}


def ratio_row(name, unit, limit, medians, notes=()):
    best = min(medians["nginx"], medians["haproxy"])
    return Row(name, unit, f"≤ {limit}× the better", medians["ccrd"], medians["ccrd"] / best, limit,
               medians["nginx"], medians["haproxy"], notes=list(notes))


def per_request(bench, proxy, subject, connections, count):
    before = proxy.cpu()
    report = Load(bench.load_binary, proxy.port, subject.file_for(proxy), connections, count).stop_when_done()
    spent = proxy.cpu() - before
    if report["errors"]:
        raise RuntimeError(f"{proxy.name}: {report['errors']} errors: {report['first_error']}")
    return spent / report["finished"] * 1e6


def requests_row(bench, proxies, options, label, body, name, limit, connections, count):
    subject = Subject(bench, proxies[0], label, body)
    for proxy in proxies:  # fills pools and caches
        per_request(bench, proxy, subject, connections, max(count // 10, 50))
    medians = interleaved(options.rounds, proxies, lambda p: per_request(bench, p, subject, connections, count))
    sizes = "{} B in, {} B to the provider".format(*subject.sizes)
    return ratio_row(name, "µs CPU per request", limit, medians, [f"{name}: {sizes}"])


def run_2k(bench, proxies, options):
    return [requests_row(bench, proxies, options, "small", anthropic_2k(SHORT), "2 KB request, translated", 2.0, 16,
                         options.count_2k)]


def run_50k(bench, proxies, options):
    return [requests_row(bench, proxies, options, "turn", claude_code_turn(SHORT_STREAM),
                         "50 KB Claude Code turn, translated", 2.5, 8, options.count_50k)]


def per_event(bench, proxy, subject, streams, seconds):
    load = Load(bench.load_binary, proxy.port, subject.file_for(proxy), streams)
    try:
        load.next_report()  # ready: every stream has had its first event
        time.sleep(0.5)
        before, start = proxy.cpu(), load.totals()
        time.sleep(seconds)
        after, end = proxy.cpu(), load.totals()
        load.stop()
    finally:
        load.kill()
    if end["errors"]:
        raise RuntimeError(f"{proxy.name}: {end['errors']} errors: {end['first_error']}")
    return (after - before) / (end["events"] - start["events"]) * 1e6


def run_sse(bench, proxies, options):
    subject = Subject(bench, proxies[0], "first", small_stream(SHORT_STREAM))
    subject.retarget(bench, SHORT_STREAM, PACED)
    medians = interleaved(options.rounds, proxies, lambda p: per_event(bench, p, subject, 200, options.sse_seconds))
    return [ratio_row("SSE event, 200 streams × 20/s", "µs CPU per event", 1.5, medians)]


class Direct:
    """The provider itself, in the place of a proxy."""
    name = "direct"

    def __init__(self, bench):
        self.port = bench.mock_port


def first_event_p99(bench, proxy, subject, streams, spread_ms):
    """ms from connecting to a stream's first event, p99 over streams that begin one after the other
    while those before them run on."""
    load = Load(bench.load_binary, proxy.port, subject.file_for(proxy), streams, spread_ms=spread_ms)
    try:
        report = load.next_report()
        load.stop()
    finally:
        load.kill()
    if report["errors"] or report["answering"] != streams:
        raise RuntimeError(f"{proxy.name}: {report['errors']} errors: {report['first_error']}")
    return report["p99_us"] / 1000


def added(samples, name):
    """What a proxy adds, by the median of its rounds' differences: direct and through are neighbours
    in time, so that what else the machine does meets both."""
    return statistics.median(through - direct for through, direct in zip(samples[name], samples["direct"]))


def first_event_row(samples):
    others = {name: added(samples, name) if name in samples else None for name in ("nginx", "haproxy")}
    value = added(samples, "ccrd")
    direct, through = (statistics.median(samples[name]) for name in ("direct", "ccrd"))
    notes = [f"time to first event, p99: direct {direct:.1f} ms, through ccrd {through:.1f} ms, "
             f"{len(samples['ccrd'])} rounds in turn"]
    return Row("added to the first event, p99, 200 paced streams", "ms", "≤ 5 ms", value, value, 5,
               others["nginx"], others["haproxy"], notes=notes)


def run_first(bench, proxies, options):
    subject = Subject(bench, proxies[0], "first", small_stream(SHORT_STREAM))
    subject.retarget(bench, SHORT_STREAM, PACED)
    measured = [Direct(bench)] + (proxies[:1] if options.quick else proxies)
    samples = {proxy.name: [] for proxy in measured}
    for number in range(options.rounds + 3):
        for proxy in measured:
            value = first_event_p99(bench, proxy, subject, 200, 1000)
            if number > 0:  # the first round fills pools and caches
                samples[proxy.name].append(value)
    return [first_event_row(samples)]


# ---- ccrd alone -----------------------------------------------------------------------------


def run_hold(bench, proxies, options):
    ccrd, seconds, streams = proxies[0], options.hold_seconds, 2000
    subject = Subject(bench, ccrd, "first", small_stream(SHORT_STREAM))
    subject.retarget(bench, SHORT_STREAM, held(seconds))
    before = ccrd.cpu()
    report = Load(bench.load_binary, ccrd.port, subject.anthropic, streams).stop_when_done()
    busy = (ccrd.cpu() - before) / report["seconds"]
    late = report["seconds"] - seconds
    fine = report["errors"] == 0 and report["finished"] == streams and late < 0.1 * seconds + 3
    notes = [f"2,000 streams: {report['events']} events in {report['seconds']:.1f} s (paced over {seconds} s), "
             f"{report['errors']} errors, ccrd used {busy:.2f} cores"]
    if report["errors"]:
        notes.append(f"first error: {report['first_error']}")
    return [Row("2,000 streams × 20 events/s", "errors", "0", report["errors"], report["errors"], 0, fine=fine, notes=notes)]


def idle_kb(bench, proxy, subject, streams):
    """Grown RSS per idle stream, and how many streams were open."""
    before = proxy.rss()
    load = Load(bench.load_binary, proxy.port, subject.file_for(proxy), streams)
    try:
        first = load.next_report()
        time.sleep(3)  # long enough for buffers to be given back
        grown = proxy.rss() - before
        report = load.totals() if first["state"] == "ready" else first
        load.stop()
    finally:
        load.kill()
    return grown / max(report["answering"], 1), report


def run_idle(bench, proxies, options):
    streams = min(9000, (bench.files - 2000) // 2)
    subject = Subject(bench, proxies[0], "first", small_stream(SHORT_STREAM))
    subject.retarget(bench, SHORT_STREAM, IDLE)
    size, report = idle_kb(bench, proxies[0], subject, streams)
    others = {p.name: None if options.quick else idle_kb(bench, p, subject, streams)[0] for p in proxies[1:]}
    open_now = report["answering"]
    notes = [f"idle streams: {open_now} of {streams} open at {bench.files} descriptors, {report['errors']} errors"]
    if report["errors"]:
        notes.append(f"first error: {report['first_error']}")
    fine = open_now == streams and report["errors"] == 0
    return [Row("memory per idle open stream", "kB RSS", "≤ 16 kB", size, size, 16, others["nginx"], others["haproxy"], notes=notes),
            Row("idle streams held", "streams", f"{streams}", open_now, open_now, streams, fine=fine)]


def run_start(bench, proxies, options):
    """A fresh ccrd each time: resident size when ready, and the time to the first answer."""
    times, sizes = [], []
    request = http_request("/v1/messages", anthropic_2k(SHORT), close=True)
    for _ in range(options.starts):
        command, port = ccrd_command(bench, models_of(options))
        began = time.perf_counter()
        program = Program("ccrd", command, port, bench.path("start.log"))
        try:
            times.append(first_answer(program, request, began) * 1e3)
        finally:
            program.stop()
        program = Program("ccrd", command, port, bench.path("start.log")).wait_ready()
        time.sleep(0.3)
        sizes.append(program.rss() / 1024)
        program.stop()
    size, wait = statistics.median(sizes), statistics.median(times)
    others = {p.name: p.idle_rss / 1024 for p in proxies[1:]}
    return [Row("RSS at start", "MB", "≤ 15 MB", size, size, 15, others["nginx"], others["haproxy"]),
            Row("start to first answered request", "ms", "≤ 60 ms", wait, wait, 60,
                notes=[f"start: fastest {min(times):.1f} ms, slowest {max(times):.1f} ms of {len(times)}"])]


def first_answer(program, request, began):
    while time.perf_counter() - began < 10 and program.process.poll() is None:
        try:
            answer = exchange(program.port, request)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"ccrd answers {answer[:300]!r}")
            return time.perf_counter() - began
        except ConnectionError:
            time.sleep(0.001)
    raise RuntimeError("ccrd did not answer its first request")


SCENARIOS = {"start": run_start, "2k": run_2k, "50k": run_50k, "sse": run_sse, "first": run_first, "hold": run_hold, "idle": run_idle}


def start_proxies(bench, options):
    ccrd = start_ccrd(bench, models_of(options))
    started = [ccrd]
    try:
        for start in (start_nginx, start_haproxy):
            started.append(start(bench))
    except Exception:
        for program in started:
            program.stop()
        raise
    time.sleep(0.3)
    for program in started:
        program.idle_rss = program.rss()
    return started
