// SPDX-License-Identifier: MIT
// The control channel of a running ccrd: every verb, and what must not be possible.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { call, socketOf, until, withControl } from './control.mjs';
import { assertErrorEnvelope, assertGrammar, lastWord, parseSse, plantedSecrets } from './harness.mjs';
import { MockProvider, sse } from './mock_provider.mjs';
import { ask, textChunks } from './replies.mjs';

const secrets = plantedSecrets();
let mock;

before(async () => { mock = await MockProvider.start(); });
after(async () => { await mock?.stop(); });
beforeEach(() => mock.reset());

const provider = (name, extra = {}) => ({ name, api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider,
  models: ['m1', 'm2'], ...extra });
const frame = (chunk) => `data: ${JSON.stringify(chunk)}\n\n`;
const withRouter = (options, run) => withControl({ secrets, providers: [provider('mock')], ...options }, run);

function hangingStream() {
  let open;
  const gate = new Promise((resolve) => { open = resolve; });
  const chunks = textChunks(['first', ' last']).map(frame);
  const reply = async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunks.slice(0, 2).join(''));
    await gate;
    response.end(`${chunks.slice(2).join('')}data: [DONE]\n\n`);
  };
  return { reply, open };
}

const streaming = (router) => until(async () => (await router.call('GET', '/v1/status')).json().streams === 1);
const write = (router, text) => fs.writeFileSync(router.configFile, text, { mode: 0o600 });
const rewrite = (router, change) => write(router, JSON.stringify({ ...router.config, ...change }, null, 2));

// A reader of the event feed: events so far, and a way to wait for one.
async function follow(router) {
  const events = [];
  let rest = '';
  const feed = { events };
  const done = new Promise((resolve) => { feed.closed = resolve; });
  await new Promise((resolve, reject) => {
    feed.ended = call(socketOf(router), 'GET', '/v1/events', { onData: (data, request) => {
      feed.close = () => request.destroy();
      rest += data;
      const frames = rest.split('\n\n');
      rest = frames.pop();
      for (const text of frames) {
        if (text.startsWith('data: ')) events.push(JSON.parse(text.slice(6)));
      }
      router.received.push(data);
      resolve();
    } }).then(feed.closed, (error) => { feed.closed(); reject(error); });
  });
  feed.done = done;
  feed.seen = (match) => until(() => events.find(match));
  return feed;
}

describe('what it tells', () => {
  test('the status', async () => {
    await withRouter({ config: { Router: { default: 'mock,m1', think: 'mock,m2' } } }, async (router) => {
      mock.next(sse(textChunks(['hello'])));
      assert.equal((await router.messages(ask('x', { stream: true }))).status, 200);
      const status = (await router.call('GET', '/v1/status')).json();
      assert.equal(status.pid, router.child.process.pid);
      assert.equal(status.state, 'serving');
      assert.ok(status.uptime_seconds >= 0 && Math.abs(status.started_at - Date.now()) < 60_000);
      assert.equal(status.config.path, router.configFile);
      assert.equal(status.config.providers, 1);
      assert.deepEqual(status.listeners, [{ name: 'http', address: router.url, inherited: false },
        { name: 'control', address: socketOf(router), inherited: false }]);
      assert.deepEqual(status.tiers.map((tier) => [tier.tier, tier.provider, tier.model, tier.streams]),
        [['tier-1', 'mock', 'm1', 0], ['tier-2', 'mock', 'm2', 0]]);
      assert.equal(status.tiers[1].state, 'unknown');
      assert.equal(status.requests_in_flight, 0);
      assert.equal(status.drain, null);
      assert.equal(status.last_reload, null);
    });
  });

  test('what a tier is answering', async () => {
    await withRouter({}, async (router) => {
      const { reply, open } = hangingStream();
      mock.next(reply);
      const stream = router.messages(ask('x', { stream: true }));
      await streaming(router);
      const status = (await router.call('GET', '/v1/status')).json();
      assert.equal(status.requests_in_flight, 1);
      assert.equal(status.tiers[0].streams, 1);
      open();
      assertGrammar(parseSse((await stream).text));
      await until(async () => (await router.call('GET', '/v1/status')).json().streams === 0);
    });
  });

  test('usage, latencies, metrics, models and presets as on the API port, without a key', async () => {
    await withRouter({}, async (router) => {
      for (const target of ['/v1/usage', '/v1/latencies', '/v1/models', '/v1/presets', '/health']) {
        const here = await router.call('GET', target);
        const there = await router.request('GET', target);
        assert.equal(here.status, 200, here.text);
        assert.deepEqual(Object.keys(here.json()), Object.keys(JSON.parse(there.text)), target);
      }
      assert.match((await router.call('GET', '/metrics')).text, /^ccr_active_streams 0$/m);
      assert.equal((await router.call('GET', '/v1/usage?by=nonsense')).status, 400);
    });
  });

  test('the configuration with its secrets masked', async () => {
    const config = { PROXY_URL: `http://user:${secrets.proxy}@127.0.0.1:9`, NO_PROXY: '*' };
    await withRouter({ config }, async (router) => {
      const reply = await router.call('GET', '/v1/config');
      const shown = reply.json();
      assert.equal(shown.Providers[0].api_key, '***');
      assert.equal(shown.APIKEY, '***');
      assert.equal(shown.Router.default, 'mock,m1');
      for (const secret of Object.values(secrets)) assert.ok(!reply.text.includes(secret));
    });
  });

  test('where a request would go, without sending it', async () => {
    const config = { Router: { default: 'mock,m1', think: 'other,m9' }, fallback: {} };
    await withRouter({ config, providers: [provider('mock'), provider('other', { models: ['m9'] })] }, async (router) => {
      const plain = (await router.call('POST', '/v1/explain', { body: ask('x') })).json();
      assert.equal(plain.ok, true);
      assert.equal(plain.route, 'default');
      assert.ok(plain.input_tokens > 0);
      assert.deepEqual(plain.candidates.map((entry) => [entry.tier, entry.provider, entry.model, entry.asked]),
        [['tier-1', 'mock', 'm1', true], ['tier-2', 'other', 'm9', true]]);
      assert.equal(plain.candidates[0].why, "the route's target");
      const body = ask('x', { max_tokens: 9000, thinking: { type: 'enabled', budget_tokens: 5000 } });
      const think = (await router.call('POST', '/v1/explain', { body })).json();
      assert.equal(think.route, 'think');
      assert.equal(think.candidates[0].provider, 'other');
      assert.ok(think.steps.find((step) => step.rule === 'think').applies);
      const none = (await router.call('POST', '/v1/explain', { body: { ...ask('x'), model: 'nobody,m' } })).json();
      assert.equal(none.ok, false);
      assert.match(none.error, /nobody/);
      assertErrorEnvelope(await router.call('POST', '/v1/explain', { body: '{' }), 400, 'invalid_request_error');
      assert.equal(mock.requests.length, 0);
    });
  });
});

