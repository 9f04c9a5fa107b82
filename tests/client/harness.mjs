// SPDX-License-Identifier: MIT
// Starts a built ccrd for a test, talks to it, stops it, and looks through everything it wrote.
//
// Every run plants its own secrets (provider keys, the router's key, a proxy password). stop()
// fails the test when one of them shows up in the output, in a file that the run wrote or in any
// body that a client received, when a sanitizer reported something, or when ccrd did not end with 0.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Sdk0 from 'sdk0';
import Sdk1 from 'sdk1';

const here = path.dirname(fileURLToPath(import.meta.url));
export const dataDir = path.join(here, '..', 'data');
// Both generations of the official SDK; most tests run once with each.
export const sdks = [{ name: 'sdk 1.x', Anthropic: Sdk1 }, { name: 'sdk 0.x', Anthropic: Sdk0 }];

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 20_000;

export function program(variable) {
  const file = process.env[variable];
  if (!file || !fs.existsSync(file)) {
    throw new Error(`${variable} must name the built program (it is '${file ?? ''}'); ctest sets it`);
  }
  return file;
}

export function plantedSecrets() {
  const tag = randomBytes(9).toString('hex');
  return {
    provider: `sk-canary-provider-${tag}`,
    second: `sk-canary-second-${tag}`,
    router: `canary-router-${tag}`,
    proxy: `canary-proxy-${tag}`,
    engine: `canary-engine-${tag}`,
  };
}

// The environment of the test runner must not leak in: no proxies, no other config, own HOME.
function cleanEnvironment(home, extra) {
  const kept = {};
  for (const name of ['PATH', 'LANG', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS', 'LSAN_OPTIONS',
    'LLVM_PROFILE_FILE', 'ASAN_SYMBOLIZER_PATH', 'TSAN_SYMBOLIZER_PATH']) {
    if (process.env[name] !== undefined) kept[name] = process.env[name];
  }
  return { ...kept, HOME: home, TMPDIR: home, ...extra };
}

// A child process with its output collected and a way to wait for a line of it.
export class Child {
  constructor(file, args, options) {
    this.output = '';
    this.process = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const collect = (data) => {
      this.output += data;
      this.onOutput?.();
    };
    this.process.stdout.setEncoding('utf8').on('data', collect);
    this.process.stderr.setEncoding('utf8').on('data', collect);
    this.exited = new Promise((resolve) => {
      this.process.on('error', (error) => resolve({ error }));
      this.process.on('close', (code, signal) => resolve({ code, signal }));
    });
  }

  async waitFor(pattern, limit = START_LIMIT_MS) {
    let timer;
    const seen = new Promise((resolve, reject) => {
      this.onOutput = () => {
        const match = pattern.exec(this.output);
        if (match) resolve(match);
      };
      this.onOutput();
      timer = setTimeout(() => reject(new Error(`no ${pattern} within ${limit} ms in:\n${this.output}`)), limit);
    });
    const ended = this.exited.then((how) => {
      throw new Error(`ended early (${JSON.stringify(how)}):\n${this.output}`);
    });
    try {
      return await Promise.race([seen, ended]);
    } finally {
      clearTimeout(timer);
      this.onOutput = undefined;
      ended.catch(() => {});
      seen.catch(() => {});
    }
  }

  async stop() {
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.killed = true;
      this.process.kill('SIGKILL');
    }, STOP_LIMIT_MS);
    const how = await this.exited;
    clearTimeout(timer);
    if (this.killed) throw new Error(`did not end within ${STOP_LIMIT_MS} ms of SIGTERM:\n${this.output}`);
    return how;
  }
}

