// SPDX-License-Identifier: MIT
// GET /v1/usage over time, over restarts of every kind, and in money.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { plantedSecrets, Router } from './harness.mjs';
import { counted, metricsOf, total } from './metrics.mjs';
import { broken, json, MockProvider, sleep, sse } from './mock_provider.mjs';
import { ask, completion, defaultUsage, delta, textChunks } from './replies.mjs';

const secrets = plantedSecrets();
let mock;
let folder;

before(async () => { mock = await MockProvider.start(); });
after(async () => { await mock?.stop(); });
beforeEach((t) => {
  mock.reset();
  folder = fs.mkdtempSync(path.join(process.env.TMPDIR ?? os.tmpdir(), 'ccrd-usage-'));
  t.after?.(() => fs.rmSync(folder, { recursive: true, force: true }));
});

const providers = (more = {}) => [{ name: 'one', api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider,
  models: ['m1', 'm2'], ...more }];
const start = (config = {}, more = {}, rest = {}) => Router.start({ secrets, providers: providers(more), env: { STATE_DIRECTORY: folder }, config, ...rest });

async function usage(router, query = '') {
  const reply = await router.request('GET', `/v1/usage${query}`);
  assert.equal(reply.status, 200, reply.text);
  return JSON.parse(reply.text);
}

async function serve(router, body = {}, reply = json(200, completion({ content: 'x' })), options = {}) {
  mock.next(reply);
  const answer = await router.messages(ask('usage', body), options);
  assert.equal(answer.status, 200, answer.text);
  await counted(router, (samples) => total(samples, 'ccr_active_streams') === 0, 'nothing in flight');
}

async function kill(router) {
  router.child.process.kill('SIGKILL');
  await router.child.exited;
  fs.rmSync(router.home, { recursive: true, force: true });
}

async function withRouter(work, ...rest) {
  const router = await start(...rest);
  try {
    return await work(router);
  } finally {
    await router.stop();
  }
}

