// SPDX-License-Identifier: MIT
// The service commands of the built ccr against the built ccrd, without a service manager: human and
// JSON output, exit codes, nobody there, no permission.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { plantedSecrets, program } from './harness.mjs';
import { json, MockProvider } from './mock_provider.mjs';
import { ask, completion, textChunks } from './replies.mjs';

const ccr = program('CCR');
const secrets = plantedSecrets();
let mock;
let home;

before(async () => { mock = await MockProvider.start(); });
after(async () => { await mock?.stop(); });

const freePort = () => new Promise((resolve) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

const paths = () => ({ config: path.join(home, 'config.json'), control: path.join(home, 'control.sock') });
let port;

function writeConfig(extra = {}) {
  fs.writeFileSync(paths().config, JSON.stringify({
    HOST: '127.0.0.1', PORT: port, APIKEY: secrets.router,
    Providers: [{ name: 'mock', api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider, models: ['m1'] }],
    Router: { default: 'mock,m1' }, ...extra,
  }, null, 2), { mode: 0o600 });
}

function environment(extra = {}) {
  const kept = {};
  for (const name of ['PATH', 'LANG', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS']) {
    if (process.env[name] !== undefined) kept[name] = process.env[name];
  }
  return { ...kept, CCRD: program('CCRD'), HOME: home, TMPDIR: home, XDG_RUNTIME_DIR: home, XDG_STATE_HOME: home,
    CCR_CONTROL: paths().control, CCR_CONFIG: paths().config, ...extra };
}

// Runs ccr to its end: {code, signal, out, err}. `onErr` sees what standard error holds so far.
function run(args, { env = {}, onErr, file = ccr, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: environment(env), cwd: home, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const result = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => { result.out += text; });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      result.err += text;
      onErr?.(result.err, child);
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      for (const secret of Object.values(secrets)) {
        assert.ok(!result.out.includes(secret) && !result.err.includes(secret), `a secret is shown by ccr ${args}`);
      }
      resolve({ ...result, code, signal });
    });
  });
}

async function succeed(...args) {
  const result = await run(args);
  assert.equal(result.code, 0, `ccr ${args.join(' ')}: ${JSON.stringify(result)}`);
  return result;
}

function send(body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path: '/v1/messages', method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': secrets.router } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece) => { text += piece; });
      response.on('error', reject);
      response.on('close', () => resolve({ status: response.statusCode, text, complete: response.complete }));
    });
    request.on('error', reject);
    request.end(JSON.stringify(body));
  });
}

beforeEach(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'ccr-ctl-'));
  port = await freePort();
  writeConfig();
  mock.reset();
});

afterEach(async () => {
  const result = await run(['stop', '--now']);
  assert.equal(result.code, 0, JSON.stringify(result));
  fs.rmSync(home, { recursive: true, force: true });
});

describe('without a router', () => {
  test('each command that needs one exits with 3 and says how to start it', async () => {
    for (const command of ['usage', 'latencies', 'reload', 'top']) {
      for (const more of [[], ['--json']]) {
        const result = await run([command, ...more]);
        assert.equal(result.code, 3, `${command}: ${JSON.stringify(result)}`);
        assert.equal(result.out, '');
        assert.match(result.err, /^ccr: ccrd is not running .*; ccr start starts it\n$/);
      }
    }
  });

  test('status is stopped, for people and for programs', async () => {
    const human = await run(['status']);
    assert.deepEqual([human.code, human.out], [3, 'ccrd is not running; ccr start starts it\n']);
    const told = await run(['status', '--json']);
    assert.equal(told.code, 3);
    const status = JSON.parse(told.out);
    assert.equal(status.running, false);
    assert.equal(status.control, paths().control);
    assert.equal(status.unit, null);
  });

  test('stopping what does not run is no failure', async () => {
    assert.equal((await succeed('stop')).out, 'ccrd is not running\n');
  });

  test('a socket file that nobody listens on is nobody', async () => {
    const server = net.createServer();
    await new Promise((resolve) => { server.listen(paths().control, resolve); });
    const left = `${paths().control}.left`;
    fs.linkSync(paths().control, left);
    await new Promise((resolve) => { server.close(resolve); });
    assert.equal((await run(['status', '--control', left])).code, 3);
  });

  test('a socket that may not be used is told from none', { skip: process.getuid() !== 0 && 'needs root to become somebody else' }, async () => {
    await succeed('start');
    fs.chmodSync(home, 0o755);
    fs.chmodSync(paths().control, 0o600);
    const other = { uid: 65534, gid: 65534, cwd: '/' };
    const copy = path.join(home, 'ccr-copy');
    fs.copyFileSync(ccr, copy);
    fs.chmodSync(copy, 0o755);
    for (const command of ['usage', 'reload', 'status', 'stop']) {
      const result = await run([command], { ...other, file: copy });
      assert.equal(result.code, 4, `${command}: ${JSON.stringify(result)}`);
      assert.match(result.err, /^ccr: .*control\.sock: permission denied; .+\n$/);
    }
    const told = await run(['status', '--json'], { ...other, file: copy });
    assert.equal(told.code, 4);
    assert.equal(JSON.parse(told.out).running, null);
  });
});