describe('reload', () => {
  test('says what changed, and takes it over', async () => {
    await withRouter({}, async (router) => {
      const same = await router.call('POST', '/v1/reload');
      assert.equal(same.status, 200);
      assert.deepEqual(same.json().changed, []);
      rewrite(router, { Router: { default: 'mock,m2' }, PORT: 1, Providers: [provider('mock', { models: ['m2'] })] });
      const reply = (await router.call('POST', '/v1/reload')).json();
      assert.equal(reply.ok, true);
      assert.deepEqual([...reply.changed].sort(), ['PORT', 'Providers.mock.models', 'Router.default']);
      assert.deepEqual(reply.needs_restart, ['PORT']);
      const status = (await router.call('GET', '/v1/status')).json();
      assert.equal(status.tiers[0].model, 'm2');
      assert.equal(status.last_reload.ok, true);
    });
  });

  test('a bad configuration changes nothing and is told whole', async () => {
    await withRouter({}, async (router) => {
      write(router, '{\n  "PORT": "many",\n  "Router": 7\n}');
      const reply = await router.call('POST', '/v1/reload');
      assert.equal(reply.status, 422);
      const result = reply.json();
      assert.equal(result.ok, false);
      assert.match(result.error, /config\.json:2:11: error/);
      assert.ok(result.problems.length >= 2, reply.text);
      assert.deepEqual(result.changed, []);
      const status = (await router.call('GET', '/v1/status')).json();
      assert.equal(status.tiers[0].model, 'm1');
      assert.equal(status.last_reload.ok, false);
      assert.ok(status.last_errors.some((entry) => entry.message.includes(':2:11:')));
      mock.next(sse(textChunks(['still'])));
      assert.equal((await router.messages(ask('x', { stream: true }))).status, 200);
    });
  });
});

