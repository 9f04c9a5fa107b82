// SPDX-License-Identifier: MIT
// The HTTP surface around the messages: probes, models, token counts, keys, Host and Origin, and
// requests that make no sense.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertErrorEnvelope, plantedSecrets, Router, sdks } from './harness.mjs';
import { MockProvider, json, sse } from './mock_provider.mjs';
import { ask, completion, textChunks } from './replies.mjs';

const secrets = plantedSecrets();
let mock;
let router;

before(async () => {
  mock = await MockProvider.start();
  router = await Router.start({ secrets, providers: [
    { name: 'mock', api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider, models: ['m1', 'vendor/m2'] },
    { name: 'Other', api_base_url: `${mock.url}/other/v1`, api_key: secrets.second, models: ['o1'] }] });
  mock.always(json(200, completion({ content: 'fine' })));
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

// Bytes straight onto a connection; resolves to all that comes back until the other side closes.
function talk(bytes, { closeAfter } = {}) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(router.port, '127.0.0.1', () => socket.write(bytes));
    let seen = '';
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no close within 10 s; so far: ${seen}`)));
    socket.on('data', (data) => {
      seen += data.toString('latin1');
      if (closeAfter && closeAfter.test(seen)) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => { router.received.push(seen); resolve(seen); });
  });
}
const head = (lines) => `${lines.join('\r\n')}\r\n\r\n`;
const local = () => `host: 127.0.0.1:${router.port}`;

test('probes need no key', async () => {
  for (const [method, path] of [['HEAD', '/'], ['GET', '/'], ['HEAD', '/api/hello'], ['GET', '/api/hello'], ['GET', '/health'], ['HEAD', '/health']]) {
    const reply = await router.request(method, path, { key: null });
    assert.equal(reply.status, 200, `${method} ${path}`);
    if (method === 'HEAD') assert.equal(reply.body.length, 0);
  }
});

test('no answer opens the router to web pages of other origins', async () => {
  const reply = await router.request('GET', '/health', { key: null });
  for (const name of Object.keys(reply.headers)) assert.doesNotMatch(name, /^access-control-/);
  const evil = await router.messages(ask(), { headers: { origin: 'https://evil.example' } });
  assertErrorEnvelope(evil, 403, 'permission_error');
  assert.equal(mock.requests.length, 0);
  const own = await router.messages(ask(), { headers: { origin: `http://localhost:${router.port}` } });
  assert.equal(own.status, 200, own.text);
});

test('a foreign Host is refused on every route, with and without the key', async () => {
  for (const [method, path] of [['POST', '/v1/messages'], ['GET', '/v1/models'], ['GET', '/health'], ['GET', '/'], ['GET', '/nowhere']]) {
    for (const host of ['evil.example', `evil.example:${router.port}`, '127.0.0.1.evil.example', '']) {
      const reply = await router.request(method, path, { headers: { host }, body: method === 'POST' ? ask() : undefined });
      assert.ok(reply.status === 403 || (host === '' && reply.status === 400), `${method} ${path} Host '${host}': ${reply.status} ${reply.text}`);
    }
  }
  for (const host of ['localhost', `localhost:${router.port}`, `127.0.0.1:${router.port}`, '[::1]', `[::1]:${router.port}`, 'LocalHost']) {
    assert.equal((await router.request('GET', '/health', { headers: { host }, key: null })).status, 200, host);
  }
  assert.equal(mock.requests.length, 0);
});

test('a wrong or missing key is 401 and must not be retried', async () => {
  for (const [method, path] of [['POST', '/v1/messages'], ['POST', '/v1/messages/count_tokens'], ['GET', '/v1/models']]) {
    for (const headers of [{}, { 'x-api-key': 'wrong' }, { authorization: 'Bearer wrong' }, { authorization: `Basic ${secrets.router}` },
      { 'x-api-key': `${secrets.router}x` }, { 'x-api-key': secrets.router.slice(0, -1) }]) {
      const reply = await router.request(method, path, { key: null, headers, body: method === 'POST' ? ask() : undefined });
      assertErrorEnvelope(reply, 401, 'authentication_error');
      assert.equal(reply.headers['x-should-retry'], 'false');
    }
  }
  assert.equal(mock.requests.length, 0);
});

