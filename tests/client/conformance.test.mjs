// SPDX-License-Identifier: MIT
// Conformance cases that need sockets, many clients or the HTTP surface, by their numbers; the
// others are listed in tests/unit/dialect/CONFORMANCE.md.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import zlib from 'node:zlib';
import { after, before, beforeEach, test } from 'node:test';
import { assertErrorEnvelope, assertGrammar, parseSse, plantedSecrets, Router } from './harness.mjs';
import { MockProvider, json, raw, sleep, sse } from './mock_provider.mjs';
import { ask, completion, delta, textChunks } from './replies.mjs';

const secrets = plantedSecrets();
let mock;
let router;

before(async () => {
  mock = await MockProvider.start();
  router = await Router.start({ secrets, config: { LOG_LEVEL: 'info' }, providers: [
    { name: 'mock', api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider, models: ['m1', 'deep/m2'] }] });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

// Under a sanitizer memory means nothing; descriptors do.
const memoryCounts = !process.env.CCR_SANITIZED;
const proc = (of, file) => `/proc/${of.child.process.pid}/${file}`;
const descriptors = () => fs.readdirSync(proc(router, 'fd')).length;
const residentKb = (of = router) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(proc(of, 'status')))[1]);

async function until(condition, what) {
  for (let i = 0; i < 2000; i += 1) {
    if (condition()) return;
    await sleep(5);
  }
  assert.fail(`not within 10 s: ${what}`);
}

const openStream = () => router.openStream(ask('x', { stream: true }));

test('case 10: a gzip\'d HTML 502 is a gateway error, without its HTML', async () => {
  mock.always(raw(502, zlib.gzipSync('<html><h1>Bad gateway</h1>'), { 'content-type': 'text/html', 'content-encoding': 'gzip' }));
  for (const stream of [true, false]) {
    const reply = await router.messages(ask('x', { stream }));
    assert.ok([500, 502].includes(reply.status), reply.text);
    assertErrorEnvelope(reply, reply.status, 'api_error');
    assert.doesNotMatch(reply.text, /<h1|\\u001f/);
  }
});

