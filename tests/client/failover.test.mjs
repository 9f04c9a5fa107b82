// SPDX-License-Identifier: MIT
// What happens between a route and its answer: each class of failure is retried, passed on or told
// as it should be, and nothing of it is seen by a client that can be served.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertErrorEnvelope, parseSse, plantedSecrets, Router, sdks } from './harness.mjs';
import { MockProvider, broken, json, raw, sleep, sse } from './mock_provider.mjs';
import { ask, completion, delta, textChunks } from './replies.mjs';

const secrets = plantedSecrets();
let mocks;

// Three tiers at providers of their own. `Breaker` is off where a test does not want it.
async function start(config = {}, change = () => {}) {
  const providers = mocks.map((mock, i) => ({ name: 'abc'[i], api_base_url: `${mock.url}/v1/chat/completions`,
    api_key: i === 1 ? secrets.second : secrets.provider, models: ['m'] }));
  change(providers);
  return Router.start({ secrets, providers, config: { fallback: {}, Retry: { baseDelayMs: 1, maxDelayMs: 5000 }, RateLimit: {},
    Router: { default: 'a,m', think: 'b,m', image: 'c,m' }, ...config } });
}

// A router for one test only.
async function withRouter(config, change, run) {
  const own = await start(config, change);
  try {
    await run(own);
  } finally {
    await own.stop();
  }
}

before(async () => {
  mocks = [await MockProvider.start(), await MockProvider.start(), await MockProvider.start()];
});
after(async () => {
  for (const mock of mocks) await mock.stop();
});
beforeEach(() => {
  mocks.forEach((mock, i) => {
    mock.reset();
    mock.always(fine(`from ${'abc'[i]}`));
  });
});

const fine = (text) => (response, record) => (record.body.stream ? sse(textChunks([text])) : json(200, completion({ content: text })))(response, record);
const calls = () => mocks.map((mock) => mock.requests.length);
const error = (status, message, headers = {}, extra = {}) => json(status, { error: { message, type: 'some_error', ...extra } }, headers);
const textOf = (answer) => JSON.parse(answer.text).content.map((block) => block.text ?? '').join('');

// [what, reply, calls of tier a, served by b]
const table = [
  ['reset', broken([], 'reset'), 4],
  ['closed', broken([], 'half'), 4],
  ['408', error(408, 'too slow'), 2],
  ['500', error(500, 'boom'), 4],
  ['502', raw(502, '<html>bad gateway</html>', { 'content-type': 'text/html' }), 4],
  ['503', error(503, 'busy'), 4],
  ['504', error(504, 'late'), 2],
  ['529', error(529, 'overloaded'), 4],
  ['empty 200', raw(200, '', { 'content-type': 'text/event-stream' }), 4],
  ['error in a 200', json(200, { error: { message: 'exploded', code: 500 } }), 4],
  ['bad JSON', raw(200, '{"choices": [', { 'content-type': 'application/json' }), 2],
  ['429', error(429, 'slow down', { 'retry-after': '30' }), 1],
  ['403 that means quota', error(403, 'usage limit for this billing cycle'), 1],
  ['401', error(401, 'bad key'), 1],
  ['402', error(402, 'Insufficient Balance'), 1],
  ['404', error(404, 'The model does not exist', {}, { code: 'model_not_found' }), 1],
];

describe('case 75: one tier fails', () => {
  for (const stream of [true, false]) {
    for (const [what, reply, tries] of table) {
      test(`${what}, ${stream ? 'streamed' : 'not streamed'}`, async () => {
        await withRouter({ Breaker: { failures: 0 } }, undefined, async (own) => {
          mocks[0].always(reply);
          const answer = await own.messages(ask('x', { stream }));
          assert.equal(answer.status, 200, answer.text);
          if (stream) assert.equal(parseSse(answer.text).filter(({ event }) => event === 'error').length, 0);
          assert.match(answer.text, /from b/);
          assert.equal(answer.headers['x-ccr-tier'], 'tier-2');
          assert.equal(answer.headers['x-ccr-attempts'], String(tries + 1));
          assert.match(answer.headers['x-ccr-tiers'], /^a,m=\w+$/);
          assert.deepEqual(calls(), [tries, 1, 0]);
          // A retry is the same request, byte for byte.
          for (const request of mocks[0].requests) assert.deepEqual(request.bytes, mocks[0].requests[0].bytes);
        });
      });
    }
  }

  for (const [what, reply, status] of [['400', error(400, 'temperature must be below 2'), 400], ['422', error(422, 'no such field'), 400],
    ['409', error(409, 'conflict'), 400], ['a refusal by policy', error(400, 'x', {}, { code: 'content_policy_violation' }), 400]]) {
    test(`${what} is the caller's own fault`, async () => {
      await withRouter({}, undefined, async (own) => {
        mocks[0].always(reply);
        const answer = await own.messages(ask());
        assert.equal(answer.status, status, answer.text);
        assert.deepEqual(calls(), [1, 0, 0]);
      });
    });
  }

  test('fallbackOn passes even that on', async () => {
    await withRouter({ Retry: { fallbackOn: [422] } }, undefined, async (own) => {
      mocks[0].always(error(422, 'no such field'));
      assert.equal(textOf(await own.messages(ask())), 'from b');
    });
  });
});

