// SPDX-License-Identifier: MIT
// An Anthropic provider: what the client wrote arrives as written, but for model, key and stream;
// what the provider says comes back as said.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import { parseSse, plantedSecrets, Router, sdks } from './harness.mjs';
import { counted, total } from './metrics.mjs';
import { MockProvider, broken, json, raw, sleep } from './mock_provider.mjs';
import { ask } from './replies.mjs';

const secrets = plantedSecrets();
let mock;
let router;

before(async () => {
  mock = await MockProvider.start();
  router = await Router.start({ secrets, providers: [
    { name: 'anth', protocol: 'anthropic', api_base_url: `${mock.url}/v1/messages`, api_key: secrets.provider, models: ['claude-x'] }] });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

const rateHeaders = { 'request-id': 'req_upstream7', 'anthropic-ratelimit-requests-remaining': '41', 'anthropic-ratelimit-tokens-reset': '2026-01-01T00:00:00Z' };
// Spelled in a way that no serialiser would: order, blanks, escapes, number forms, unknown fields.
const reply = '{"type":"message", "id":"msg_up1","role":"assistant","model":"claude-x","content":[{"type":"text","text":"h\\u00e9llo","citations":null}],\n "stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":2,"weird":1.50},"new_field":{"b":1,"a":[ ]}}';
const events = [
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_up2","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":1}}}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}\n\n',
  'event: ping\ndata: {"type": "ping"}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm \\u2026"}}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQBsig=="}}\n\n',
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"hi"} }\n\n',
  'event: brand_new_event\ndata: {"type":"brand_new_event","x":1}\n\n',
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":1}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":9}}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
];
const stream = (list = events, { gapMs = 0, headers = {} } = {}) => async (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', ...headers });
  for (const event of list) {
    response.write(event);
    if (gapMs) await sleep(gapMs);
  }
  response.end();
};

const ping = 'event: ping\ndata: {"type":"ping"}\n\n';

const odd = (streamField = '') => `{ "max_tokens": 1e2,"model" : "anth,claude-x" ,${streamField}
  "system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=1; cch=ab;"},{"text":"be\\u0020brief","type":"text","cache_control":{"type":"ephemeral","ttl":"1h"}}],
  "messages":[{"content":[{"type":"text","text":"caf\\u00e9 \\ud83c\\udf89 é","cache_control":{"type":"ephemeral"}}],"role":"user"},
    {"role":"system","content":"mid","output_config":{"effort":"low"}}, {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"EqQB="},{"type":"redacted_thinking","data":"zzz"},{"type":"tool_use","id":"toolu_1","name":"t","input":{"n":1.0,"big":12345678901234567890}}]},
    {"role":"user","content":[{"tool_use_id":"toolu_1","type":"tool_result","content":[{"type":"tool_reference","tool_name":"t"}]}]}],
  "tools":[{"name":"t","input_schema":{"type":"object","$schema":"x"},"defer_loading":true}],"thinking":{"type":"adaptive","display":"omitted"},"context_management":{"edits":[ ]},"unknown":{ "z":0.10 } }`;

test('the body arrives as written', async () => {
  mock.next(json(200, reply));
  const answer = await router.messages(odd('"stream":false,'), { headers: { 'anthropic-version': '2023-06-01' } });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(mock.last.bytes.toString(), odd('"stream":false,').replace('"anth,claude-x"', '"claude-x"'));
  assert.equal(mock.last.url, '/v1/messages');
});

test('without a stream field too', async () => {
  mock.next(json(200, reply));
  assert.equal((await router.messages(odd())).status, 200);
  const { stream: added, ...sent } = mock.last.body;
  assert.ok(added === undefined || added === false);
  assert.deepEqual(sent, { ...JSON.parse(odd()), model: 'claude-x' });
  assert.match(mock.last.bytes.toString(), /"input":\{"n":1\.0,"big":12345678901234567890\}/);
});

test('the reply comes back as said', async () => {
  mock.next(json(200, reply, rateHeaders));
  const answer = await router.messages(ask('x', { model: 'anth,claude-x' }));
  assert.equal(answer.text, reply);
  assert.equal(answer.headers['anthropic-ratelimit-requests-remaining'], '41');
  assert.equal(answer.headers['anthropic-ratelimit-tokens-reset'], '2026-01-01T00:00:00Z');
  assert.equal(answer.headers['request-id'], 'req_upstream7');
});

test('a stream comes back as said', async () => {
  mock.next(stream(events, { headers: rateHeaders }));
  const answer = await router.messages(ask('x', { model: 'anth,claude-x', stream: true }));
  assert.equal(answer.text, events.join(''));
  assert.equal(answer.headers['request-id'], 'req_upstream7');
  assert.match(answer.headers['content-type'], /^text\/event-stream/);
  assert.equal(mock.last.body.stream, true);
});

