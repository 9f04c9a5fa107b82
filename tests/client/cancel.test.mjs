// SPDX-License-Identifier: MIT
// A client that goes away takes its provider request with it, at once and in every phase; a silent
// provider does not take the client with it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { parseSse, plantedSecrets, Router, sdks } from './harness.mjs';
import { MockProvider, sleep, sse } from './mock_provider.mjs';
import { ask, delta, textChunks } from './replies.mjs';

// The promise is 100 ms; the limit leaves room for a loaded machine, the measured time is printed.
const LIMIT_MS = 1000;
const secrets = plantedSecrets();
let mock;
let router;

before(async () => {
  mock = await MockProvider.start();
  router = await Router.start({ secrets,
    providers: [{ name: 'mock', api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider, models: ['m1'] }] });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

async function until(condition, what) {
  for (let i = 0; i < 1000; i += 1) {
    if (condition()) return;
    await sleep(5);
  }
  assert.fail(`not within 5 s: ${what}`);
}

async function assertCancelled(record, from, t) {
  const closed = await Promise.race([record.closed, sleep(5000).then(() => null)]);
  assert.ok(closed, 'the connection to the provider stays open');
  assert.equal(closed.finished, false);
  const took = closed.at - from;
  t.diagnostic(`provider connection closed ${took.toFixed(1)} ms after the client left`);
  assert.ok(took < LIMIT_MS, `${took} ms`);
}

const never = async () => {};

for (const { name, Anthropic } of sdks) {
  describe(name, () => {
    test('abort in mid-stream', async (t) => {
      mock.next(sse([delta({ content: 'first' })], { hold: true }));
      const stream = router.client(Anthropic).messages.stream(ask());
      await new Promise((resolve) => { stream.once('text', resolve); });
      const from = performance.now();
      stream.abort();
      await assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
      await assertCancelled(mock.last, from, t);
    });

    test('abort before the provider has said anything', async (t) => {
      mock.next(never);
      const stream = router.client(Anthropic).messages.stream(ask());
      const failed = assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
      await until(() => mock.requests.length === 1, 'the request reaches the provider');
      const from = performance.now();
      stream.abort();
      await failed;
      await assertCancelled(mock.last, from, t);
    });

    test('abort of a request that does not stream', async (t) => {
      mock.next(never);
      const controller = new AbortController();
      const failed = assert.rejects(router.client(Anthropic).messages.create(ask(), { signal: controller.signal }), Anthropic.APIUserAbortError);
      await until(() => mock.requests.length === 1, 'the request reaches the provider');
      const from = performance.now();
      controller.abort();
      await failed;
      await assertCancelled(mock.last, from, t);
    });
  });
}

test('three hundred clients that leave early leave nothing behind', async () => {
  mock.always(sse([delta({ content: 'first' })], { hold: true }));
  const leave = async (who) => {
    const controller = new AbortController();
    const gone = router.messages(ask(who, { stream: true }), { signal: controller.signal }).catch(() => {});
    await until(() => mock.requests.some((request) => request.body.messages.at(-1).content === who), `the request of ${who} reaches the provider`);
    controller.abort();
    await gone;
  };
  for (let i = 0; i < 30; i += 1) await Promise.all(Array.from({ length: 10 }, (_, k) => leave(`client ${i}.${k}`)));
  await until(() => mock.sockets.size === 0, 'all connections to the provider close');
  mock.always(sse(textChunks(['fine'])));
  assert.match((await router.messages(ask('x', { stream: true }))).text, /fine/);
});

test('a silent provider: pings keep the client', { timeout: 40_000 }, async () => {
  mock.next(async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify(delta({ content: 'one' }))}\n\n`);
    await sleep(16_500);
    for (const chunk of textChunks([' two'])) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    response.end('data: [DONE]\n\n');
  });
  const events = parseSse((await router.messages(ask('x', { stream: true }))).text);
  const names = events.map(({ event }) => event);
  const ping = names.indexOf('ping', names.indexOf('content_block_delta'));
  assert.ok(ping > 0 && ping < names.lastIndexOf('content_block_delta'), `${names}`);
});

test('before the first content too: the head goes out with a ping', { timeout: 40_000 }, async () => {
  mock.next(async (response) => {
    await sleep(16_500);
    await sse(textChunks(['late']))(response);
  });
  const events = parseSse((await router.messages(ask('x', { stream: true }))).text);
  assert.equal(events[0].event, 'ping');
  assert.equal(events.at(-1).event, 'message_stop');
});