test('once content has gone out there is one error event and no other tier', async () => {
  await withRouter({}, undefined, async (own) => {
    mocks[0].always(broken([delta({ role: 'assistant', content: 'Half an ans' })], 'reset'));
    const answer = await own.messages(ask('x', { stream: true }));
    const events = parseSse(answer.text);
    assert.equal(events.at(-1).event, 'error');
    assert.equal(events.filter(({ event }) => event === 'error').length, 1);
    assert.doesNotMatch(answer.text, /end_turn/);
    assert.deepEqual(calls(), [1, 0, 0]);
  });
});

test('head and pings may be out: the next tier still takes over unseen', async () => {
  await withRouter({ keepAliveAfterMs: 30, pingIntervalMs: 100 }, undefined, async (own) => {
    const late = async (response) => {
      await sleep(350);
      return error(500, 'boom')(response);
    };
    mocks[0].always(late);
    for (const { name, Anthropic } of sdks) {
      mocks.forEach((mock) => mock.reset());
      const stream = own.client(Anthropic, { maxRetries: 0 }).messages.stream(ask(`by ${name}`));
      const message = await stream.finalMessage();
      assert.equal(message.content[0].text, 'from b');
      assert.ok(mocks[0].requests.length >= 1);
    }
    const answer = await own.messages(ask('x', { stream: true }));
    const events = parseSse(answer.text).map(({ event }) => event);
    assert.ok(events[0] === 'ping', events.join());
    assert.equal(events.filter((event) => event === 'message_start').length, 1);
    assert.equal(events.at(-1), 'message_stop');
  });
});

test('a target that begins and never speaks is left in time', async () => {
  await withRouter({ Retry: { maxRetries: 0 } }, (providers) => { providers[0].firstByteTimeoutMs = 150; }, async (own) => {
    mocks[0].always(sse([delta({ role: 'assistant', content: '' })], { hold: true }));
    const answer = await own.messages(ask('x', { stream: true }));
    assert.match(answer.text, /from b/);
    assert.deepEqual(calls(), [1, 1, 0]);
  });
});

describe('all tiers fail', () => {
  test('the client gets what is most telling, and where it was tried', async () => {
    await withRouter({ Retry: { maxRetries: 0 } }, undefined, async (own) => {
      mocks[0].always(broken([], 'reset'));
      mocks[1].always(error(500, 'the second one exploded'));
      mocks[2].always(error(401, 'bad key'));
      const answer = await own.messages(ask());
      assertErrorEnvelope(answer, 502, 'api_error');
      assert.match(answer.text, /the second one exploded/);
      assert.equal(answer.headers['x-ccr-tiers'], 'a,m=reset; b,m=server_error; c,m=auth');
    });
  });

  test('of several limits the first to end is told', async () => {
    await withRouter({}, undefined, async (own) => {
      mocks.forEach((mock, i) => mock.always(error(429, 'slow down', { 'retry-after': String([50, 20, 30][i]) })));
      for (let i = 0; i < 2; ++i) {
        const answer = await own.messages(ask());
        assertErrorEnvelope(answer, 429, 'rate_limit_error');
        assert.equal(answer.headers['retry-after'], '20');
      }
      assert.deepEqual(calls(), [1, 1, 1], 'nobody is asked before it is time');
    });
  });

  test('a limit that ends soon is waited for', async () => {
    await withRouter({}, undefined, async (own) => {
      mocks[1].always(error(429, 'slow down', { 'retry-after': '30' }));
      mocks[2].always(error(429, 'slow down', { 'retry-after': '30' }));
      mocks[0].next(error(429, 'slow down', { 'retry-after-ms': '200' }));
      const begun = performance.now();
      assert.equal(textOf(await own.messages(ask())), 'from a');
      assert.ok(performance.now() - begun >= 190);
      assert.deepEqual(calls(), [2, 1, 1]);
    });
  });

  test('API_TIMEOUT_MS bounds the walk', async () => {
    await withRouter({ API_TIMEOUT_MS: 400, Breaker: { failures: 0 }, Retry: { maxRetries: 90, baseDelayMs: 100, maxDelayMs: 100 } }, undefined, async (own) => {
      mocks.forEach((mock) => mock.always(error(500, 'boom')));
      const begun = performance.now();
      const answer = await own.messages(ask());
      assert.equal(answer.status, 502);
      assert.ok(performance.now() - begun < 3000);
    });
  });
});