describe('start', () => {
  test('waits until it serves, and is content when it runs already', async () => {
    const first = await succeed('start');
    assert.match(first.out, /^ccrd runs \(pid \d+\)/);
    const second = await succeed('start');
    assert.match(second.out, /^ccrd runs already \(pid \d+, .*control\.sock\)\n$/);
    assert.equal(/pid (\d+)/.exec(first.out)[1], /pid (\d+)/.exec(second.out)[1]);
  });

  test('leaves the caller alone: own session, no open pipes, own log', async () => {
    const started = await succeed('start');  // would hang here if ccrd held our pipes
    const pid = /pid (\d+)/.exec(started.out)[1];
    const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    assert.equal(fields[3], pid, 'it leads its session');
    assert.equal(fs.readlinkSync(`/proc/${pid}/cwd`), '/');
    assert.equal(fs.statSync(path.join(home, 'ccr', 'ccrd.log')).mode & 0o777, 0o600);
    assert.ok(!fs.readdirSync(home).some((name) => name.startsWith('ccr-start-')), 'the socket of the start is gone');
  });

  test('tells why not: a bad configuration is 78, with line and column', async () => {
    fs.writeFileSync(paths().config, '{\n  "PORT": "x"\n}', { mode: 0o600 });
    const result = await run(['start']);
    assert.equal(result.code, 78, JSON.stringify(result));
    assert.match(result.err, /config\.json:2:11: error: PORT/);
    assert.match(result.err, /ccr: ccrd did not start: mend the configuration; its log is .*ccrd\.log\n$/);
    assert.equal((await run(['status'])).code, 3);
  });

  test('tells why not: a port in use', async () => {
    const server = net.createServer();
    await new Promise((resolve) => { server.listen(port, '127.0.0.1', resolve); });
    const result = await run(['start']);
    await new Promise((resolve) => { server.close(resolve); });
    assert.ok(![0, 3].includes(result.code), JSON.stringify(result));
    assert.match(result.err, new RegExp(`${port}`));
    assert.match(result.err, /ccr: ccrd did not start; its log is /);
  });

  test('tells why not: no ccrd', async () => {
    const result = await run(['start'], { env: { CCRD: path.join(home, 'nothing') } });
    assert.equal(result.code, 1, JSON.stringify(result));
    assert.match(result.err, /nothing: No such file or directory; install it/);
  });

  test('does not wait for ever for one that is never ready', async () => {
    const mute = path.join(home, 'mute');
    fs.writeFileSync(mute, '#!/bin/sh\necho "thinking" >&2\nexec sleep 60\n', { mode: 0o755 });
    const begun = Date.now();
    const result = await run(['start'], { env: { CCRD: mute } });
    assert.equal(result.code, 75, JSON.stringify(result));
    assert.match(result.err, /^thinking\nnot ready within 5 s; ended again\n/);
    assert.ok(Date.now() - begun < 20_000);
  });

  test('--system without a unit is refused with what to do', async () => {
    const result = await run(['start', '--system']);
    assert.equal(result.code, 69, JSON.stringify(result));
    assert.match(result.err, /^ccr: the system has no ccrd\.service; install the package/);
  });
});