test('cut anywhere, the stream is the same', async () => {
  const bytes = Buffer.from(events.join(''));
  mock.next(async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.socket.setNoDelay(true);
    for (let at = 0; at < bytes.length; at += 7) {
      response.write(bytes.subarray(at, at + 7));
      await new Promise((resolve) => { setImmediate(resolve); });
    }
    response.end();
  });
  const answer = await router.messages(ask('x', { model: 'anth,claude-x', stream: true }));
  assert.equal(answer.text, events.join(''));
});

test('headers: the provider\'s key, the client\'s version and betas, no client credentials', async () => {
  mock.next(json(200, reply));
  await router.request('POST', '/v1/messages?beta=true', { body: ask('x', { model: 'anth,claude-x' }), headers: {
    'anthropic-version': '2026-10-21', 'anthropic-beta': 'one-2025-01-01,two-2026-02-02', 'user-agent': 'claude-cli/2.1.330 (external, cli)',
    'x-app': 'cli', 'x-stainless-lang': 'js', 'x-claude-code-session-id': 'abc', authorization: `Bearer ${secrets.router}`, cookie: 'a=b',
    'x-forwarded-for': '1.2.3.4', 'anthropic-dangerous-direct-browser-access': 'true', 'x-ccr-dedup': 'off' } });
  const { headers } = mock.last;
  assert.equal(headers['x-api-key'], secrets.provider);
  assert.equal(headers['anthropic-version'], '2026-10-21');
  assert.equal(headers['anthropic-beta'], 'one-2025-01-01,two-2026-02-02');
  assert.equal(headers['user-agent'], 'claude-cli/2.1.330 (external, cli)');
  assert.equal(headers['x-app'], 'cli');
  assert.equal(headers['x-stainless-lang'], 'js');
  assert.equal(headers['x-claude-code-session-id'], 'abc');
  for (const name of ['cookie', 'x-forwarded-for', 'anthropic-dangerous-direct-browser-access', 'x-ccr-dedup']) assert.equal(headers[name], undefined, name);
  assert.doesNotMatch(JSON.stringify(mock.last.rawHeaders), new RegExp(secrets.router));
});

test('the version defaults', async () => {
  mock.next(json(200, reply));
  await router.messages(ask('x', { model: 'anth,claude-x' }));
  assert.equal(mock.last.headers['anthropic-version'], '2023-06-01');
});

for (const [status, type] of [[400, 'invalid_request_error'], [413, 'request_too_large'], [429, 'rate_limit_error'], [500, 'api_error'], [529, 'overloaded_error']]) {
  test(`an upstream ${status} keeps status, body and headers`, async () => {
    const body = `{"type":"error", "error":{"type":"${type}","message":"as \\u0073aid","details":{"x":1}},"request_id":"req_upstream7"}`;
    mock.next(json(status, body, { ...rateHeaders, 'retry-after': '11' }));
    // Each at a model of its own: it is not asked again for these 11 seconds.
    const answer = await router.messages(ask('x', { model: `anth,claude-${status}` }));
    assert.equal(answer.status, status);
    assert.equal(answer.text, body);
    assert.equal(answer.headers['request-id'], 'req_upstream7');
    assert.equal(answer.headers['retry-after'], '11');
    assert.equal(answer.headers['anthropic-ratelimit-requests-remaining'], '41');
  });
}

test('token counts are asked of the provider', async () => {
  mock.next(json(200, '{"input_tokens": 4321}'));
  const answer = await router.request('POST', '/v1/messages/count_tokens?beta=true', { body: { model: 'anth,claude-x', messages: [{ role: 'user', content: 'x' }] } });
  assert.equal(JSON.parse(answer.text).input_tokens, 4321);
  assert.equal(mock.last.url.split('?')[0], '/v1/messages/count_tokens');
  assert.equal(mock.last.body.model, 'claude-x');
});

