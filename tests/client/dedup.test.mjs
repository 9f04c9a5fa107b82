// SPDX-License-Identifier: MIT
// Identical requests in flight together are one call to the provider, within one session only.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertErrorEnvelope, assertGrammar, parseSse, plantedSecrets, Router } from './harness.mjs';
import { counted, metricsOf, total } from './metrics.mjs';
import { json, MockProvider, sleep } from './mock_provider.mjs';
import { ask, completion, delta, textChunks } from './replies.mjs';

const secrets = plantedSecrets();
const frame = (chunk) => `data: ${JSON.stringify(chunk)}\n\n`;
let mock;
let router;

before(async () => {
  mock = await MockProvider.start();
  router = await Router.start({ secrets, config: { threads: 3, Retry: { maxRetries: 0 } },
    providers: [{ name: 'mock', api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider, models: ['m1'] }] });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

// A streamed answer that stops after its first piece until the test lets it go on.
function gated(pieces = ['first', ' and', ' last']) {
  let open;
  const gate = new Promise((resolve) => { open = resolve; });
  const chunks = textChunks(pieces).map(frame);
  const reply = async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunks[0] + chunks[1]);
    await gate;
    response.end(`${chunks.slice(2).join('')}data: [DONE]\n\n`);
  };
  return { reply, open };
}

// One POST whose head and first bytes can be waited for.
function post(body, headers = {}) {
  const controller = new AbortController();
  const reply = router.messages(body, { headers, signal: controller.signal });
  reply.catch(() => {});
  return { reply, abort: () => controller.abort() };
}

const session = (id) => ({ 'x-claude-code-session-id': id });
const hits = (samples) => total(samples, 'ccr_dedup_hits_total');
const streams = (samples) => total(samples, 'ccr_active_streams');

async function joined(before_, count) {
  await counted(router, (samples) => hits(samples) === before_ + count, `${count} followers`);
}

describe('one answer for all', () => {
  test('case 82: 20 identical streams, early and late, are one call with 20 identical answers', async () => {
    const { reply, open } = gated();
    mock.next(reply);
    const from = hits(await metricsOf(router));
    const body = ask('the same', { stream: true });
    const early = Array.from({ length: 10 }, () => post(body, session('s-1')));
    await joined(from, 9);
    const late = Array.from({ length: 10 }, () => post(body, session('s-1')));
    await joined(from, 19);
    open();
    const replies = await Promise.all([...early, ...late].map((one) => one.reply));
    assert.equal(mock.requests.length, 1);
    const texts = new Set(replies.map((one) => one.text));
    assert.equal(texts.size, 1);
    const events = parseSse(replies[0].text);
    assertGrammar(events);
    assert.equal(events.filter((one) => one.event === 'content_block_delta').map((one) => one.data.delta.text).join(''),
      'first and last');
    assert.ok(replies.every((one) => one.status === 200 && one.complete));
    assert.equal(replies.filter((one) => one.headers['x-ccr-dedup'] === 'follower').length, 19);
    assert.equal(new Set(replies.map((one) => one.headers['request-id'])).size, 20);
  });

  test('an answer in one piece is shared, too', async () => {
    let open;
    const gate = new Promise((resolve) => { open = resolve; });
    mock.next(async (response) => {
      await gate;
      json(200, completion({ content: 'whole' }))(response);
    });
    const from = hits(await metricsOf(router));
    const all = Array.from({ length: 6 }, () => post(ask('whole'), session('s-2')));
    await counted(router, (samples) => streams(samples) === 6, '6 in flight');
    await sleep(50);
    open();
    const replies = await Promise.all(all.map((one) => one.reply));
    assert.equal(mock.requests.length, 1);
    assert.equal(new Set(replies.map((one) => one.text)).size, 1);
    assert.equal(JSON.parse(replies[0].text).content[0].text, 'whole');
    assert.equal(hits(await metricsOf(router)) - from, 5);
  });

  test('an error is shared', async () => {
    let open;
    const gate = new Promise((resolve) => { open = resolve; });
    mock.next(async (response) => {
      await gate;
      json(400, { error: { message: 'no such thing', type: 'invalid_request_error' } })(response);
    });
    const all = Array.from({ length: 4 }, () => post(ask('bad', { stream: true }), session('s-3')));
    await counted(router, (samples) => streams(samples) === 4, '4 in flight');
    await sleep(50);
    open();
    const replies = await Promise.all(all.map((one) => one.reply));
    assert.equal(mock.requests.length, 1);
    for (const reply of replies) {
      assert.equal(reply.status, 400);
      assert.match(JSON.parse(reply.text).error.message, /no such thing/);
    }
  });

  test('the client\'s own billing block tells nothing apart', async () => {
    const { reply, open } = gated();
    mock.next(reply);
    const from = hits(await metricsOf(router));
    const body = (hex) => ask('billed', { stream: true, system: [
      { type: 'text', text: `x-anthropic-billing-header: cc_version=2.1.330.${hex}; cc_entrypoint=cli;` },
      { type: 'text', text: 'You are helpful.' }] });
    const one = post(body('abc'), session('s-4'));
    await counted(router, (samples) => streams(samples) === 1, 'the first');
    const two = post(body('def'), session('s-4'));
    await joined(from, 1);
    open();
    await Promise.all([one.reply, two.reply]);
    assert.equal(mock.requests.length, 1);
  });

  test('afterwards the same request is a new one', async () => {
    for (let i = 0; i < 2; i += 1) {
      const { reply, open } = gated();
      open();
      mock.next(reply);
      const got = await router.messages(ask('again', { stream: true }), { headers: session('s-5') });
      assert.equal(got.status, 200);
      assert.equal(got.headers['x-ccr-dedup'], undefined);
    }
    assert.equal(mock.requests.length, 2);
  });
});

