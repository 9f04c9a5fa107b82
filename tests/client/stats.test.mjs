// SPDX-License-Identifier: MIT
// What the router counts is what the provider saw, whatever became of the requests.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { plantedSecrets, Router } from './harness.mjs';
import { counted, metricsOf, total } from './metrics.mjs';
import { broken, json, MockProvider, raw, sleep, sse } from './mock_provider.mjs';
import { ask, completion, delta, textChunks } from './replies.mjs';

const secrets = plantedSecrets();
const reasons = ['timeout', 'connect', 'tls', 'reset', 'rate_limited', 'overloaded', 'server_error', 'auth', 'not_found',
  'invalid_request', 'context_overflow', 'malformed', 'cancelled'];
let mock;
let router;
let single;  // with one tier, so that nobody stands in

const calm = { Retry: { maxRetries: 0 }, Breaker: { failures: 0, ratio: 1, window: 1000 },
  RateLimit: { baseDelayMs: 1, maxDelayMs: 1, quotaDelayMs: 1, misconfiguredDelayMs: 1, missingDelayMs: 1 } };

before(async () => {
  mock = await MockProvider.start();
  const timers = { firstByteTimeoutMs: 400, threads: 2 };
  const provider = (name) => ({ name, api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider, models: ['m1', 'm2'] });
  router = await Router.start({ secrets, config: { ...calm, ...timers,
    Router: { default: 'one,m1', think: 'two,m1' }, fallback: { default: ['two,m1'] } },
  providers: [provider('one'), provider('two')] });
  single = await Router.start({ secrets, config: { ...calm, ...timers }, providers: [provider('one')] });
});
after(async () => {
  await router?.stop();
  await single?.stop();
  await mock?.stop();
});

// Sent again because the kept connection was dead: the provider sees it twice.
const replaced = (added) => total(added, 'ccr_upstream_connection_uses_total', 'kind="replaced"');
const difference = (now, from) => Object.fromEntries(Object.entries(now).map(([key, value]) => [key, value - (from[key] ?? 0)])
  .filter(([, value]) => value !== 0));

// Runs one thing and gives what it added to the counters, once nothing is in flight.
async function counts(run, of = router) {
  const from = await metricsOf(of);
  await run();
  const now = await counted(of, (samples) => total(samples, 'ccr_active_streams') === 0, 'nothing in flight');
  return difference(now, from);
}

describe('from the start', () => {
  test('the six are there for every tier, with zeros', async () => {
    const samples = await metricsOf(router);
    for (const tier of ['tier-1', 'tier-2']) {
      for (const name of ['ccr_requests_total', 'ccr_input_tokens_total', 'ccr_output_tokens_total',
        'ccr_request_duration_seconds_count', 'ccr_request_duration_seconds_sum', 'ccr_ttft_seconds_count', 'ccr_overhead_seconds_count',
        'ccr_cost_usd_total', 'ccr_unpriced_requests_total', 'ccr_retries_total', 'ccr_cache_read_tokens_total', 'ccr_cache_creation_tokens_total']) {
        assert.equal(samples[`${name}{tier="${tier}"}`], 0, name);
      }
      for (const reason of reasons) assert.equal(samples[`ccr_failures_total{tier="${tier}",reason="${reason}"}`], 0);
    }
    assert.equal(samples.ccr_active_streams, 0);
    for (const state of ['active', 'idle']) assert.equal(samples[`ccr_upstream_connections{tier="tier-1",state="${state}"}`], 0);
    assert.equal(samples['ccr_tier_info{tier="tier-1",provider="one",model="m1"}'], 1);
    assert.equal(samples['ccr_tier_info{tier="tier-2",provider="two",model="m1"}'], 1);
  });

  test('usage, latencies and metrics ask for the key', async () => {
    for (const target of ['/metrics', '/v1/usage', '/v1/latencies']) {
      assert.equal((await router.request('GET', target, { key: '' })).status, 401, target);
    }
  });
});