describe('a running router', () => {
  beforeEach(async () => { await succeed('start'); });

  test('status', async () => {
    const told = JSON.parse((await succeed('status', '--json')).out);
    assert.equal(told.running, true);
    assert.equal(told.state, 'serving');
    assert.equal(told.config.path, paths().config);
    assert.equal(told.tiers[0].provider, 'mock');
    const human = (await succeed('status')).out;
    assert.match(human, /^ccrd \S+ is serving, pid \d+, up /);
    assert.match(human, new RegExp(`listens on  .*127\\.0\\.0\\.1:${port}`));
    assert.match(human, /\nTIER +PROVIDER +MODEL +STATE/);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(human, /\x1b/, 'no colours in a pipe');
  });

  test('usage and latencies after a request', async () => {
    mock.next(json(200, completion({ content: 'hello' })));
    assert.equal((await send(ask('hi'))).status, 200);
    const usage = JSON.parse((await succeed('usage', '--json', '--by', 'tier')).out);
    assert.equal(usage.total_requests, 1);
    assert.match((await succeed('usage')).out, /^1 requests, 0 failed attempts, .*\n\nTIER +PROVIDER/);
    assert.match((await succeed('usage', '--by=day', '--since', '24h')).out, /\nDAY +REQUESTS/);
    const bad = await run(['usage', '--by', 'colour']);
    assert.equal(bad.code, 2, JSON.stringify(bad));
    assert.match(bad.err, /by/);
    const rows = JSON.parse((await succeed('latencies', '--json')).out);
    assert.equal(rows[0].provider, 'mock');
    assert.match((await succeed('latencies')).out, /^RANK +TIER +PROVIDER +MODEL +STATE/);
  });

  test('top --once and --json', async () => {
    const view = JSON.parse((await succeed('top', '--json')).out);
    assert.equal(view.status.state, 'serving');
    assert.equal(view.usage.total_requests, 0);
    assert.match((await succeed('top', '--once')).out, /^ccrd \S+ {2}serving/);
    assert.equal((await run(['top', '--interval', 'x'])).code, 2);
  });

  // What ccr top has written to a terminal, and how it left it.
  async function live(size, what) {
    const script = path.join(import.meta.dirname, 'terminal.py');
    const result = await run([script, size, what, ccr, 'top'], { file: 'python3', env: { TERM: 'xterm' } });
    assert.equal(result.code, 0, result.err);
    const seen = JSON.parse(result.out);
    assert.ok(seen.output.startsWith('\x1b[?1049h\x1b[?25l'), 'it takes the alternate screen');
    assert.ok(seen.output.endsWith('\x1b[?25h\x1b[?1049l'), `it gives the screen back: ${JSON.stringify(seen.output.slice(-80))}`);
    assert.ok(seen.restored, 'the terminal has its settings back');
    return seen;
  }

  test('top in a terminal: keys, resize, and the terminal as it was on every way out', async () => {
    assert.equal((await live('80x24', 'keys:q')).code, 0);
    assert.equal((await live('80x24', 'keys:\\x1b[B\\x1b[Aq')).code, 0);
    assert.equal((await live('80x24', 'keys:\\x03')).code, 0, 'Ctrl-C');
    assert.equal((await live('80x24', 'signal:SIGTERM')).code, 128 + 15);
    assert.equal((await live('80x24', 'signal:SIGHUP')).code, 128 + 1);
    assert.equal((await live('80x24', 'signal:SIGABRT')).code, -6, 'even by a fatal signal');
    const resized = await live('80x24', 'size:40x10');
    const heights = resized.output.split('\x1b[H').slice(1).map((frame) => frame.split('\r\n').length);
    assert.deepEqual([heights[0], heights.at(-1)], [24, 10]);
  });

  test('reload: what changed; errors with line and column, the old configuration kept', async () => {
    assert.equal((await succeed('reload')).out, 'reloaded; nothing has changed\n');
    writeConfig({ LOG_LEVEL: 'debug' });
    assert.match((await succeed('reload')).out, /^reloaded; changed: .*LOG_LEVEL/);
    fs.writeFileSync(paths().config, '{\n  "PORT": "x"\n}', { mode: 0o600 });
    const bad = await run(['reload']);
    assert.equal(bad.code, 78, JSON.stringify(bad));
    assert.equal(bad.out, '');
    assert.match(bad.err, /config\.json:2:11: error: PORT.*\nccr: the old configuration is kept; mend /s);
    const told = await run(['reload', '--json']);
    assert.equal(told.code, 78);
    assert.equal(JSON.parse(told.out).ok, false);
    assert.equal(JSON.parse((await succeed('status', '--json')).out).last_reload.ok, false);
    mock.next(json(200, completion({ content: 'still here' })));
    assert.equal((await send(ask('hi'))).status, 200);
  });

  test('logs: the end of the log file, then what comes', async () => {
    const all = await succeed('logs', '-n', '1000');
    assert.match(all.out, /listening on/);
    assert.equal((await succeed('logs', '-n', '1')).out.trimEnd().split('\n').length, 1);
    assert.equal((await succeed('logs', '--lines=0')).out, '');
    assert.equal((await run(['logs', '-n', 'many'])).code, 2);
    const child = spawn(ccr, ['logs', '-f', '-n', '0'], { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
    const seen = new Promise((resolve) => { child.stdout.setEncoding('utf8').on('data', (text) => { if (text.includes('reload')) resolve(); }); });
    // It shows what comes after it has found the end of the file, which takes it a moment.
    while (!(await Promise.race([seen.then(() => true), succeed('reload').then(() => false)]))) continue;
    child.kill('SIGINT');
    await new Promise((resolve) => { child.on('close', resolve); });
  });

  test('logs --json: the feed of events, one on each line', async () => {
    const child = spawn(ccr, ['logs', '--json'], { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
    const request = new Promise((resolve) => {
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (piece) => {
        text += piece;
        for (const line of text.split('\n').slice(0, -1)) {
          const event = JSON.parse(line);
          if (event.type === 'request') resolve(event);
        }
      });
    });
    // The feed begins when the command has connected: requests are sent until one is seen.
    let seen = false;
    request.then(() => { seen = true; });
    mock.always(json(200, completion({ content: 'x' })));
    while (!seen) await send(ask('hi'));
    const event = await request;
    assert.equal(event.provider, 'mock');
    assert.equal(event.status, 200);
    child.kill('SIGINT');
    await new Promise((resolve) => { child.on('close', resolve); });
  });

  test('restart keeps configuration and socket, with a new process', async () => {
    const before = JSON.parse((await succeed('status', '--json')).out);
    await succeed('restart');
    const after_ = JSON.parse((await succeed('status', '--json')).out);
    assert.notEqual(before.pid, after_.pid);
    assert.equal(after_.config.path, paths().config);
    assert.equal(after_.control, before.control);
  });

  test('stop finishes a stream and shows that it waits for it', async () => {
    const hold = {};
    const released = new Promise((resolve) => { hold.release = resolve; });
    mock.next(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const frames = textChunks(['one', 'two']).map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
      response.write(frames.slice(0, 2).join(''));
      hold.begun?.();
      await released;
      response.end(`${frames.slice(2).join('')}data: [DONE]\n\n`);
    });
    const begun = new Promise((resolve) => { hold.begun = resolve; });
    const reply = send(ask('hi', { stream: true }));
    await begun;
    const stopped = await run(['stop'], { onErr: (err) => { if (/1 request in flight/.test(err)) hold.release(); } });
    assert.equal(stopped.code, 0, JSON.stringify(stopped));
    assert.match(stopped.err, /ccr: 1 request in flight, at most .* more\n/);
    assert.equal(stopped.out, 'ccrd has stopped\n');
    const { text, complete } = await reply;
    assert.ok(complete);
    assert.match(text, /message_stop/);
    assert.equal((await run(['status'])).code, 3);
  });

  test('a second Ctrl-C ends what the first one waits for', async () => {
    let begun;
    const started = new Promise((resolve) => { begun = resolve; });
    mock.next((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(textChunks(['one', 'two'])[0])}\n\n`);
      begun();
    });
    const reply = send(ask('hi', { stream: true })).catch((error) => error);
    await started;
    let sent = 0;
    const stopped = await run(['stop'], { onErr: (err, child) => {
      if (sent === 0 && /in flight/.test(err)) {
        sent = 1;
        child.kill('SIGINT');
      } else if (sent === 1 && /Ctrl-C again ends them/.test(err)) {
        sent = 2;
        child.kill('SIGINT');
      }
    } });
    assert.equal(stopped.code, 0, JSON.stringify(stopped));
    assert.equal(sent, 2);
    assert.equal(stopped.out, 'ccrd has stopped\n');
    await reply;
  });
});
