// SPDX-License-Identifier: MIT
// Each limit and each time in the configuration takes effect where clients and providers meet it.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertErrorEnvelope, parseSse, plantedSecrets, Router } from './harness.mjs';
import { counted, metricsOf, total } from './metrics.mjs';
import { MockProvider, json, sleep, sse } from './mock_provider.mjs';
import { ask, completion, delta, textChunks } from './replies.mjs';

const secrets = plantedSecrets();
let mock;
let other;

before(async () => {
  mock = await MockProvider.start();
  other = await MockProvider.start();
});
after(async () => {
  await mock?.stop();
  await other?.stop();
});
beforeEach(() => {
  mock.reset();
  other.reset();
  mock.always(fine('from a'));
  other.always(fine('from b'));
});

const fine = (text) => (response, record) => (record.body.stream ? sse(textChunks([text])) : json(200, completion({ content: text })))(response, record);
const refusal = (status, message, headers = {}, extra = {}) => json(status, { error: { message, type: 'some_error', ...extra } }, headers);
const textOf = (answer) => JSON.parse(answer.text).content.map((block) => block.text ?? '').join('');

// Two tiers; nothing is tried again at the same one.
async function withRouter(config, run, change = () => {}) {
  const providers = [['a', mock], ['b', other]].map(([name, { url }]) => ({ name, api_base_url: `${url}/v1/chat/completions`,
    api_key: name === 'a' ? secrets.provider : secrets.second, models: ['m'] }));
  change(providers);
  const router = await Router.start({ secrets, providers, config: { Retry: { maxRetries: 0 }, Breaker: { failures: 0 }, RateLimit: {},
    fallback: {}, Router: { default: 'a,m', think: 'b,m' }, ...config } });
  try {
    await run(router);
  } finally {
    await router.stop();
  }
}

// Sends bytes; gives all that comes until the other side closes, and when that was.
function talk(router, bytes, { read = true } = {}) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const socket = net.connect(router.port, '127.0.0.1', () => socket.write(bytes));
    let seen = '';
    socket.setTimeout(20_000, () => socket.destroy(new Error(`no close within 20 s; so far: ${seen}`)));
    if (read) socket.on('data', (data) => { seen += data; });
    socket.on('error', (error) => (error.code === 'ECONNRESET' ? undefined : reject(error)));
    socket.on('close', () => resolve({ seen, ms: performance.now() - begun }));
  });
}

