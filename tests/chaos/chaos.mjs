// SPDX-License-Identifier: MIT
// Three tiers that fail in every way there is, under hundreds of concurrent streams:
// chaos.mjs [SECONDS] (60). What has to hold, whatever happens:
//  - a request ends in a complete, well-formed answer or in an honest error;
//  - while one tier is healthy, every request is served, but for an answer that broke off after its
//    first content;
//  - a request makes no more calls than its tiers and their retries allow, and no call is lost;
//  - at the end no stream is left, and memory is back where it was.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { assertErrorEnvelope, assertGrammar, Child, parseSse, plantedSecrets, program, Router } from '../client/harness.mjs';
import { ask } from '../client/replies.mjs';

const seconds = Number(process.env.CCR_CHAOS_SECONDS ?? 60);
const seed = Number(process.env.CCR_CHAOS_SEED ?? 4711);
const streams = 200;
const conversations = 1000; // remembered by the router: all of them before memory is measured
const tiers = 3;
const maxCalls = tiers * 4; // three retries each

const answer = 'mock:chunks=12;interval_ms=15;size=24';
const failures = [
  'mock-reset:after=-1', 'mock-reset', 'mock-half-close', 'mock-truncated', 'mock-bad-chunk', 'mock-bad-json', 'mock-empty-200', 'mock-html-error',
  'mock-hang', 'mock-slow-drip:bytes=16;ms=2', 'mock-500', 'mock-503', 'mock-529', 'mock-status:status=502', 'mock-status:status=408',
  'mock-200-error:shape=openai', 'mock-200-error:shape=vllm', 'mock-200-error:shape=anthropic', 'mock-200-error:shape=openrouter',
  'mock-429', 'mock-429:retry_after=1', 'mock-429:retry_after_ms=300', 'mock-429:retry_after_date=1',
  'mock-429:header.x-ratelimit-remaining-requests=0;header.x-ratelimit-reset-requests=500ms',
  'mock-429:header.anthropic-ratelimit-requests-remaining=0', 'mock-429:header.x-ratelimit-reset-tokens=1s',
];

const secrets = plantedSecrets();
let mock;
let mockUrl;
let router;