describe('over time', () => {
  test('every grouping has the same sum, and the fields of each row', async () => {
    await withRouter(async (router) => {
      await serve(router);
      await serve(router, { model: 'one,m2' });
      await serve(router, { stream: true }, sse(textChunks(['a'])));
      mock.next(json(500, { error: { message: 'oops' } }));
      assert.ok((await router.messages(ask('fails'))).status >= 500);
      const day = new Date().toISOString().slice(0, 10);
      const keys = { tier: 'tier-1', model: 'tier-1', route: 'default', preset: '', day };
      for (const [by, first] of Object.entries(keys)) {
        const report = await usage(router, `?by=${by}`);
        assert.equal(report.by, by);
        assert.equal(report.total_requests, 3, by);
        assert.equal(report.total_failures, 1, by);
        assert.equal(report.total_input_tokens, 120, by);
        assert.equal(report.total_cache_read_tokens, 180, by);
        assert.equal(report.total_output_tokens, 21, by);
        for (const field of ['requests', 'failures', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens']) {
          assert.equal(report.tiers.reduce((sum, row) => sum + row[field], 0), report[`total_${field}`], `${by} ${field}`);
        }
        assert.ok(report.tiers.some((row) => (by === 'model' ? row.tier : row[by]) === first), JSON.stringify(report));
        for (const row of report.tiers) {
          for (const field of ['tier', 'provider', 'model', 'requests', 'failures', 'retries', 'fallbacks_from', 'input_tokens', 'output_tokens',
            'cache_read_tokens', 'cache_creation_tokens', 'reasoning_tokens', 'cost_usd', 'cost_estimated', 'unpriced_requests', 'avg_duration_seconds']) {
            assert.ok(field in row, `${by}: ${field}`);
          }
        }
      }
      const routes = (await usage(router, '?by=route')).tiers.map((row) => row.route);
      assert.deepEqual(routes.sort(), ['default', 'explicit']);
    });
  });

  test('since takes spans, times and seconds', async () => {
    await withRouter(async (router) => {
      await serve(router);
      const now = Math.floor(Date.now() / 1000);
      for (const since of ['1h', '24h', '7d', new Date((now - 7200) * 1000).toISOString(), String(now - 60)]) {
        const report = await usage(router, `?since=${encodeURIComponent(since)}`);
        assert.equal(report.total_requests, 1, since);
        assert.ok(report.since <= now && report.since >= now - 120, 'counting began after what was asked for');
      }
      const future = await usage(router, `?since=${now + 7200}`);
      assert.equal(future.total_requests, 0);
      assert.equal(future.tiers.length, 1);
    });
  });

  test('a preset is told apart', async () => {
    await withRouter(async (router) => {
      mock.next(json(200, completion({ content: 'x' })));
      const reply = await router.request('POST', '/preset/small/v1/messages', { body: ask('preset') });
      assert.equal(reply.status, 200, reply.text);
      await serve(router);
      const report = await usage(router, '?by=preset');
      assert.deepEqual(report.tiers.map((row) => [row.preset, row.requests]), [['', 1], ['small', 1]]);
    }, { Presets: { small: { route: 'one,m2' } } });
  });
});

describe('over a restart', () => {
  test('a kill -9 loses at most the last second', async () => {
    let router = await start();
    for (let i = 0; i < 5; i += 1) await serve(router);
    await sleep(1500);
    await kill(router);
    router = await start();
    try {
      assert.equal((await usage(router)).total_requests, 5);
      assert.equal(total(await metricsOf(router), 'ccr_requests_total'), 0, 'counters begin anew with the process');
      await serve(router);
      const report = await usage(router);
      assert.equal(report.total_requests, 6);
      assert.equal(report.total_output_tokens, 42);
      // Asking writes down all that was counted before.
      await kill(router);
      router = await start();
      assert.equal((await usage(router)).total_requests, 6);
    } finally {
      await router.stop();
    }
  });

  test('killed again and again under load, nothing is counted twice', async () => {
    let served = 0;
    mock.fallback = () => json(200, completion({ content: 'x' }));
    for (let round = 0; round < 3; round += 1) {
      const router = await start({ threads: 2 });
      const before_ = (await usage(router)).total_requests;
      assert.ok(before_ <= served, `${before_} of ${served}`);
      for (let i = 0; i < 30; i += 1) {
        const answers = await Promise.all(Array.from({ length: 4 }, (_, n) => router.messages(ask(`load ${round} ${i} ${n}`))));
        served += answers.filter((answer) => answer.status === 200).length;
      }
      await usage(router);
      await kill(router);
    }
    const router = await start();
    try {
      assert.equal((await usage(router)).total_requests, served);
    } finally {
      await router.stop();
    }
  });

  test('a stop writes everything, and leaves one private file', async () => {
    await withRouter((router) => serve(router));
    assert.equal(fs.statSync(path.join(folder, 'usage.db')).mode & 0o777, 0o600);
    assert.deepEqual(fs.readdirSync(folder).filter((name) => name.startsWith('usage')), ['usage.db']);
    await withRouter(async (router) => { assert.equal((await usage(router)).total_requests, 1); });
  });

  const damages = {
    'no database': () => Buffer.from('this is no database, but it is long enough to be looked at as if it were one'.repeat(20)),
    'overwritten in the middle': (bytes) => Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 0xA5)]),
    'cut': (bytes) => bytes.subarray(0, 4096 + 100),
  };
  for (const [name, damage] of Object.entries(damages)) {
    test(`a damaged file is set aside: ${name}`, async () => {
      await withRouter((router) => serve(router));
      const file = path.join(folder, 'usage.db');
      fs.writeFileSync(file, damage(fs.readFileSync(file)));
      await withRouter(async (router) => {
        await router.child.waitFor(/history of usage cannot be read .*usage\.db\.damaged-\d+/);
        await serve(router);
        assert.equal((await usage(router)).total_requests, 1);
      });
      assert.ok(fs.readdirSync(folder).some((entry) => /^usage\.db\.damaged-\d+$/.test(entry)));
      await withRouter(async (router) => { assert.equal((await usage(router)).total_requests, 1); });
    });
  }

  test('without a place to write it is kept in memory', async () => {
    fs.writeFileSync(path.join(folder, 'plain'), '');
    const env = { STATE_DIRECTORY: path.join(folder, 'plain') };
    await withRouter(async (router) => {
      await router.child.waitFor(/usage is not kept over a restart/);
      await serve(router);
      assert.equal((await usage(router)).total_requests, 1);
    }, {}, {}, { env });
  });

  test('two daemons with one file add up', async () => {
    await withRouter(async (one) => {
      await withRouter(async (two) => {
        await serve(one);
        await serve(two);
        await usage(one);
        assert.equal((await usage(two)).total_requests, 2);
      });
    });
  });
});