for (const { name, Anthropic } of sdks) {
  describe(name, () => {
    test('streams', async () => {
      mock.next(stream(events, { gapMs: 2 }));
      const message = await router.client(Anthropic).messages.stream(ask('x', { model: 'anth,claude-x' })).finalMessage();
      assert.deepEqual(message.content.map((block) => block.type), ['thinking', 'text']);
      assert.equal(message.content[0].signature, 'EqQBsig==');
      assert.equal(message.usage.output_tokens, 9);
    });

    test('does not stream', async () => {
      mock.next(json(200, reply));
      const message = await router.client(Anthropic).messages.create(ask('x', { model: 'anth,claude-x' }));
      assert.equal(message.content[0].text, 'héllo');
    });

    test('an overloaded provider', async () => {
      mock.next(json(529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }));
      const error = await router.client(Anthropic).messages.create(ask('x', { model: 'anth,claude-x' })).catch((caught) => caught);
      assert.ok(error instanceof Anthropic.InternalServerError, error.message);
      assert.equal(error.status, 529);
    });

    test('an error event in the stream', async () => {
      mock.next(stream([...events.slice(0, 4), 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n']));
      const error = await router.client(Anthropic).messages.stream(ask('x', { model: 'anth,claude-x' })).finalMessage().catch((caught) => caught);
      assert.equal(error.error?.error?.type, 'overloaded_error', error.message);
    });

    test('a stream that breaks off', async () => {
      mock.next(broken(events.slice(0, 4), 'reset'));
      const error = await router.client(Anthropic).messages.stream(ask('x', { model: 'anth,claude-x' })).finalMessage()
        .then(() => assert.fail('must not look finished'), (caught) => caught);
      assert.equal(error.error?.error?.type, 'api_error', error.message);
    });
  });
}

describe('a frame that is cut', () => {
  const half = 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"del';
  const begun = events.slice(0, 4);
  const streamed = () => router.messages(ask('x', { model: 'anth,claude-x', stream: true }));
  // All that was whole, then one error event.
  const assertTold = (answer, type, said) => {
    assert.equal(answer.complete, true);
    const told = parseSse(answer.text).at(-1);
    assert.equal(told.event, 'error');
    assert.equal(told.data.error.type, type);
    assert.match(told.data.error.message, said);
    assert.equal(answer.text.slice(0, answer.text.indexOf('event: error')), begun.join(''));
  };

  for (const how of ['reset', 'half']) {
    test(`by a connection that ends: ${how}`, async () => {
      mock.next(broken([begun.join(''), half], how));
      assertTold(await streamed(), 'api_error', /anth|broke off/);
    });
  }

  test('by the drain deadline', async () => {
    const own = await Router.start({ secrets, config: { drainTimeoutMs: 100 }, providers: router.config.Providers });
    const reached = new Promise((resolve) => {
      mock.next((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(begun.join('') + half, resolve);
      });
    });
    const answer = own.messages(ask('x', { model: 'anth,claude-x', stream: true }));
    await reached;
    await counted(own, (samples) => total(samples, 'ccr_active_streams') === 1, 'a stream');
    await own.stop();
    assertTold(await answer, 'overloaded_error', /shutting down/);
  });

  test('and later whole arrives at once, and is no place for a ping', async () => {
    const own = await Router.start({ secrets, config: { pingIntervalMs: 100 }, providers: router.config.Providers });
    mock.next(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(begun.join('') + events[4].slice(0, 30));
      await sleep(350);
      response.end(events.slice(4).join('').slice(30));
    });
    const answer = await own.messages(ask('x', { model: 'anth,claude-x', stream: true }));
    await own.stop();
    const pings = answer.text.split(ping);
    assert.ok(pings.length > 2, 'the silence was filled');
    assert.equal(pings.join(''), events.join(''));
  });

  test('a large one does not wait for its end', async () => {
    const large = `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${'x'.repeat(300_000)}"}}\n\n`;
    let arrived = 0;
    let reply;
    mock.next(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(begun.join('') + large.slice(0, -1));
      for (let i = 0; i < 500 && arrived < 200_000; i += 1) await sleep(10);
      reply = arrived;
      response.end(large.slice(-1) + events.slice(4).join(''));
    });
    const text = await new Promise((resolve, reject) => {
      let got = '';
      const request = http.request({ host: '127.0.0.1', port: router.port, method: 'POST', path: '/v1/messages', agent: false,
        headers: { 'x-api-key': secrets.router, 'content-type': 'application/json' } }, (response) => {
        response.setEncoding('utf8').on('data', (data) => {
          got += data;
          arrived = got.length;
        }).on('end', () => resolve(got)).on('error', reject);
      });
      request.on('error', reject);
      request.end(JSON.stringify(ask('x', { model: 'anth,claude-x', stream: true })));
    });
    assert.ok(reply >= 200_000, `only ${reply} bytes came before its end`);
    assert.equal(text, begun.join('') + large + events.slice(4).join(''));
  });

  test('the last one gets what it lacks', async () => {
    const whole = events.join('');
    mock.next(raw(200, whole.slice(0, -2), { 'content-type': 'text/event-stream' }));
    assert.equal((await streamed()).text, whole);
    mock.next(raw(200, events.slice(0, -1).join(''), { 'content-type': 'text/event-stream' }));
    assert.equal((await streamed()).text, whole, 'the stop reason was given: this is the end');
    mock.next(broken([`${events.slice(0, -1).join('')}event: message_stop\ndata: {"ty`], 'reset'));
    assert.equal((await streamed()).text, whole);
  });
});

test('a provider that answers in HTML is a gateway error', async () => {
  mock.next(raw(502, '<html>bad gateway</html>', { 'content-type': 'text/html' }));
  const answer = await router.messages(ask('x', { model: 'anth,claude-x' }));
  assert.equal(answer.status, 502);
  assert.equal(JSON.parse(answer.text).error.type, 'api_error');
  assert.doesNotMatch(answer.text, /<html/);
});