const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const mockFetch = async (path, body) => {
  const reply = await fetch(`${mockUrl}${path}`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  assert.ok(reply.ok, `${path}: ${reply.status}`);
  return reply.json();
};
const script = (name, sequence) => mockFetch(`/_mock/scripts/${name}`, { sequence, random: seed, loop: true });

before(async () => {
  mock = new Child(program('CCR_MOCK_PROVIDER'), ['--port', '0', '--threads', '2', '--record', '1'], {});
  mockUrl = `http://${(await mock.waitFor(/listening on (\S+)/))[1]}`;
  const provider = (name) => ({ name, api_base_url: `${mockUrl}/v1/chat/completions`, api_key: secrets.provider, models: [`mock-script:${name}`],
    firstByteTimeoutMs: 1500, idleTimeoutMs: 1500 });
  router = await Router.start({ secrets, providers: ['a', 'b', 'c'].map(provider), config: { LOG_LEVEL: 'info',
    Router: { default: 'a,mock-script:a', think: 'b,mock-script:b', longContext: 'c,mock-script:c' } } });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});

const returns = 90_000; // ms; the router gives memory back about once a minute
const residentKb = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${router.child.process.pid}/status`))[1]);

// One request, judged. `servable`: a healthy tier was there all the time.
async function request(number, servable, tally) {
  const stream = number % 4 !== 0;
  const reply = await router.messages(ask(`request ${number}`, { stream }), { headers: { 'x-claude-code-session-id': `chaos-${number % conversations}` } });
  router.received.length = 0; // a long run does not keep everything
  router.child.output = '';
  const calls = Number(reply.headers['x-ccr-attempts'] ?? 0);
  assert.ok(calls <= maxCalls, `${calls} calls`);
  if (reply.status !== 200) {
    assertErrorEnvelope(reply, reply.status);
    assert.ok(!servable, `request ${number} was not served: ${reply.status} ${reply.text}`);
    tally.refused += 1;
    return;
  }
  if (!stream) {
    const message = JSON.parse(reply.text);
    assert.equal(message.type, 'message');
    assert.ok(message.stop_reason && message.content.length > 0, reply.text);
    tally.served += 1;
    return;
  }
  const events = parseSse(reply.text);
  if (events.at(-1).event === 'error') {
    const content = events.some(({ event }) => event === 'content_block_delta');
    assert.ok(content || !servable, `request ${number} failed before its first content: ${reply.text}`);
    assert.ok(!events.some(({ event }) => event === 'message_stop'));
    tally.broken += 1;
    return;
  }
  assertGrammar(events);
  tally.served += 1;
}

// `streams` clients that ask again as soon as they are answered, until `until`.
async function crowd(until, servable, tally) {
  let next = tally.started;
  const client = async () => {
    while (performance.now() < until) {
      next += 1;
      tally.started += 1;
      await request(next, servable, tally);
    }
  };
  await Promise.all(Array.from({ length: streams }, client));
}

// Nothing is left open here or at the provider.
async function quiet() {
  for (let i = 0; i < 200; i += 1) {
    const stats = await mockFetch('/_mock/stats');
    const health = JSON.parse((await router.request('GET', '/health')).text);
    if (stats.streams_open === 0 && health.active_requests === 0) return;
    await wait(50);
  }
  assert.fail('a stream is left open');
}

// Tier c is asked again: what it said while it failed (a breaker, a rate limit) has run out.
async function recovered() {
  for (let i = 0; i < 600; i += 1) {
    const reply = await router.messages(ask('are you there?', { model: 'c,mock-script:c' }));
    if (reply.status === 200 && reply.headers['x-ccr-provider'] === 'c') return;
    await wait(100);
  }
  assert.fail('a healthy tier is not asked for a minute');
}

// The sum over the tiers of a metric with that name.
async function metric(name) {
  const { text } = await router.request('GET', '/metrics');
  return text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

test(`chaos for ${seconds} s`, { timeout: (seconds + 330) * 1000 }, async (t) => {
  const tally = { started: 0, served: 0, broken: 0, refused: 0 };
  const mixed = [...failures, ...Array(8).fill(answer)];
  const rounds = 3 * Math.max(2, Math.round(seconds / 30));
  const length = (seconds * 1000) / rounds;
  let base = 0;
  for (let round = 0; round < rounds; round += 1) {
    // In turn: two tiers fail at times; two fail always; all of them fail at times.
    const kind = round % 3;
    await script('a', kind === 1 ? failures : mixed);
    await script('b', kind === 1 ? failures : mixed);
    await script('c', kind === 2 ? mixed : [answer]);
    if (kind !== 2) await recovered();
    await crowd(performance.now() + length, kind !== 2, tally);
    await quiet();
    if (round === 2) base = residentKb(); // every kind of trouble has been met
  }
  t.diagnostic(`${JSON.stringify(tally)}; memory ${base} kB after the first three rounds, ${residentKb()} kB at the end`);
  assert.ok(tally.served > streams, 'the crowd was served');
  assert.equal(tally.started, tally.served + tally.broken + tally.refused);

  const calls = (await mockFetch('/_mock/stats')).requests;
  assert.ok(calls <= maxCalls * tally.started, `${calls} calls for ${tally.started} requests`);
  assert.equal(await metric('ccr_active_streams'), 0);
  if (!process.env.CCR_SANITIZED) {
    const until = performance.now() + returns;
    while (residentKb() >= base * 1.05 && performance.now() < until) await wait(1000);
    assert.ok(residentKb() < base * 1.05, `${base} kB became ${residentKb()} kB`);
    t.diagnostic(`memory ${residentKb()} kB after what was free has been given back`);
  }

  // And all is well again once the provider is.
  for (const name of ['a', 'b', 'c']) await script(name, [answer]);
  await recovered();
  await crowd(performance.now() + 1000, true, tally);
});