describe('one request', () => {
  const tier1 = (name, rest = '') => `${name}{tier="tier-1"${rest}}`;
  const failed = (reason) => tier1('ccr_failures_total', `,reason="${reason}"`);
  const stream = () => single.messages(ask('count', { stream: true }));

  for (const [name, reply, body] of [
    ['streamed', sse(textChunks(['a', 'b'])), { stream: true }],
    ['in one piece', json(200, completion({ content: 'ab' })), {}],
  ]) {
    test(`${name}: counted once, with its tokens`, async () => {
      mock.next(reply);
      const added = await counts(() => router.messages(ask('count', body)));
      assert.equal(added[tier1('ccr_requests_total')], 1);
      assert.equal(added[tier1('ccr_request_duration_seconds_count')], 1);
      assert.equal(added[tier1('ccr_input_tokens_total')], 40);
      assert.equal(added[tier1('ccr_cache_read_tokens_total')], 60);
      assert.equal(added[tier1('ccr_output_tokens_total')], 7);
      assert.equal(added[tier1('ccr_upstream_responses_total', ',code="200"')], 1);
      assert.equal(added[tier1('ccr_overhead_seconds_count')], 1);
      assert.ok(added[tier1('ccr_overhead_seconds_sum')] > 0);
      assert.ok(added[tier1('ccr_overhead_seconds_sum')] <= added[tier1('ccr_request_duration_seconds_sum')]);
      assert.equal(total(added, 'ccr_failures_total'), 0);
    });
  }

  const dead = async () => {};
  const failures = [
    ['401', json(401, { error: { message: 'no' } }), 'auth', '401'],
    ['404', json(404, { error: { message: 'no such model', code: 'model_not_found' } }), 'not_found', '404'],
    ['400', json(400, { error: { message: 'odd', type: 'invalid_request_error' } }), 'invalid_request', '400'],
    ['overflow', json(400, { error: { message: "This model's maximum context length is 10 tokens. However, your messages resulted in 20 tokens.", code: 'context_length_exceeded' } }), 'context_overflow', '400'],
    ['500', json(500, { error: { message: 'oops' } }), 'server_error', '500'],
    ['503', json(503, { error: { message: 'busy' } }), 'overloaded', '503'],
    ['reset', broken([], 'reset'), 'reset'],
    ['hang', dead, 'timeout'],
    ['bad chunk', broken([], 'badchunk'), 'malformed'],
    ['error in a 200', json(200, { error: { message: 'inside', type: 'server_error' } }), 'server_error', '200'],
    ['cut in mid-stream', broken([delta({ role: 'assistant', content: 'abc' })], 'reset'), 'reset', '200'],
    ['nothing in a 200', raw(200, ''), undefined, '200'],
    ['429', json(429, { error: { message: 'slow down' } }, { 'retry-after': '60' }), 'rate_limited', '429'],
  ];
  for (const [name, reply, reason, code] of failures) {
    test(`${name}: one failure, and no request served`, async () => {
      mock.reset();
      mock.next(reply, reply);
      const added = await counts(stream, single);
      assert.equal(total(added, 'ccr_requests_total'), 0, JSON.stringify(added));
      assert.equal(total(added, 'ccr_request_duration_seconds_count'), 0);
      assert.equal(total(added, 'ccr_failures_total') + replaced(added), mock.requests.length, JSON.stringify(added));
      if (reason) assert.equal(added[failed(reason)], 1, JSON.stringify(added));
      if (code) assert.equal(total(added, 'ccr_upstream_responses_total', `code="${code}"`), 1, JSON.stringify(added));
    });
  }

  test('a client that leaves: cancelled, before and after the first content', async () => {
    for (const reply of [dead, sse([delta({ role: 'assistant', content: 'abc' })], { hold: true })]) {
      mock.reset();
      mock.next(reply);
      const added = await counts(async () => {
        const controller = new AbortController();
        const request = router.messages(ask('leave', { stream: true }), { signal: controller.signal });
        request.catch(() => {});
        for (let i = 0; i < 500 && mock.requests.length < 1; i += 1) await sleep(5);
        await sleep(50);
        controller.abort();
        await assert.rejects(request);
      });
      assert.equal(added[failed('cancelled')], 1, JSON.stringify(added));
      assert.equal(total(added, 'ccr_failures_total'), 1);
      assert.equal(total(added, 'ccr_requests_total'), 0);
    }
  });

  test('a fallback: a failure here, a request there', async () => {
    mock.reset();
    mock.next(json(503, { error: { message: 'busy' } }), sse(textChunks(['second'])));
    const added = await counts(() => router.messages(ask('fallback', { stream: true })));
    assert.equal(added[failed('overloaded')], 1, JSON.stringify(added));
    assert.equal(added['ccr_requests_total{tier="tier-2"}'], 1);
    assert.equal(added['ccr_fallbacks_total{from="tier-1",to="tier-2",reason="overloaded"}'], 1);
    assert.equal(added['ccr_output_tokens_total{tier="tier-2"}'], 7);
  });

  test('what cannot be read or routed is turned away, not failed', async () => {
    const added = await counts(async () => {
      assert.equal((await router.messages('{')).status, 400);
    });
    assert.equal(added['ccr_rejected_total{reason="invalid_request"}'], 1);
    assert.equal(total(added, 'ccr_failures_total'), 0);
  });
});