test('case 76: a limited provider\'s delay reaches the client', async () => {
  for (const [headers, seconds] of [[{ 'retry-after': '30' }, '30'], [{ 'retry-after': '7.2' }, '8'], [{ 'retry-after-ms': '1500' }, '2'],
    [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m6s' }, '66']]) {
    mock.next(json(429, { error: { message: 'slow down', type: 'rate_limit_exceeded' } }, headers));
    // Each at a model of its own: it is not asked again for so long.
    const reply = await router.messages(ask('x', { model: `mock,limited-${seconds}` }));
    assertErrorEnvelope(reply, 429, 'rate_limit_error');
    assert.equal(reply.headers['retry-after'], seconds, JSON.stringify(headers));
  }
});

test('case 80: ten thousand clients that leave in mid-stream leave no descriptor and no memory behind', { timeout: 240_000 }, async (t) => {
  mock.always(sse([delta({ content: 'first' })], { hold: true }));
  const leave = () => new Promise((resolve) => {
    const socket = openStream();
    socket.once('data', () => socket.destroy());
    socket.once('close', resolve);
  });
  const rounds = async (count) => {
    for (let i = 0; i < count; i += 1) await Promise.all(Array.from({ length: 20 }, leave));
    await until(() => mock.sockets.size === 0, 'every connection to the provider is closed');
    mock.reset();
  };
  await rounds(20);
  const [files, memory] = [descriptors(), residentKb()];
  await rounds(480);
  await until(() => descriptors() <= files + 2, `descriptors ${descriptors()}, before ${files}`);
  t.diagnostic(`resident memory grew by ${residentKb() - memory} kB over 9,600 clients`);
  if (memoryCounts) assert.ok(residentKb() - memory < 4096, `${residentKb() - memory} kB`);
});

test('case 81: a client that does not read slows its provider, not the router', async (t) => {
  const piece = 'x'.repeat(8 * 1024);
  let written = 0;
  mock.next(async (response) => {
    response.setMaxListeners(0);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let i = 0; i < 4096 && !response.destroyed; i += 1) {
      const ready = response.write(`data: ${JSON.stringify(delta({ content: piece }))}\n\n`);
      written += piece.length;
      if (!ready) await new Promise((resolve) => { response.once('drain', resolve); response.once('close', resolve); });
    }
    response.end();
  });
  const memory = residentKb();
  const slow = openStream();
  slow.pause();
  await until(() => written > 0, 'the provider begins');
  let last = -1;
  while (written !== last) {
    last = written;
    await sleep(300);
  }
  t.diagnostic(`the provider could write ${(written / 1024).toFixed(0)} kB of ${4096 * 8} kB; memory grew by ${residentKb() - memory} kB`);
  assert.ok(written < 20 * 1024 * 1024, `${written} bytes taken from the provider`);
  if (memoryCounts) assert.ok(residentKb() - memory < 4096, `${residentKb() - memory} kB`);
  mock.next(sse(textChunks(['fine'])));
  assert.match((await router.messages(ask('x', { stream: true }))).text, /message_stop/, 'others go on');
  slow.destroy();
});

// Fifteen minutes of silence are sixty pings; here they come every quarter of a second. With
// CCR_SILENCE_SECONDS=900 the silence is a real one, with the pings that users see.
test('case 83: two hundred silent streams live and end', { timeout: 1_200_000 }, async (t) => {
  const real = Number(process.env.CCR_SILENCE_SECONDS ?? 0);
  const silence = real > 0 ? real * 1000 : 15_500;
  const pingIntervalMs = real > 0 ? 15_000 : 250;
  const provider = { name: 'mock', api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider, models: ['m1'], idleTimeoutMs: 1_800_000 };
  const patient = await Router.start({ secrets, config: { pingIntervalMs }, providers: [provider] });
  t.after(() => patient.stop());
  const held = [];
  // What the process keeps for all to come (recycled buffers, idle connections) is no stream's.
  mock.always(sse(textChunks(['warm'])));
  await Promise.all(Array.from({ length: 40 }, () => patient.messages(ask('x', { stream: true }))));
  mock.always(async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify(delta({ content: 'first' }))}\n\n`);
    held.push(response);
  });
  const memory = residentKb(patient);
  // A few at a time: what counts is what a silent stream holds, and not what a burst of requests
  // needs for a moment.
  const replies = [];
  while (replies.length < 200) {
    for (let i = 0; i < 10; i += 1) replies.push(patient.messages(ask('x', { stream: true })));
    await until(() => held.length === replies.length, 'all streams are open');
  }
  await sleep(silence);
  const perStream = (residentKb(patient) - memory) / 200;
  t.diagnostic(`${perStream.toFixed(1)} kB per stream`);
  if (memoryCounts) assert.ok(perStream < 24, `${perStream} kB per stream`);
  for (const response of held) {
    for (const chunk of textChunks([' last'])) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    response.end('data: [DONE]\n\n');
  }
  for (const reply of await Promise.all(replies)) {
    const events = parseSse(reply.text);
    assertGrammar(events);
    // Now and then a ping is an empty delta, which is progress to clients that time pings out.
    const signs = events.filter(({ event, data }) => event === 'ping' || data?.delta?.text === '');
    const due = silence / pingIntervalMs;
    assert.ok(signs.length > due * 0.7 && signs.length < due * 1.3, `${signs.length} signs of life, due ${due}`);
  }
});

test('case 84: a token count counts all of the request, here, whatever else is in it', async () => {
  const count = async (body) => {
    const reply = await router.request('POST', '/v1/messages/count_tokens', { body: { model: 'mock,m1', messages: [{ role: 'user', content: 'hi' }], ...body } });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(mock.requests.length, 0, 'counted here');
    return JSON.parse(reply.text).input_tokens;
  };
  const base = await count({});
  const words = 'some ordinary words here '.repeat(100);
  for (const [what, body] of [['system', { system: words }], ['tools', { tools: [{ name: 't', description: words, input_schema: { type: 'object', properties: {} } }] }],
    ['messages', { messages: [{ role: 'user', content: words }] }], ['system messages', { messages: [{ role: 'user', content: 'hi' }, { role: 'system', content: words }] }],
    ['tool results', { messages: [{ role: 'user', content: 'hi' }, { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 't', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: words }] }] }]]) {
    const tokens = await count(body);
    // Tools come with some hundred tokens of instructions at the provider.
    assert.ok(tokens - base > 300 && tokens - base < (what === 'tools' ? 1100 : 700), `${what}: ${tokens}, without ${base}`);
  }
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(400_000) } };
  const withImage = await count({ messages: [{ role: 'user', content: [image] }] });
  assert.ok(withImage > base && withImage < 5000, `an image is not counted as text: ${withImage}`);
  const odd = await count({ thinking: { type: 'adaptive' }, output_config: { effort: 'high' }, brand_new: 1, context_management: { edits: [] } });
  assert.ok(odd < base + 50);
});

test('case 85: models in the shapes that clients read, and under names that Claude Code keeps', async () => {
  const get = async (target, headers = {}) => JSON.parse((await router.request('GET', target, { headers })).text);
  const anthropic = await get('/v1/models?limit=1000', { 'anthropic-version': '2023-06-01' });
  for (const model of anthropic.data) {
    assert.equal(model.type, 'model');
    assert.equal(typeof model.display_name, 'string');
    assert.ok(!Number.isNaN(Date.parse(model.created_at)), model.created_at);
  }
  assert.equal(anthropic.has_more, false);
  assert.equal(anthropic.first_id, anthropic.data[0].id);
  assert.equal(anthropic.last_id, anthropic.data.at(-1).id);
  const openai = await get('/v1/models');
  assert.equal(openai.object, 'list');
  assert.ok(openai.data.every((model) => model.object === 'model' && model.owned_by && Number.isInteger(model.created)));

  const aliases = anthropic.data.map((model) => model.id).filter((id) => /^(claude|anthropic)/.test(id));
  assert.equal(aliases.length, 2);
  for (const alias of aliases) {
    mock.next(json(200, completion({ content: 'fine' })));
    const reply = await router.messages(ask('x', { model: alias }));
    assert.equal(JSON.parse(reply.text).model, alias);
  }
  assert.deepEqual(mock.requests.map((request) => request.body.model), ['m1', 'deep/m2']);
  assert.equal((await get('/v1/models/mock,m1')).id, 'mock,m1');
  assertErrorEnvelope(await router.request('GET', '/v1/models/nobody'), 404, 'not_found_error');
});

test('case 90: upstream\'s own headers stay upstream, the client\'s stay here', async () => {
  const upstream = { 'openai-organization': 'org', 'openai-processing-ms': '5', 'x-ratelimit-limit-requests': '9', 'set-cookie': 'a=b', server: 'cloud',
    'cf-ray': 'x', via: '1.1 x', 'alt-svc': 'h3', 'strict-transport-security': 'max-age=1', 'request-id': 'req_theirs', 'x-request-id': 'theirs', 'x-anything': '1' };
  const sent = { cookie: 'c=d', 'x-forwarded-for': '1.2.3.4', forwarded: 'for=x', 'anthropic-beta': 'b', 'anthropic-version': '2023-06-01', 'x-app': 'cli',
    'x-stainless-lang': 'js', 'proxy-authorization': 'Basic x', 'x-claude-code-session-id': 's', authorization: `Bearer ${secrets.router}`, 'user-agent': 'claude-cli' };
  for (const reply of [json(200, completion({ content: 'fine' }), upstream), sse(textChunks(['fine']), { headers: upstream }), json(400, { error: { message: 'no' } }, upstream)]) {
    mock.next(reply);
    const answer = await router.messages(ask('x', { stream: true }), { headers: sent });
    for (const name of Object.keys(upstream)) {
      if (name !== 'request-id') assert.equal(answer.headers[name], undefined, name);
    }
    assert.match(answer.headers['request-id'], /^req_(?!theirs)/);
    for (const name of Object.keys(sent)) {
      if (name === 'authorization') assert.equal(mock.last.headers[name], `Bearer ${secrets.provider}`);
      else assert.notEqual(mock.last.headers[name], sent[name], name);
    }
  }
});