describe('who is kept apart', () => {
  const cases = [
    ['two sessions', [session('a'), session('b')]],
    ['no session', [{}, {}]],
    ['one that opts out', [session('c'), { ...session('c'), 'x-ccr-dedup': 'off' }]],
    ['two agents of a session', [{ ...session('d'), 'x-claude-code-agent-id': '1' }, { ...session('d'), 'x-claude-code-agent-id': '2' }]],
    ['other betas', [{ ...session('e'), 'anthropic-beta': 'x-1' }, { ...session('e'), 'anthropic-beta': 'x-2' }]],
  ];
  for (const [name, [first, second]] of cases) {
    test(name, async () => {
      const gates = [gated(['one', ' 1', ' 1']), gated(['two', ' 2', ' 2'])];
      mock.next(gates[0].reply, gates[1].reply);
      const from = hits(await metricsOf(router));
      const all = [post(ask('apart', { stream: true }), first), post(ask('apart', { stream: true }), second)];
      for (let i = 0; i < 500 && mock.requests.length < 2; i += 1) await sleep(10);
      assert.equal(mock.requests.length, 2);
      gates.forEach((one) => one.open());
      const replies = await Promise.all(all.map((one) => one.reply));
      assert.notEqual(replies[0].text, replies[1].text);
      assert.equal(hits(await metricsOf(router)), from);
    });
  }

  test('sessions in metadata.user_id', async () => {
    const gates = [gated(), gated()];
    mock.next(gates[0].reply, gates[1].reply);
    const body = (id) => ask('meta', { stream: true, metadata: { user_id: JSON.stringify({ device_id: 'd', session_id: id }) } });
    const all = [post(body('m-1')), post(body('m-2')), post(body('m-1'))];
    for (let i = 0; i < 500 && mock.requests.length < 2; i += 1) await sleep(10);
    await sleep(50);
    gates.forEach((one) => one.open());
    await Promise.all(all.map((one) => one.reply));
    assert.equal(mock.requests.length, 2);
  });
});