test('either spelling of the key is enough', async () => {
  for (const headers of [{ 'x-api-key': secrets.router }, { authorization: `Bearer ${secrets.router}` },
    { authorization: `bearer ${secrets.router}` }, { 'x-api-key': 'stale', authorization: `Bearer ${secrets.router}` }]) {
    const reply = await router.messages(ask(), { key: null, headers });
    assert.equal(reply.status, 200, reply.text);
  }
});

for (const { name, Anthropic } of sdks) {
  describe(name, () => {
    test('wrong key', async () => {
      const error = await router.client(Anthropic, { apiKey: 'wrong', maxRetries: 2 }).messages.create(ask()).catch((caught) => caught);
      assert.ok(error instanceof Anthropic.AuthenticationError, error.message);
      assert.equal(error.headers.get('x-should-retry'), 'false');
    });

    test('bearer token', async () => {
      const message = await router.client(Anthropic, { authToken: secrets.router, apiKey: null }).messages.create(ask());
      assert.equal(message.content[0].text, 'fine');
      assert.equal(mock.last.headers.authorization, `Bearer ${secrets.provider}`);
    });

    test('token count', async () => {
      const client = router.client(Anthropic);
      const small = await client.messages.countTokens({ model: 'claude-sonnet-5-5', messages: [{ role: 'user', content: 'Hello there, world' }] });
      const large = await client.messages.countTokens({ model: 'claude-sonnet-5-5', system: 'word '.repeat(1000),
        messages: [{ role: 'user', content: 'Hello there, world' }], tools: [{ name: 't', description: 'does it', input_schema: { type: 'object', properties: {} } }] });
      assert.ok(Number.isInteger(small.input_tokens) && small.input_tokens >= 4 && small.input_tokens < 60, JSON.stringify(small));
      assert.ok(large.input_tokens > small.input_tokens + 800 && large.input_tokens < 1600, JSON.stringify(large));
      assert.equal(mock.requests.length, 0, 'counted here');
    });

    test('models', async () => {
      const ids = [];
      for await (const model of router.client(Anthropic).models.list({ limit: 1000 })) ids.push(model.id);
      for (const id of ['mock,m1', 'mock,vendor/m2', 'Other,o1']) assert.ok(ids.includes(id), `${id} in ${ids}`);
      assert.ok(ids.some((id) => /claude|anthropic/i.test(id)), 'something that Claude Code lists');
    });

    test('every listed model can be asked for', async () => {
      const client = router.client(Anthropic);
      for await (const model of client.models.list({ limit: 1000 })) {
        mock.next(json(200, completion({ content: 'fine' })));
        assert.equal((await client.messages.create(ask('x', { model: model.id }))).content[0].text, 'fine', model.id);
      }
    });

    test('unknown provider', async () => {
      const error = await router.client(Anthropic).messages.create(ask('x', { model: 'nobody,m1' })).catch((caught) => caught);
      assert.ok(error instanceof Anthropic.NotFoundError, error.message);
      assert.match(error.error.error.message, /^model: /);
      assert.equal(mock.requests.length, 0);
    });
  });
}

test('models for an OpenAI client', async () => {
  const reply = await router.request('GET', '/v1/models', { key: null, headers: { authorization: `Bearer ${secrets.router}` } });
  const list = JSON.parse(reply.text);
  assert.equal(list.object, 'list');
  assert.ok(list.data.every((model) => typeof model.id === 'string' && model.object === 'model'), reply.text);
});

test('models in pages, forwards and backwards', async () => {
  const page = async (query) => {
    const reply = await router.request('GET', `/v1/models?${query}`);
    const list = JSON.parse(reply.text);
    return { ids: list.data.map((model) => model.id), more: list.has_more };
  };
  const all = (await page('limit=1000')).ids;
  assert.ok(all.length >= 4, `${all.length} models`);
  assert.deepEqual(await page('limit=2'), { ids: all.slice(0, 2), more: true });
  const after = encodeURIComponent(all[all.length - 3]);
  assert.deepEqual(await page(`limit=2&after_id=${after}`), { ids: all.slice(-2), more: false });
  assert.deepEqual(await page(`limit=1&before_id=${encodeURIComponent(all[2])}`), { ids: [all[1]], more: true });
  assert.deepEqual(await page(`before_id=${encodeURIComponent(all[2])}`), { ids: all.slice(0, 2), more: false });
});