describe('too big', () => {
  const overflow = error(400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.", {}, { code: 'context_length_exceeded' });

  test('goes to longContext once', async () => {
    await withRouter({ Router: { default: 'a,m', longContext: 'c,m' } }, undefined, async (own) => {
      mocks[0].always(overflow);
      assert.equal(textOf(await own.messages(ask())), 'from c');
      mocks[2].always(overflow);
      const answer = await own.messages(ask('another conversation'));
      assertErrorEnvelope(answer, 400, 'invalid_request_error');
      assert.match(answer.text, /prompt is too long: 9001 tokens > 8192 maximum/);
      assert.deepEqual(calls(), [2, 0, 2]);
    });
  });

  test('asks for less output once', async () => {
    await withRouter({}, undefined, async (own) => {
      mocks[0].next(error(400, 'max_tokens: 64000 > 8192, which is the maximum allowed number of output tokens for m'));
      assert.equal(textOf(await own.messages(ask('x', { max_tokens: 64000 }))), 'from a');
      assert.equal(mocks[0].last.body.max_tokens, 8192);
      assert.deepEqual(calls(), [2, 0, 0]);
    });
  });

  test('leaves a refused feature out, and remembers that', async () => {
    await withRouter({}, (providers) => { providers[0].profile = { base: 'openai', json_output: 'json_schema' }; }, async (own) => {
      const schema = { output_config: { format: { type: 'json_schema', schema: { type: 'object', properties: {} } } } };
      mocks[0].next(error(400, 'response_format of type json_schema is not supported'));
      assert.equal(textOf(await own.messages(ask('x', schema))), 'from a');
      assert.equal(mocks[0].requests[0].body.response_format.type, 'json_schema');
      assert.notEqual(mocks[0].last.body.response_format?.type, 'json_schema');
      await own.messages(ask('x', schema));
      assert.notEqual(mocks[0].last.body.response_format?.type, 'json_schema');
      assert.deepEqual(calls(), [3, 0, 0]);
    });
  });
});

describe('limits', () => {
  test('the keys of a provider are used in turn, and a limited one is spared', async () => {
    await withRouter({}, (providers) => {
      delete providers[0].api_key;
      providers[0].api_keys = [secrets.provider, secrets.second];
    }, async (own) => {
      const used = () => mocks[0].last.headers.authorization.slice('Bearer '.length);
      const keys = [];
      for (let i = 0; i < 2; ++i) {
        await own.messages(ask());
        keys.push(used());
      }
      assert.deepEqual(keys.sort(), [secrets.provider, secrets.second].sort());
      mocks[0].next(error(429, 'slow down', { 'retry-after': '60' }));
      assert.equal(textOf(await own.messages(ask())), 'from a', 'the other key serves at once');
      const good = used();
      for (let i = 0; i < 3; ++i) {
        await own.messages(ask());
        assert.equal(used(), good);
      }
    });
  });

  test('headers that say that nothing remains are believed, or not', async () => {
    for (const [honor, served] of [[true, 'from b'], [false, 'from a']]) {
      await withRouter({}, (providers) => { providers[0].honorRateLimitHeaders = honor; }, async (own) => {
        mocks[0].next(json(200, completion({ content: 'last' }), { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m0s' }));
        assert.equal(textOf(await own.messages(ask())), 'last');
        assert.equal(textOf(await own.messages(ask())), served);
      });
    }
  });

  test('onRateLimit: return', async () => {
    await withRouter({}, (providers) => { providers[0].onRateLimit = 'return'; }, async (own) => {
      mocks[0].always(error(429, 'slow down', { 'retry-after': '30' }));
      for (let i = 0; i < 2; ++i) {
        const answer = await own.messages(ask());
        assert.equal(answer.status, 429);
        assert.equal(answer.headers['retry-after'], '30');
      }
      assert.deepEqual(calls(), [1, 0, 0]);
    });
  });

  test('onRateLimit: wait', async () => {
    await withRouter({}, (providers) => { providers[0].onRateLimit = 'wait'; }, async (own) => {
      mocks[0].next(error(429, 'slow down', { 'retry-after-ms': '150' }));
      assert.equal(textOf(await own.messages(ask())), 'from a');
      mocks[0].next(error(429, 'slow down', { 'retry-after': '6' }));
      assert.equal(textOf(await own.messages(ask())), 'from b', 'longer than maxWaitMs');
    });
  });
});

test('a target that keeps failing is left alone, then tried by one request', async () => {
  await withRouter({ Retry: { maxRetries: 0 }, Breaker: { failures: 3, openMs: 400 } }, undefined, async (own) => {
    mocks[0].always(error(500, 'boom'));
    for (let i = 0; i < 6; ++i) assert.equal(textOf(await own.messages(ask(`conversation ${i}`))), 'from b');
    assert.equal(mocks[0].requests.length, 3);
    const answer = await own.messages(ask('one more'));
    assert.equal(answer.headers['x-ccr-tiers'], 'a,m=open');
    mocks[0].always(fine('from a'));
    await sleep(450);
    await own.messages(ask('the probe'));
    assert.equal(textOf(await own.messages(ask('another conversation'))), 'from a');
  });
});

test('a conversation stays where it was served', async () => {
  await withRouter({ Retry: { maxRetries: 0 } }, undefined, async (own) => {
    const turn = (session) => own.messages(ask('x'), { headers: { 'x-claude-code-session-id': session } });
    mocks[0].next(error(500, 'boom'));
    assert.equal(textOf(await turn('11111111-1111-1111-1111-111111111111')), 'from b');
    assert.equal(textOf(await turn('11111111-1111-1111-1111-111111111111')), 'from b');
    assert.equal(textOf(await turn('22222222-2222-2222-2222-222222222222')), 'from a');
  });
});

describe('maxConcurrent', () => {
  const gate = () => {
    let open;
    const opened = new Promise((resolve) => { open = resolve; });
    const reply = (text) => async (response, record) => {
      await opened;
      return fine(text)(response, record);
    };
    return { open, reply };
  };

  test('further requests wait for their turn', async () => {
    await withRouter({ fallback: { default: [] } }, (providers) => { providers[0].maxConcurrent = 2; }, async (own) => {
      const { open, reply } = gate();
      mocks[0].always(reply('from a'));
      const answers = [1, 2, 3, 4].map((i) => own.messages(ask(`question ${i}`)));
      while (mocks[0].requests.length < 2) await sleep(5);
      await sleep(50);
      assert.equal(mocks[0].requests.length, 2);
      open();
      for (const answer of await Promise.all(answers)) assert.equal(answer.status, 200, answer.text);
    });
  });

  test('beyond the queue another tier serves, or 529 says when to come back', async () => {
    await withRouter({ Queue: { limit: 0 }, fallback: { default: ['b,m'], think: [] } }, (providers) => { providers[0].maxConcurrent = 1; }, async (own) => {
      const { open, reply } = gate();
      mocks[0].always(reply('from a'));
      const first = own.messages(ask());
      while (mocks[0].requests.length < 1) await sleep(5);
      const second = await own.messages(ask('something else'));
      assert.equal(textOf(second), 'from b');
      assert.equal(second.headers['x-ccr-tiers'], 'a,m=busy');
      mocks[1].always(error(401, 'bad key'));
      const third = await own.messages(ask('and again'));
      assertErrorEnvelope(third, 529, 'overloaded_error');
      assert.equal(third.headers['retry-after'], '1');
      // Only who was turned away for good counts as rejected.
      assert.match((await own.request('GET', '/metrics')).text, /^ccr_rejected_total\{reason="queue_full"\} 1$/m);
      open();
      assert.equal(textOf(await first), 'from a');
    });
  });

  test('waiting has its time', async () => {
    await withRouter({ Queue: { timeoutMs: 100 }, fallback: { default: [] } }, (providers) => { providers[0].maxConcurrent = 1; }, async (own) => {
      const { open, reply } = gate();
      mocks[0].always(reply('from a'));
      const first = own.messages(ask());
      while (mocks[0].requests.length < 1) await sleep(5);
      const second = await own.messages(ask('something else'));
      assert.equal(second.status, 529);
      assert.match((await own.request('GET', '/metrics')).text, /^ccr_rejected_total\{reason="queue_timeout"\} 1$/m);
      open();
      await first;
    });
  });
});