export class Router {
  // `config` is laid over a working default; `providers` replaces the provider list; `files` are
  // written beside the config first.
  static async start({ config = {}, providers, secrets = plantedSecrets(), env = {}, files = {} }) {
    const router = new Router();
    router.secrets = secrets;
    router.received = [];
    router.home = fs.mkdtempSync(path.join(os.tmpdir(), 'ccrd-client-'));
    router.configFile = path.join(router.home, 'config.json');
    const first = providers[0];
    const model = first.models[0].name ?? first.models[0];
    router.config = {
      HOST: '127.0.0.1', PORT: 0, APIKEY: secrets.router, LOG_LEVEL: 'debug',
      // Tests see each failure of a provider as it is; those of retries and limits set their own.
      Retry: { maxRetries: 0 }, Breaker: { failures: 0 }, RateLimit: { maxWaitMs: 0, baseDelayMs: 0 },
      fallback: { explicit: [] },
      Providers: providers, Router: { default: `${first.name},${model}` }, ...config,
    };
    fs.writeFileSync(router.configFile, JSON.stringify(router.config, null, 2), { mode: 0o600 });
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(router.home, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
    }
    router.child = new Child(program('CCRD'), ['--config', router.configFile],
      { env: cleanEnvironment(router.home, env), cwd: router.home });
    try {
      const ready = await router.child.waitFor(/listening on (?:http:\/\/)?127\.0\.0\.1:(\d+)/);
      router.port = Number(ready[1]);
    } catch (error) {
      router.child.process.kill('SIGKILL');
      fs.rmSync(router.home, { recursive: true, force: true });
      throw error;
    }
    router.url = `http://127.0.0.1:${router.port}`;
    return router;
  }

  // An SDK client of this router. It does not retry, so that a test sees the first answer.
  client(Anthropic, options = {}) {
    const key = 'apiKey' in options || 'authToken' in options ? {} : { apiKey: this.secrets.router };
    return new Anthropic({ baseURL: this.url, maxRetries: 0, timeout: 30_000, ...key, ...options });
  }