test('a base URL is completed to its endpoint', async () => {
  mock.next(json(200, completion({ content: 'fine' })));
  assert.equal((await router.messages(ask('x', { model: 'Other,o1' }))).status, 200);
  assert.equal(mock.last.url, '/other/v1/chat/completions');
});

test('the spellings of the path that clients use', async () => {
  for (const path of ['/v1/messages?beta=true', '/v1/messages/?beta=true', '/v1/v1/messages?beta=true']) {
    assert.equal((await router.request('POST', path, { body: ask() })).status, 200, path);
  }
});

test('unknown paths and methods', async () => {
  assertErrorEnvelope(await router.request('GET', '/v1/nothing'), 404, 'not_found_error');
  assertErrorEnvelope(await router.request('POST', '/v1/messages/x/y', { body: {} }), 404, 'not_found_error');
  const wrongMethod = await router.request('GET', '/v1/messages');
  assertErrorEnvelope(wrongMethod, 405);
  assert.match(wrongMethod.headers.allow, /POST/);
  for (const path of ['/v1/messages/batches', '/v1/files', '/v1/complete']) {
    const reply = await router.request('POST', path, { body: {} });
    assertErrorEnvelope(reply, 501);
    assert.equal(reply.headers['x-should-retry'], 'false');
  }
});

// Each is a 400 with a message, and none reaches the provider.
const nonsense = [
  ['no JSON', 'nonsense'], ['cut JSON', '{"model":"m","messages":[{"role":"user"'], ['empty body', ''], ['an array', '[]'], ['null', 'null'],
  ['deep nesting', `{"model":"m","max_tokens":1,"messages":${'['.repeat(100_000)}`],
  ['no messages', { model: 'mock,m1', max_tokens: 5 }], ['empty messages', { model: 'mock,m1', max_tokens: 5, messages: [] }],
  ['messages of the wrong kind', { model: 'mock,m1', max_tokens: 5, messages: 'hi' }],
  ['a message of the wrong kind', { model: 'mock,m1', max_tokens: 5, messages: [7] }],
  ['an unknown role', { model: 'mock,m1', max_tokens: 5, messages: [{ role: 'robot', content: 'x' }] }],
  ['no max_tokens', { model: 'mock,m1', messages: [{ role: 'user', content: 'x' }] }],
  ['max_tokens as text', { model: 'mock,m1', max_tokens: 'many', messages: [{ role: 'user', content: 'x' }] }],
  ['a block without a type', { model: 'mock,m1', max_tokens: 5, messages: [{ role: 'user', content: [{ text: 'x' }] }] }],
];
for (const [what, body] of nonsense) {
  test(`bad request: ${what}`, async () => {
    const error = assertErrorEnvelope(await router.messages(body), 400, 'invalid_request_error');
    assert.ok(error.message.length > 5);
    assert.equal(mock.requests.length, 0);
  });
}

test('unknown fields are not an error', async () => {
  const reply = await router.messages(ask('x', { brand_new: { a: [1] }, speed: 'fast', diagnostics: {}, metadata: { user_id: 'me' } }));
  assert.equal(reply.status, 200, reply.text);
  assert.doesNotMatch(mock.last.bytes.toString(), /brand_new|diagnostics/);
});

test('lone surrogates and odd numbers in tool inputs', async () => {
  const body = `{"model":"mock,m1","max_tokens":5,"messages":[{"role":"user","content":"a\\ud83d b \\ude00 c \\u0000"},
    {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"t","input":{"n":12345678901234567890,"f":1.0,"e":1e2}}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}]}`;
  assert.equal((await router.messages(body)).status, 200);
  assert.equal(mock.last.body.messages.at(0).content, 'a\ufffd b \ufffd c \u0000');
  const args = mock.last.body.messages.find((message) => message.tool_calls).tool_calls[0].function.arguments;
  assert.match(args, /12345678901234567890/);
  assert.match(args, /"f": ?1\.0/);
});

test('keep-alive: a hundred requests over one connection, errors among them', async () => {
  const body = JSON.stringify(ask());
  const good = head(['POST /v1/messages HTTP/1.1', local(), `x-api-key: ${secrets.router}`, 'content-type: application/json', `content-length: ${body.length}`]) + body;
  const missing = head(['GET /v1/nothing HTTP/1.1', local(), `x-api-key: ${secrets.router}`]);
  const last = head(['GET /health HTTP/1.1', local(), 'connection: close']);
  const seen = await talk(`${(good + missing).repeat(50)}${last}`);
  assert.equal(seen.match(/HTTP\/1\.1 200 /g)?.length, 51, seen.slice(0, 2000));
  assert.equal(seen.match(/HTTP\/1\.1 404 /g)?.length, 50);
});