describe('who leaves', () => {
  test('the first client\'s leaving does not end the answer of the others', async () => {
    const { reply, open } = gated();
    mock.next(reply);
    const from = hits(await metricsOf(router));
    const body = ask('leave', { stream: true });
    const leader = post(body, session('l-1'));
    await counted(router, (samples) => streams(samples) === 1, 'the leader');
    const follower = post(body, session('l-1'));
    await joined(from, 1);
    leader.abort();
    await sleep(200);
    const late = post(body, session('l-1'));
    await joined(from, 2);
    open();
    const replies = await Promise.all([follower.reply, late.reply]);
    assert.equal(mock.requests.length, 1);
    for (const one of replies) {
      assert.ok(one.complete);
      assertGrammar(parseSse(one.text));
    }
    assert.equal(replies[0].text, replies[1].text);
    await counted(router, (samples) => streams(samples) === 0, 'none left');
  });

  test('when all have left the provider\'s answer is cancelled', async () => {
    const { reply } = gated();
    mock.next(reply);
    const from = hits(await metricsOf(router));
    const body = ask('all leave', { stream: true });
    const all = [post(body, session('l-2'))];
    await counted(router, (samples) => streams(samples) === 1, 'the leader');
    all.push(post(body, session('l-2')));
    await joined(from, 1);
    all.forEach((one) => one.abort());
    const closed = await Promise.race([mock.last.closed, sleep(5000).then(() => null)]);
    assert.ok(closed, 'the connection to the provider stays open');
    assert.equal(closed.finished, false);
    await counted(router, (samples) => streams(samples) === 0, 'none left');
    const samples = await metricsOf(router);
    assert.ok(total(samples, 'ccr_failures_total', 'reason="cancelled"') >= 1);
  });

  test('a follower\'s leaving disturbs nobody', async () => {
    const { reply, open } = gated();
    mock.next(reply);
    const from = hits(await metricsOf(router));
    const body = ask('follower leaves', { stream: true });
    const leader = post(body, session('l-3'));
    await counted(router, (samples) => streams(samples) === 1, 'the leader');
    const follower = post(body, session('l-3'));
    await joined(from, 1);
    follower.abort();
    await counted(router, (samples) => streams(samples) === 1, 'the leader alone');
    open();
    const got = await leader.reply;
    assertGrammar(parseSse(got.text));
    assert.equal(mock.requests.length, 1);
  });
});

test('an answer past 4 MiB gains no more followers, and those it has get all of it', async () => {
  let open;
  const gate = new Promise((resolve) => { open = resolve; });
  const piece = 'x'.repeat(1 << 20);
  const big = async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frame(delta({ role: 'assistant', content: 'begin' })));
    await gate;
    for (let i = 0; i < 6; i += 1) response.write(frame(delta({ content: piece })));
    await sleep(300);
    response.end(`${frame(delta({}, 'stop'))}data: [DONE]\n\n`);
  };
  const second = gated();
  second.open();
  mock.next(big, second.reply);
  const from = hits(await metricsOf(router));
  const body = ask('big', { stream: true });
  const leader = post(body, session('b-1'));
  await counted(router, (samples) => streams(samples) === 1, 'the leader');
  const follower = post(body, session('b-1'));
  await joined(from, 1);
  open();
  await sleep(200);
  const late = await router.messages(body, { headers: session('b-1') });
  assert.equal(late.headers['x-ccr-dedup'], undefined);
  const [one, two] = await Promise.all([leader.reply, follower.reply]);
  assert.equal(one.text.length, two.text.length);
  assert.equal(one.text, two.text);
  assert.ok(one.text.length > 6 << 20);
  assert.equal(mock.requests.length, 2);
});

test('Dedup: {enabled: false} keeps all apart', async () => {
  const alone = await Router.start({ config: { Dedup: { enabled: false } },
    providers: [{ name: 'mock', api_base_url: `${mock.url}/v1/chat/completions`, models: ['m1'] }] });
  try {
    const gates = [gated(), gated()];
    mock.next(gates[0].reply, gates[1].reply);
    const all = [1, 2].map(() => alone.messages(ask('off', { stream: true }), { headers: session('o-1') }));
    for (let i = 0; i < 500 && mock.requests.length < 2; i += 1) await sleep(10);
    assert.equal(mock.requests.length, 2);
    gates.forEach((one) => one.open());
    await Promise.all(all);
  } finally {
    await alone.stop();
  }
});

test('a provider\'s refusal that ends before it answers leaves nobody waiting', async () => {
  mock.next((response) => response.socket.destroy());
  const replies = await Promise.all([1, 2, 3].map(() => router.messages(ask('gone', { stream: true }), { headers: session('g-1') })));
  for (const reply of replies) {
    if (reply.status !== 200) assertErrorEnvelope(reply, reply.status, 'api_error');
  }
});