test('200 requests of all kinds add up to what the provider saw', async () => {
  const kinds = [
    sse(textChunks(['a'])), json(200, completion({ content: 'b' })), json(500, { error: { message: 'oops' } }),
    json(429, { error: { message: 'slow down' } }), broken([], 'reset'), broken([delta({ role: 'assistant', content: 'x' })], 'half'),
    sse([delta({ role: 'assistant', content: 'held' })], { hold: true }), raw(200, ''), json(400, { error: { message: 'no' } }),
  ];
  mock.reset();
  let served = 0;
  mock.fallback = () => {
    served += 1;
    return kinds[(served - 1) % kinds.length];
  };
  const before_ = JSON.parse((await router.request('GET', '/v1/usage')).text);
  const added = await counts(async () => {
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 20 }, async (_, i) => {
        const controller = new AbortController();
        const timer = setTimeout(() => controller.abort(), 600);
        await router.messages(ask(`kind ${round} ${i}`, { stream: i % 2 === 0 }), { signal: controller.signal }).catch(() => {});
        clearTimeout(timer);
      }));
    }
  });
  const sum = total(added, 'ccr_requests_total') + total(added, 'ccr_failures_total') + replaced(added);
  assert.equal(sum, mock.requests.length, JSON.stringify(added));
  assert.ok(total(added, 'ccr_requests_total') >= 20);
  assert.equal(total(added, 'ccr_request_duration_seconds_count'), total(added, 'ccr_requests_total'));
  const usage = JSON.parse((await router.request('GET', '/v1/usage')).text);
  assert.equal(usage.total_requests - before_.total_requests, total(added, 'ccr_requests_total'));
  assert.equal(usage.total_failures - before_.total_failures, total(added, 'ccr_failures_total'));
  assert.equal(usage.total_output_tokens - before_.total_output_tokens, total(added, 'ccr_output_tokens_total'));
  assert.equal(usage.tiers.reduce((all, tier) => all + tier.requests, 0), usage.total_requests);
  assert.equal(usage.active_streams, 0);
});

describe('formats', () => {
  before(() => mock.reset());

  test('Prometheus\' own checker accepts both', async (t) => {
    if (spawnSync('promtool', ['--version']).error) {
      t.skip('promtool is not installed (Debian package prometheus): the exposition is NOT checked with it');
      return;
    }
    const text = await router.request('GET', '/metrics');
    assert.match(text.headers['content-type'], /^text\/plain; version=0\.0\.4/);
    const check = spawnSync('promtool', ['check', 'metrics'], { input: text.text, encoding: 'utf8' });
    assert.equal(check.status, 0, check.stderr + check.stdout);
    assert.equal(check.stderr.trim(), '');
  });

  test('OpenMetrics on request', async () => {
    const reply = await router.request('GET', '/metrics', { headers: { accept: 'application/openmetrics-text;version=1.0.0' } });
    assert.match(reply.headers['content-type'], /^application\/openmetrics-text; version=1\.0\.0/);
    assert.ok(reply.text.endsWith('# EOF\n'));
    const parser = spawnSync(fs.existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3', ['-c', 'import sys\n'
      + 'try:\n from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse\n'
      + 'except ImportError: sys.exit(77)\nprint(len(list(parse(sys.stdin.read()))))'], { input: reply.text, encoding: 'utf8' });
    if (parser.status === 77) {
      console.log('SKIPPED: python3-prometheus-client is not installed, the strict parser is NOT used');
      return;
    }
    assert.equal(parser.status, 0, parser.stderr);
    assert.ok(Number(parser.stdout) > 20);
  });

  test('usage by model; what it cannot tell it refuses', async () => {
    mock.reset();
    mock.next(json(200, completion({ content: 'beside' })));
    assert.equal((await router.messages(ask('beside the tiers', { model: 'one,m2' }))).status, 200);
    const by = JSON.parse((await router.request('GET', '/v1/usage?by=model')).text);
    assert.ok(by.tiers.some((tier) => tier.provider === 'one' && tier.model === 'm2' && tier.tier === 'other'));
    for (const query of ['by=month', 'by=', 'since=yesterday', 'since=', 'since=-1h']) {
      const refused = await router.request('GET', `/v1/usage?${query}`);
      assert.equal(refused.status, 400, query);
      assert.match(JSON.parse(refused.text).error.message, /^(by|since): expected/);
    }
  });

  test('latencies of every tier, best first', async () => {
    const list = JSON.parse((await router.request('GET', '/v1/latencies')).text);
    assert.deepEqual(list.slice(0, 2).map((entry) => entry.tier).sort(), ['tier-1', 'tier-2']);
    assert.deepEqual(list.map((entry) => entry.rank), list.map((_, i) => i + 1));
    assert.ok(list[0].ttft_ewma_seconds > 0);
    assert.ok(list[0].ewma_seconds >= list[0].ttft_ewma_seconds / 2);
    assert.deepEqual(Object.keys(list[0]), ['tier', 'provider', 'model', 'ttft_ewma_seconds', 'ewma_seconds', 'per_output_token_ms', 'sample_count',
      'last_sample_age_seconds', 'state', 'breaker', 'rate_limited_until', 'rank']);
    assert.ok(['healthy', 'limited', 'open', 'probing', 'unknown', 'missing', 'misconfigured'].includes(list[0].state));
  });
});