test('Expect: 100-continue', async () => {
  const body = JSON.stringify(ask());
  const seen = await new Promise((resolve, reject) => {
    const socket = net.connect(router.port, '127.0.0.1', () => socket.write(head(['POST /v1/messages HTTP/1.1', local(),
      `x-api-key: ${secrets.router}`, `content-length: ${body.length}`, 'expect: 100-continue', 'connection: close'])));
    let text = '';
    socket.setTimeout(10_000, () => socket.destroy(new Error(`stuck: ${text}`)));
    socket.on('data', (data) => {
      text += data;
      if (/^HTTP\/1\.1 100 [^\r]*\r\n\r\n$/.test(text)) socket.write(body);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
  assert.match(seen, /^HTTP\/1\.1 100 .*\r\n\r\nHTTP\/1\.1 200 /s);
});

// Shapes that two parsers could read differently: refused, connection closed, nothing forwarded.
const post = (...lines) => head(['POST /v1/messages HTTP/1.1', ...lines]);
const smuggling = [
  ['two lengths', () => post(local(), 'content-length: 5', 'content-length: 6') + 'hello!'],
  ['length and chunked', () => post(local(), 'content-length: 5', 'transfer-encoding: chunked') + '0\r\n\r\n'],
  ['odd transfer-encoding', () => post(local(), 'transfer-encoding: chunked, identity') + '0\r\n\r\n'],
  ['negative length', () => post(local(), 'content-length: -1')],
  ['length with a plus', () => post(local(), 'content-length: +5') + 'hello'],
  ['bad chunk size', () => post(local(), 'transfer-encoding: chunked') + 'zz\r\nhello\r\n0\r\n\r\n'],
  ['space before the colon', () => post(local(), 'content-length : 5') + 'hello'],
  ['folded header', () => post(local(), 'x-a: b', ' c', 'content-length: 0')],
  ['two hosts', () => post(local(), local(), 'content-length: 0')],
  ['no host', () => post('content-length: 0')],
  ['NUL in a header', () => post(local(), 'x-a: b\0c', 'content-length: 0')],
  ['absolute target', () => head(['GET http://evil.example/ HTTP/1.1', local()])],
  ['CONNECT', () => head(['CONNECT evil.example:443 HTTP/1.1', local()])],
  ['HTTP/2 preface', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['no HTTP at all', () => 'hello router\r\n\r\n'],
];
for (const [what, bytes] of smuggling) {
  test(`refused: ${what}`, async () => {
    const seen = await talk(bytes());
    assert.match(seen, /^HTTP\/1\.1 (400|501|505) /, seen);
    assert.equal(seen.match(/^HTTP\/1\.1 \d/gm).length, 1, 'one answer, then the end');
    assert.equal(mock.requests.length, 0);
  });
}

test('a huge header is refused', async () => {
  const seen = await talk(head(['GET /health HTTP/1.1', local(), `x-big: ${'a'.repeat(200_000)}`]));
  assert.match(seen, /^HTTP\/1\.1 (431|400) /);
});

test('a big body passes, a chunked one too', async () => {
  const text = 'lorem ipsum '.repeat(500_000);
  assert.equal((await router.messages(ask(text))).status, 200);
  assert.equal(mock.last.body.messages.at(-1).content.length, text.length);
  const chunk = JSON.stringify(ask('chunked'));
  const seen = await talk(post(local(), `x-api-key: ${secrets.router}`, 'transfer-encoding: chunked', 'connection: close')
    + `${chunk.length.toString(16)}\r\n${chunk}\r\n0\r\n\r\n`);
  assert.match(seen, /^HTTP\/1\.1 200 /);
});

test('streams do not get in each other\'s way', async () => {
  mock.always(sse(textChunks(['one ', 'two ', 'three']), { gapMs: 20 }));
  const replies = await Promise.all(Array.from({ length: 60 }, () => router.messages(ask('x', { stream: true }))));
  for (const reply of replies) assert.match(reply.text, /message_stop/);
  assert.equal(new Set(replies.map((reply) => reply.headers['request-id'])).size, 60);
  mock.always(json(200, completion({ content: 'fine' })));
});