  // One plain HTTP request with exactly these headers. Resolves to {status, headers, rawHeaders, body, text}.
  request(method, target, { headers = {}, body, key = this.secrets.router, signal } = {}) {
    const payload = body === undefined || Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body);
    const all = { ...(key ? { 'x-api-key': key } : {}), ...headers };
    if (payload !== undefined) {
      all['content-type'] ??= 'application/json';
      all['content-length'] ??= Buffer.byteLength(payload);
    }
    return new Promise((resolve, reject) => {
      const request = http.request({ host: '127.0.0.1', port: this.port, method, path: target, headers: all,
        agent: false, setHost: !('host' in headers), signal }, (response) => {
        const pieces = [];
        response.on('data', (piece) => pieces.push(piece));
        response.on('error', reject);
        response.on('close', () => {
          const bytes = Buffer.concat(pieces);
          const result = { status: response.statusCode, headers: response.headers, rawHeaders: response.rawHeaders,
            complete: response.complete, body: bytes, text: bytes.toString() };
          this.received.push(JSON.stringify(result.rawHeaders), result.text);
          resolve(result);
        });
      });
      request.setTimeout(60_000, () => request.destroy(new Error('not a byte for 60 s')));
      request.on('error', reject);
      request.end(payload);
    });
  }

  // A request on a socket of its own, so that the test decides what is read and when.
  openStream(body, options = {}) {
    const text = JSON.stringify(body);
    const socket = net.connect({ port: this.port, host: '127.0.0.1', ...options });
    socket.on('error', () => {});
    socket.write(`POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:${this.port}\r\nx-api-key: ${this.secrets.router}\r\n`
      + `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    return socket;
  }

  messages(body, options = {}) {
    return this.request('POST', '/v1/messages', { body, ...options });
  }

  // Ends ccrd and checks what the run left behind.
  async stop() {
    const how = await this.child.stop();
    try {
      assert.deepEqual(how, { code: 0, signal: null }, `ccrd ended badly:\n${this.child.output}`);
      assert.doesNotMatch(this.child.output, /ERROR: \w*Sanitizer|WARNING: ThreadSanitizer|runtime error:/);
      this.assertNoSecrets();
    } finally {
      fs.rmSync(this.home, { recursive: true, force: true });
    }
  }

  // Every place where the run could have left a secret: output, files (but the config), bodies.
  written() {
    const places = [['output', this.child.output], ...this.received.map((text) => ['reply', text])];
    const walk = (folder) => {
      for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
        const file = path.join(folder, entry.name);
        if (entry.isDirectory()) walk(file);
        else if (entry.isFile() && file !== this.configFile) places.push([file, fs.readFileSync(file, 'latin1')]);
      }
    };
    walk(this.home);
    return places;
  }

  assertNoSecrets() {
    for (const [where, text] of this.written()) {
      for (const [name, secret] of Object.entries(this.secrets)) {
        for (const spelling of spellings(secret)) {
          assert.ok(!text.includes(spelling), `the ${name} secret is in ${where}:\n${text.slice(0, 4000)}`);
        }
      }
    }
  }
}

// A secret as it is, and its inside as base64 has it at each of the three alignments.
function spellings(secret) {
  const packed = ['', '.', '..'].map((pad) => Buffer.from(pad + secret).toString('base64').slice(4, -4));
  return [secret, ...packed];
}

// What an answer ended with: its last event, or the whole of it where nothing had been said before.
export const lastWord = (reply) => (reply.status === 200 ? parseSse(reply.text).at(-1).data : JSON.parse(reply.text));

// Events of an SSE text as [{event, data}], with the framing rules checked on the way.
export function parseSse(text) {
  assert.ok(text.endsWith('\n\n'), `the last frame is not closed: ${JSON.stringify(text.slice(-80))}`);
  return text.slice(0, -2).split('\n\n').map((frame) => {
    const lines = frame.split('\n');
    assert.equal(lines.length, 2, `not one event: and one data: line: ${JSON.stringify(frame)}`);
    assert.ok(lines[0].startsWith('event: ') && lines[1].startsWith('data: '), JSON.stringify(frame));
    const data = JSON.parse(lines[1].slice(6));
    assert.equal(data.type, lines[0].slice(7));
    return { event: data.type, data };
  });
}

// The grammar that every successful stream keeps: start, dense blocks that do not overlap, one
// message_delta with a stop reason, one message_stop, nothing after it.
export function assertGrammar(events) {
  const names = events.map((e) => e.event).filter((name) => name !== 'ping');
  assert.equal(names[0], 'message_start');
  assert.equal(names.at(-1), 'message_stop');
  assert.equal(names.at(-2), 'message_delta');
  for (const once of ['message_start', 'message_delta', 'message_stop']) {
    assert.equal(names.filter((name) => name === once).length, 1, `${once} once in ${names}`);
  }
  let next = 0;
  let open = false;
  for (const { event, data } of events) {
    if (event === 'content_block_start') {
      assert.equal(open, false, 'blocks overlap');
      assert.equal(data.index, next, 'block indexes are dense');
      open = true;
    } else if (event === 'content_block_delta') {
      assert.ok(open && data.index === next, `delta for block ${data.index}, open is ${open ? next : 'none'}`);
    } else if (event === 'content_block_stop') {
      assert.ok(open && data.index === next, 'stop of a block that is not open');
      open = false;
      next += 1;
    }
  }
  assert.equal(open, false, 'a block stays open');
  assert.ok(events.at(-2).data.delta.stop_reason, 'message_delta carries a stop_reason');
}

export function assertErrorEnvelope(reply, status, type) {
  assert.equal(reply.status, status, reply.text);
  assert.match(reply.headers['content-type'] ?? '', /^application\/json/);
  const body = JSON.parse(reply.text);
  assert.equal(body.type, 'error');
  if (type) assert.equal(body.error.type, type, reply.text);
  assert.equal(typeof body.error.message, 'string');
  assert.match(body.request_id, /^req_\w+$/);
  assert.equal(reply.headers['request-id'], body.request_id);
  return body.error;
}