describe('drain and stop', () => {
  test('stop shows the drain, cuts nothing, and ends', async () => {
    await withRouter({}, async (router) => {
      const { reply, open } = hangingStream();
      mock.next(reply);
      const stream = router.messages(ask('x', { stream: true }));
      await streaming(router);
      const seen = [];
      const stopping = router.call('POST', '/v1/stop', { headers: { accept: 'text/event-stream' }, onData: (data) => {
        seen.push(data);
      } });
      await until(() => seen.length > 0);
      assert.match(seen.join(''), /^event: drain\ndata: \{"state":"stopping".*"left":1/);
      // What the kernel has taken before the port closes is still answered.
      await until(() => router.messages(ask('late')).then(
        () => false, (error) => String(error).includes('ECONNREFUSED')));
      const status = (await router.call('GET', '/v1/status')).json();
      assert.equal(status.state, 'draining');
      assert.equal(status.drain.left, 1);
      assert.equal((await router.call('POST', '/v1/reload')).status, 409);
      open();
      assertGrammar(parseSse((await stream).text));
      const text = (await stopping).text;
      const last = JSON.parse(text.trim().split('\n').at(-1).slice(6));
      assert.deepEqual([last.left, last.done], [0, true], text);
      assert.deepEqual(await router.child.exited, { code: 0, signal: null });
      assert.ok(!fs.existsSync(socketOf(router)), 'the socket goes with the daemon');
      await router.end();
    });
  });

  test('a drain does not end the daemon, a stop then does', async () => {
    await withRouter({}, async (router) => {
      const reply = await router.call('POST', '/v1/drain');
      assert.equal(reply.status, 202);
      // With nobody to wait for it may be over by the time of the answer.
      assert.ok(['draining', 'drained'].includes(reply.json().state), reply.text);
      await until(async () => (await router.call('GET', '/v1/status')).json().drain.done);
      assert.equal((await router.call('GET', '/health')).json().status, 'draining');
      assert.equal((await router.call('POST', '/v1/stop')).status, 202);
      assert.deepEqual(await router.child.exited, { code: 0, signal: null });
      await router.end();
    });
  });

  test('stop at once ends streams with an error', async () => {
    await withRouter({}, async (router) => {
      mock.next(hangingStream().reply);
      const stream = router.messages(ask('x', { stream: true }));
      await streaming(router);
      const from = performance.now();
      await router.call('POST', '/v1/stop?now=1');
      const last = lastWord(await stream);
      assert.equal(last.error.type, 'overloaded_error');
      await router.child.exited;
      assert.ok(performance.now() - from < 5000);
      await router.end();
    });
  });
});

describe('events', () => {
  test('tell of requests, decisions and changes, and end with the daemon', async () => {
    await withRouter({ config: { Breaker: { failures: 1, openMs: 60_000 } } }, async (router) => {
      const feed = await follow(router);
      mock.next(sse(textChunks(['hello'])));
      const reply = await router.messages(ask('x', { stream: true }));
      const route = await feed.seen((event) => event.type === 'route');
      const request = await feed.seen((event) => event.type === 'request');
      assert.equal(route.id, reply.headers['request-id']);
      assert.deepEqual([route.route, route.tier, route.provider, route.model], ['default', 'tier-1', 'mock', 'm1']);
      assert.equal(request.id, route.id);
      assert.deepEqual([request.status, request.stream, request.attempts], [200, true, 1]);
      assert.ok(request.total_ms >= request.ttft_ms && request.output_tokens > 0);
      mock.next((response) => response.writeHead(500).end('{}'));
      await router.messages(ask('y'));
      const open = await feed.seen((event) => event.what === 'breaker_open');
      assert.deepEqual([open.type, open.tier], ['state', 'tier-1']);
      assert.equal((await router.request('GET', '/health')).status, 200);
      assert.equal(JSON.parse((await router.request('GET', '/health')).text).status, 'degraded');
      await router.call('POST', '/v1/reload');
      await feed.seen((event) => event.what === 'reloaded');
      router.child.process.kill('SIGTERM');
      await feed.done;
      assert.ok(feed.events.some((event) => event.what === 'stopped'));
      await router.end();
    });
  });

  test('a reader that does not keep up misses some and is told how many', async () => {
    await withRouter({ config: { LOG_LEVEL: 'info' } }, async (router) => {
      const slow = net.connect(socketOf(router));
      slow.write('GET /v1/events HTTP/1.1\r\nhost: ccr\r\n\r\n');
      await new Promise((resolve) => { slow.once('data', resolve); });
      slow.pause();
      const huge = 'x'.repeat(150);
      const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
      const one = () => new Promise((resolve, reject) => {
        const request = http.request({ port: router.port, host: '127.0.0.1', method: 'POST', path: `/v1/messages?${huge}`,
          headers: { 'x-api-key': secrets.router }, agent }, (response) => response.resume().on('end', resolve));
        request.on('error', reject);
        request.end('{');
      });
      for (let sent = 0; sent < 6000; sent += 200) await Promise.all(Array.from({ length: 200 }, one));
      agent.destroy();
      let text = '';
      slow.on('data', (data) => { text += data; });
      slow.resume();
      await until(() => /"type":"lagged".*"missed":\d+/.test(text));
      slow.destroy();
      // Whoever left is forgotten: others still get theirs.
      const feed = await follow(router);
      await one().catch(() => {});
      await router.messages(ask('z'));
      await feed.seen((event) => event.type === 'request');
      feed.close();
    });
  });

  test('only so many may follow', async () => {
    await withRouter({}, async (router) => {
      const feeds = [];
      for (let i = 0; i < 16; i += 1) feeds.push(await follow(router));
      assertErrorEnvelope(await router.call('GET', '/v1/events'), 529, 'overloaded_error');
      for (const feed of feeds) feed.close();
      await Promise.all(feeds.map((feed) => feed.done));
      await until(async () => {
        const again = await follow(router);
        again.close();
        return true;
      });
    });
  });
});