describe('clients', () => {
  test('bodyLimitBytes', async () => {
    await withRouter({ bodyLimitBytes: 2048 }, async (router) => {
      assertErrorEnvelope(await router.messages(ask('x'.repeat(3000))), 413, 'request_too_large');
      assert.equal(textOf(await router.messages(ask('x'.repeat(1000)))), 'from a');
    });
  });

  test('headerLimitBytes', async () => {
    await withRouter({ headerLimitBytes: 4096 }, async (router) => {
      assert.equal((await router.messages(ask(), { headers: { 'x-long': 'x'.repeat(5000) } })).status, 431);
      assert.equal((await router.messages(ask(), { headers: { 'x-long': 'x'.repeat(2000) } })).status, 200);
    });
  });

  test('clientHeaderTimeoutMs', async () => {
    await withRouter({ clientHeaderTimeoutMs: 150 }, async (router) => {
      const { seen, ms } = await talk(router, 'POST /v1/messages HTTP/1.1\r\nhost: local');
      assert.match(seen, /^HTTP\/1\.1 408 /);
      assert.ok(ms >= 140 && ms < 5000, `${ms} ms`);
    });
  });

  test('clientBodyTimeoutMs', async () => {
    await withRouter({ clientBodyTimeoutMs: 150 }, async (router) => {
      const { seen, ms } = await talk(router, `POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${secrets.router}\r\n`
        + 'content-type: application/json\r\ncontent-length: 100\r\n\r\n{');
      assert.match(seen, /^HTTP\/1\.1 408 /);
      assert.ok(ms >= 140 && ms < 5000, `${ms} ms`);
    });
  });

  test('clientIdleTimeoutMs', async () => {
    await withRouter({ clientIdleTimeoutMs: 150 }, async (router) => {
      const { seen, ms } = await talk(router, 'GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n');
      assert.match(seen, /^HTTP\/1\.1 200 /);
      assert.ok(ms >= 140 && ms < 5000, `${ms} ms`);
    });
  });

  test('clientWriteTimeoutMs', async () => {
    await withRouter({ clientWriteTimeoutMs: 200 }, async (router) => {
      const chunk = `data: ${JSON.stringify(delta({ content: 'x'.repeat(64 * 1024) }))}\n\n`;
      let done;
      const gone = new Promise((resolve) => { done = resolve; });
      mock.next(async (response) => {
        response.setMaxListeners(0);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.on('close', done);
        while (!response.destroyed) {
          if (!response.write(chunk)) await new Promise((resolve) => { response.once('drain', resolve); response.once('close', resolve); });
        }
      });
      const socket = router.openStream(ask('x', { stream: true }));
      socket.pause();
      await gone;
      socket.destroy();
    });
  });

  test('maxStreams', async () => {
    await withRouter({ maxStreams: 1 }, async (router) => {
      let open;
      const opened = new Promise((resolve) => { open = resolve; });
      mock.next(async (response, record) => {
        await opened;
        return fine('the one')(response, record);
      });
      const first = router.messages(ask('first'));
      await counted(router, (samples) => total(samples, 'ccr_active_streams') === 1, 'the first');
      const second = await router.messages(ask('second'));
      assertErrorEnvelope(second, 529, 'overloaded_error');
      assert.equal(second.headers['retry-after'], '1');
      assert.equal(total(await metricsOf(router), 'ccr_rejected_total', 'reason="max_streams"'), 1);
      open();
      assert.equal(textOf(await first), 'the one');
    });
  });
});

describe('providers', () => {
  test('connectTimeoutMs, the handshake included, then the next tier', async () => {
    const silent = net.createServer((socket) => socket.on('error', () => {}));
    await new Promise((resolve) => { silent.listen(0, '127.0.0.1', resolve); });
    try {
      await withRouter({ connectTimeoutMs: 150 }, async (router) => {
        const begun = performance.now();
        const answer = await router.messages(ask());
        assert.equal(textOf(answer), 'from b');
        assert.match(answer.headers['x-ccr-tiers'], /^a,m=(timeout|connect|tls)$/);
        assert.ok(performance.now() - begun < 5000);
      }, (providers) => { providers[0].api_base_url = `https://127.0.0.1:${silent.address().port}/v1/chat/completions`; });
    } finally {
      silent.close();
      silent.unref();
    }
  });

  test('nobody listens, no TLS where it should be: the next tier', async () => {
    const closed = net.createServer();
    await new Promise((resolve) => { closed.listen(0, '127.0.0.1', resolve); });
    const { port } = closed.address();
    await new Promise((resolve) => { closed.close(resolve); });
    for (const [url, what] of [[`http://127.0.0.1:${port}`, 'connect'], [mock.url.replace('http:', 'https:'), 'tls']]) {
      await withRouter({}, async (router) => {
        const answer = await router.messages(ask());
        assert.equal(textOf(answer), 'from b');
        assert.equal(answer.headers['x-ccr-tiers'], `a,m=${what}`);
      }, (providers) => { providers[0].api_base_url = `${url}/v1/chat/completions`; });
    }
  });

  test('firstByteTimeoutMs', async () => {
    await withRouter({ firstByteTimeoutMs: 150 }, async (router) => {
      mock.next(async () => {});
      const answer = await router.messages(ask());
      assert.equal(textOf(answer), 'from b');
      assert.equal(answer.headers['x-ccr-tiers'], 'a,m=timeout');
    });
  });

  test('idleTimeoutMs: any byte counts, silence is a visible error', async () => {
    await withRouter({ idleTimeoutMs: 400 }, async (router) => {
      mock.next(async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`data: ${JSON.stringify(delta({ role: 'assistant', content: 'first' }))}\n\n`);
        for (let i = 0; i < 6; i += 1) {
          await sleep(150);
          response.write(': still there\n\n');
        }
        response.write(`data: ${JSON.stringify(delta({ content: ' last' }))}\n\n`);
      });
      const events = parseSse((await router.messages(ask('x', { stream: true }))).text);
      assert.match(JSON.stringify(events), / last/, 'comments kept it alive');
      assert.equal(events.at(-1).event, 'error');
      assert.match(events.at(-1).data.error.message, /silent/);
      assert.equal(total(await metricsOf(router), 'ccr_failures_total', 'reason="timeout"'), 1);
    });
  });

  test('POOL_MAX_IDLE_PER_HOST and POOL_IDLE_TIMEOUT_MS', async () => {
    const connections = async (config, pause) => {
      mock.reset();
      await withRouter(config, async (router) => {
        for (let i = 0; i < 3; i += 1) {
          await router.messages(ask());
          await sleep(pause);
        }
      });
      return new Set(mock.requests.map((request) => request.port)).size;
    };
    assert.equal(await connections({ threads: 1 }, 0), 1);
    assert.equal(await connections({ threads: 1, POOL_MAX_IDLE_PER_HOST: 0 }, 0), 3);
    assert.equal(await connections({ threads: 1, POOL_IDLE_TIMEOUT_MS: 50 }, 300), 3);
  });
});