describe('in money', () => {
  const tokens = { ...defaultUsage, prompt_tokens: 1_000_000, completion_tokens: 100_000, total_tokens: 1_100_000,
    prompt_tokens_details: { cached_tokens: 500_000 }, completion_tokens_details: { reasoning_tokens: 50_000 } };
  const reply = (more = {}) => json(200, completion({ content: 'x' }, { usage: { ...tokens, ...more } }));

  test('what nobody prices is unknown, and not nothing', async () => {
    await withRouter(async (router) => {
      let report = await usage(router);
      assert.equal(report.total_cost_usd, 0);
      assert.equal(report.cost_complete, true);
      await serve(router, {}, reply());
      report = await usage(router);
      assert.equal(report.total_cost_usd, null);
      assert.equal(report.cost_complete, false);
      assert.equal(report.tiers[0].cost_usd, null);
      assert.equal(report.tiers[0].unpriced_requests, 1);
      assert.equal((await metricsOf(router))['ccr_unpriced_requests_total{tier="tier-1"}'], 1);
    });
  });

  const price = { input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5, reasoning: 20 };
  const priced = 0.5 * 2 + 0.5 * 0.2 + 0.05 * 10 + 0.05 * 20;
  const forms = {
    'of the model': [{}, { models: [{ name: 'm1', pricing: price }, 'm2'] }],
    'of the provider': [{}, { pricing: price }],
    'of the provider by model': [{}, { pricing: { m1: price } }],
    'model_pricing': [{}, { model_pricing: { M1: { ...price, input_per_million_tokens: 2, input: undefined } } }],
    'for all': [{ pricing: { m1: price } }],
    'for a target': [{ pricing: { 'one,m1': price, m1: { input: 1, output: 1 } } }],
    'by provider and model': [{ pricing: { one: { m1: price } } }],
  };
  for (const [name, [config, provider]] of Object.entries(forms)) {
    test(`pricing ${name} has effect`, async () => {
      await withRouter(async (router) => {
        await serve(router, {}, reply());
        const report = await usage(router);
        assert.ok(Math.abs(report.total_cost_usd - priced) < 1e-9, `${report.total_cost_usd}`);
        assert.equal(report.cost_complete, true);
        assert.equal(report.tiers[0].cost_estimated, true);
        assert.equal(report.tiers[0].reasoning_tokens, 50_000);
        const cost = (await metricsOf(router))['ccr_cost_usd_total{tier="tier-1"}'];
        assert.ok(Math.abs(cost - priced) < 1e-9);
      }, config, provider);
    });
  }

  test('what the provider bills wins, streamed or not', async () => {
    await withRouter(async (router) => {
      await serve(router, {}, reply({ cost: 0.125 }));
      await serve(router, { stream: true }, sse(textChunks(['a'], { usage: { ...tokens, cost: 0.5 } })));
      const report = await usage(router);
      assert.equal(report.total_cost_usd, 0.625);
      assert.equal(report.tiers[0].cost_estimated, false);
      assert.equal(report.cost_complete, true);
    }, { pricing: { m1: price } });
  });

  test('a part that is known is told, and that it is a part', async () => {
    await withRouter(async (router) => {
      await serve(router, {}, reply());
      await serve(router, { model: 'one,m2' }, reply());
      const report = await usage(router);
      assert.ok(Math.abs(report.total_cost_usd - priced) < 1e-9);
      assert.equal(report.cost_complete, false);
    }, { pricing: { m1: price } });
  });

  test('an answer that broke off is paid for as far as it was counted; a refusal is not', async () => {
    await withRouter(async (router) => {
      mock.next(json(400, { error: { message: 'no', type: 'invalid_request_error' } }), broken([delta({ role: 'assistant', content: 'abc' })], 'reset'));
      await router.messages(ask('refused'));
      let report = await usage(router);
      assert.equal(report.total_cost_usd, 0);
      assert.equal(report.cost_complete, true);
      await router.messages(ask('breaks off', { stream: true })).catch(() => {});
      await counted(router, (samples) => total(samples, 'ccr_active_streams') === 0, 'nothing in flight');
      report = await usage(router);
      assert.equal(report.total_failures, 2);
      const row = report.tiers[0];
      assert.equal(row.cost_usd > 0, row.input_tokens + row.output_tokens > 0);
    }, { pricing: { m1: price } });
  });

  test('list prices are those of the vendor\'s own provider', async () => {
    const vendors = [{ ...providers()[0], name: 'deepseek', models: ['deepseek-chat'] }];
    const router = await Router.start({ secrets, providers: vendors, env: { STATE_DIRECTORY: folder },
      files: { 'prices.json': { date: '2026-01-01', vendors: [{ names: ['deepseek'], hosts: [], models: { 'own-model': { input: 1, output: 1 } } }] } } });
    try {
      await serve(router, {}, reply());
      await serve(router, { model: 'deepseek,own-model' }, reply());
      const report = await usage(router, '?by=model');
      const cost = (model) => report.tiers.find((row) => row.model === model)?.cost_usd;
      assert.ok(Math.abs(cost('deepseek-chat') - (0.5 * 0.28 + 0.5 * 0.028 + 0.1 * 0.42)) < 1e-9, JSON.stringify(report));
      assert.ok(Math.abs(cost('*') - 1.1) < 1e-9, JSON.stringify(report));
    } finally {
      await router.stop();
    }
  });

  for (const [name, pricing, where] of [
    ['a price that is no number', { m1: { input: 'cheap', output: 1 } }, 'pricing.m1.input'],
    ['a negative price', { m1: { input: 1, output: -1 } }, 'pricing.m1.output'],
    ['a class that is unknown', { m1: { input: 1, output: 1, lunch: 3 } }, 'pricing.m1.lunch'],
    ['half a price', { m1: { input: 1 } }, 'pricing.m1'],
  ]) {
    test(`${name} is refused with its place`, async () => {
      await assert.rejects(start({ pricing }), (error) => {
        assert.match(error.message, /config\.json:\d+:\d+/);
        assert.ok(error.message.includes(where), error.message);
        return true;
      });
    });
  }

  test('a price list that cannot be read is named, and left out', async () => {
    await withRouter(async (router) => {
      await router.child.waitFor(/price list is left out: .*prices\.json/);
      await serve(router);
    }, {}, {}, { files: { 'prices.json': '{"date":' } });
  });
});