// [what, config, refusal of a, how it is called in x-ccr-tiers]: closed for so long, then asked again.
const closures = [
  ['quotaDelayMs', { RateLimit: { quotaDelayMs: 300 } }, refusal(402, 'Insufficient Balance'), 'quota'],
  ['misconfiguredDelayMs', { RateLimit: { misconfiguredDelayMs: 300 } }, refusal(401, 'bad key'), 'misconfigured'],
  ['missingModelDelayMs', { RateLimit: { missingModelDelayMs: 300 } }, refusal(404, 'The model does not exist', {}, { code: 'model_not_found' }), 'missing'],
  ['a provider\'s own word', {}, refusal(429, 'slow down', { 'retry-after-ms': '300' }), 'limited'],
  ['a body\'s hint', {}, refusal(429, 'Rate limit reached. Please try again in 300ms.'), 'limited'],
  ['a limit told by 400', {}, refusal(400, 'Rate limit reached for requests. Please try again in 300ms.', {}, { code: 'rate_limit_exceeded' }), 'limited'],
];

describe('a target that refused is spared', () => {
  for (const [what, config, reply, name] of closures) {
    test(what, async () => {
      await withRouter({ RateLimit: { maxWaitMs: 0 }, ...config }, async (router) => {
        mock.next(reply);
        assert.equal(textOf(await router.messages(ask('one'))), 'from b');
        const closed = await router.messages(ask('two'));
        assert.equal(textOf(closed), 'from b');
        assert.equal(closed.headers['x-ccr-tiers'], `a,m=${name}`);
        assert.equal(mock.requests.length, 1);
        await sleep(350);
        assert.equal(textOf(await router.messages(ask('three'))), 'from a');
      });
    });
  }

  test('RateLimit.baseDelayMs and maxDelayMs, where nobody says how long', async () => {
    // The jitter is drawn from the whole of it: one of an hour lasts, one of a moment is over.
    for (const [limits, second] of [[{ baseDelayMs: 3_600_000, maxDelayMs: 3_600_000 }, 'from b'], [{ baseDelayMs: 0 }, 'from a'],
      [{ baseDelayMs: 3_600_000, maxDelayMs: 1 }, 'from a']]) {
      await withRouter({ RateLimit: { maxWaitMs: 0, ...limits } }, async (router) => {
        mock.next(refusal(429, 'slow down'));
        assert.equal((await router.messages(ask('one'))).status, 200);
        await sleep(5);
        assert.equal(textOf(await router.messages(ask('two'))), second, JSON.stringify(limits));
      });
    }
  });

  for (const [form, headers] of Object.entries({
    unified: { 'anthropic-ratelimit-unified-status': 'rejected', 'anthropic-ratelimit-unified-reset': () => String(Math.ceil(Date.now() / 1000) + 60) },
    requests: { 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': () => new Date(Date.now() + 60_000).toISOString() },
    'tokens a minute': { 'x-ratelimit-remaining-tokens-minute': '0', 'x-ratelimit-reset-tokens-minute': '60' },
  })) {
    test(`by the headers of an answer that was served: ${form}`, async () => {
      await withRouter({}, async (router) => {
        const filled = Object.entries(headers).map(([name, value]) => [name, typeof value === 'function' ? value() : value]);
        mock.next(json(200, completion({ content: 'the last' }), Object.fromEntries(filled)));
        assert.equal(textOf(await router.messages(ask('one'))), 'the last');
        const second = await router.messages(ask('two'));
        assert.equal(textOf(second), 'from b');
        assert.equal(second.headers['x-ccr-tiers'], 'a,m=exhausted');
      });
    });
  }
});

describe('the breaker', () => {
  const fail = (router, count) => Array.from({ length: count }).reduce(async (before_) => {
    await before_;
    mock.next(refusal(500, 'boom'));
    await router.messages(ask(`failing ${Math.random()}`));
  }, Promise.resolve());
  const isOpen = async (router) => (await router.messages(ask(`asking ${Math.random()}`))).headers['x-ccr-tiers'] === 'a,m=open';

  test('window and ratio', async () => {
    for (const [ratio, open] of [[0.5, true], [0.9, false]]) {
      await withRouter({ Breaker: { failures: 100, window: 4, ratio } }, async (router) => {
        await router.messages(ask('fine'));
        await fail(router, 3);
        assert.equal(await isOpen(router), open, `${ratio}`);
      });
    }
  });

  test('windowMs', async () => {
    await withRouter({ Breaker: { failures: 100, window: 4, windowMs: 200 } }, async (router) => {
      await fail(router, 2);
      await sleep(250);
      await fail(router, 2);
      assert.equal(await isOpen(router), false, 'never four within that time');
    });
  });
});

describe('a faster fallback', () => {
  const late = (ms, text) => async (response, record) => {
    await sleep(ms);
    return fine(text)(response, record);
  };
  // Who serves a new conversation once both targets are known.
  const served = async (promotion, config) => {
    let text;
    await withRouter({ Router: { default: 'a,m', think: 'b,m', promotion }, Promotion: { minSamples: 1, dwellMs: 100, ...config } }, async (router) => {
      mock.always(late(200, 'from a'));
      other.always(late(40, 'from b'));
      const turn = async (model) => (await router.messages(ask(`conversation ${Math.random()}`, { stream: true, ...(model ? { model } : {}) }))).text;
      await turn('a,m');
      await turn('b,m');
      await turn();
      await sleep(150);
      text = await turn();
    });
    return /from [ab]/.exec(text)[0];
  };

  test('is preferred as Router.promotion says', async () => {
    assert.equal(await served('all'), 'from b');
    assert.equal(await served('fallbacks'), 'from a', 'the route\'s own target stays first');
    assert.equal(await served('off'), 'from a');
  });

  test('not before Promotion.minSamples, dwellMs and ratio are met', async () => {
    assert.equal(await served('all', { minSamples: 9 }), 'from a');
    assert.equal(await served('all', { dwellMs: 60_000 }), 'from a');
    assert.equal(await served('all', { ratio: 0.1 }), 'from a');
  });
});
