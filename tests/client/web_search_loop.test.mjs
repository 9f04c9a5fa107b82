// SPDX-License-Identifier: MIT
// Web searches that the router makes: the model, which cannot, calls a function; a search engine is
// asked; the client sees one answer with the searches in it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertErrorEnvelope, assertGrammar, dataDir, parseSse, plantedSecrets, Router } from './harness.mjs';
import { MockProvider, json, raw, sse } from './mock_provider.mjs';
import { ask, completion, delta, textChunks, toolChunks, toolEnd, weatherTool } from './replies.mjs';

const secrets = plantedSecrets();
let mock;
let other;
let engine;
let router;

const searx = () => ({ engine: 'searxng', url: engine.url, api_key: secrets.engine, timeout_ms: 1500 });
const provider = (name, from = mock) => ({ name, api_base_url: `${from.url}/v1/chat/completions`, api_key: secrets.provider, models: ['m1'], profile: 'deepseek' });

before(async () => {
  [mock, other, engine] = await Promise.all([MockProvider.start(), MockProvider.start(), MockProvider.start()]);
  router = await Router.start({ secrets, providers: [provider('mock'), provider('other', other)],
    config: { WebSearch: searx(), fallback: { default: ['other,m1'] }, Retry: { maxRetries: 1, baseDelayMs: 1 }, pingIntervalMs: 300, keepAliveAfterMs: 100 } });
});
after(async () => {
  await router?.stop();
  await Promise.all([mock, other, engine].map((each) => each?.stop()));
});
beforeEach(() => [mock, other, engine].forEach((each) => each.reset()));

const tool = (more = {}) => ({ type: 'web_search_20250305', name: 'web_search', max_uses: 8, ...more });
const wanted = (extra = {}) => ask('Perform a web search for the query: zig releases', { tools: [tool()], ...extra });
const { requests } = JSON.parse(fs.readFileSync(path.join(dataDir, 'claude-code', '12-websearch.json')));
const recorded = requests[2].body;

const page = (n, more = {}) => ({ url: `https://example.com/${n}`, title: `Zig <b>0.${n}</b>`, content: `About 0.${n} &amp; more`, publishedDate: '2026-01-02', ...more });
const pages = (...numbers) => json(200, { query: 'q', results: numbers.map((n) => page(n)) });

// One round of the model, streamed or whole as the router asks for it.
const round = (streamed, whole) => (response, record) => (record.body.stream ? sse(streamed) : json(200, whole))(response, record);
const search = (...queries) => round(
  [...queries.flatMap((query, i) => toolChunks(i, `call_${i}`, 'web_search', { query })), ...toolEnd()],
  completion({ content: null, tool_calls: queries.map((query, i) => ({ id: `call_${i}`, type: 'function', function: { name: 'web_search', arguments: JSON.stringify({ query }) } })) }, { finish: 'tool_calls' }));
const say = (text) => round(textChunks([text]), completion({ content: text }));

// The message that a client makes of the answer.
async function answer(body, options) {
  const reply = await router.messages(body, options);
  assert.equal(reply.status, 200, reply.text);
  if (!body.stream) return { ...JSON.parse(reply.text), headers: reply.headers };
  const events = parseSse(reply.text);
  assertGrammar(events);
  const content = [];
  let usage = {};
  for (const { event, data } of events) {
    if (event === 'content_block_start') content.push({ ...data.content_block, partial: '' });
    if (data.delta?.type === 'text_delta') content.at(-1).text += data.delta.text;
    if (data.delta?.type === 'input_json_delta') content.at(-1).partial += data.delta.partial_json;
    if (event === 'message_delta') usage = { ...data.usage, stop: data.delta.stop_reason };
  }
  for (const block of content) if (block.partial) block.input = JSON.parse(block.partial);
  return { content, usage, stop_reason: usage.stop, headers: reply.headers };
}

// Where the machine is slow, keeping the client alive takes an empty thought.
const types = (message) => message.content.map((block) => block.type).filter((type) => type !== 'thinking');
const results = (message) => message.content.filter((block) => block.type === 'web_search_tool_result').map((block) => block.content);
const told = (body) => body.messages.filter((message) => message.role === 'tool').map((message) => message.content);

for (const stream of [true, false]) {
  describe(stream ? 'a stream' : 'a body', () => {
    test('the search of Claude Code', async () => {
      mock.next(search('zig releases'), say('Zig 0.15 is out.'));
      engine.next(pages(14, 15));
      const message = await answer({ ...recorded, stream });
      assert.deepEqual(types(message), ['server_tool_use', 'web_search_tool_result', 'text']);
      const [use, found, text] = message.content.filter((block) => block.type !== 'thinking');
      assert.match(use.id, /^srvtoolu_/);
      assert.equal(found.tool_use_id, use.id);
      assert.deepEqual(use.input, { query: 'zig releases' });
      assert.deepEqual(found.content.map((hit) => [hit.type, hit.url, hit.title, hit.page_age]),
        [14, 15].map((n) => ['web_search_result', `https://example.com/${n}`, `Zig 0.${n}`, '2026-01-02']));
      assert.equal(text.text, 'Zig 0.15 is out.');
      assert.equal(message.stop_reason, 'end_turn');
      assert.equal(message.usage.server_tool_use.web_search_requests, 1);
      assert.equal(message.usage.output_tokens, 14, 'of both rounds');

      assert.equal(engine.last.url, '/search?q=zig%20releases%20site%3Aexample.com&format=json');
      assert.equal(engine.last.headers.authorization, `Bearer ${secrets.engine}`);
      const [first, second] = mock.requests.map((record) => record.body);
      assert.deepEqual(first.tools.map((each) => each.function.name), ['web_search']);
      assert.deepEqual(first.tools[0].function.parameters.required, ['query']);
      assert.equal(second.tools.length, 1);
      assert.equal(second.messages.length, first.messages.length + 2);
      assert.deepEqual(second.messages.slice(0, first.messages.length), first.messages, 'the prefix stays');
      assert.equal(second.messages.at(-2).tool_calls[0].id, 'call_0');
      const [given] = told(second);
      for (const part of ['1. Zig 0.14', 'https://example.com/15', 'About 0.15 & more', '2026-01-02']) assert.ok(given.includes(part), given);
      assert.doesNotMatch(given, /<b>|&amp;/);
    });

    test('two rounds, the first with two searches; the model\'s words and thoughts go back to it', async () => {
      const thinking = [delta({ reasoning_content: 'Look it up.' }), delta({ content: 'Let me see.' })];
      mock.next(round([...thinking, ...toolChunks(0, 'a', 'web_search', { query: 'one' }), ...toolChunks(1, 'b', 'web_search', { query: 'two' }), ...toolEnd()],
        completion({ content: 'Let me see.', reasoning_content: 'Look it up.', tool_calls: ['one', 'two'].map((query, i) => ({ id: 'ab'[i], type: 'function', function: { name: 'web_search', arguments: JSON.stringify({ query }) } })) }, { finish: 'tool_calls' })),
      search('three'), say('Done.'));
      engine.next(pages(1), pages(), pages(3));
      const message = await answer(wanted({ stream, thinking: { type: 'enabled', budget_tokens: 2000 }, max_tokens: 5000, tool_choice: { type: 'any' } }));
      assert.deepEqual(types(message), ['text', 'server_tool_use', 'web_search_tool_result', 'server_tool_use', 'web_search_tool_result',
        'server_tool_use', 'web_search_tool_result', 'text']);
      assert.deepEqual(engine.requests.map((record) => record.url.match(/q=(\w+)/)[1]), ['one', 'two', 'three']);
      assert.equal(message.usage.server_tool_use.web_search_requests, 3);
      const second = mock.requests[1].body;
      const said = second.messages.find((each) => each.tool_calls);
      assert.equal(said.content, 'Let me see.');
      assert.equal(said.reasoning_content, 'Look it up.');
      assert.match(told(second)[1], /No pages were found/);
      assert.notEqual(second.tool_choice, 'required');
    });

    test('beside a tool of the client', async () => {
      const both = [...toolChunks(0, 'a', 'web_search', { query: 'zig' }), ...toolChunks(1, 'b', 'get_weather', { place: 'Paris' }), ...toolEnd()];
      mock.next(round(both, completion({ content: null, tool_calls: [['a', 'web_search', { query: 'zig' }], ['b', 'get_weather', { place: 'Paris' }]].map(([id, name, input]) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(input) } })) }, { finish: 'tool_calls' })));
      engine.next(pages(1));
      const message = await answer(wanted({ stream, tools: [tool(), weatherTool] }));
      assert.deepEqual(types(message).sort(), ['server_tool_use', 'tool_use', 'web_search_tool_result']);
      assert.equal(message.stop_reason, 'tool_use');
      assert.equal(message.usage.server_tool_use.web_search_requests, 1);
      assert.equal(mock.requests.length, 1);
    });

    test('no search, no trace of one', async () => {
      mock.next(say('I know that.'));
      const message = await answer(wanted({ stream }));
      assert.deepEqual(types(message), ['text']);
      assert.equal(message.usage.server_tool_use ?? null, null);
      assert.equal(engine.requests.length, 0);
    });

    test('more searches than allowed', async () => {
      mock.next(search('one', 'two'), search('three'), say('Enough.'));
      engine.next(pages(1));
      const message = await answer(wanted({ stream, tools: [tool({ max_uses: 1 })] }));
      assert.deepEqual(results(message).map((content) => content.error_code), [undefined, 'max_uses_exceeded', 'max_uses_exceeded']);
      assert.equal(engine.requests.length, 1);
      assert.match(told(mock.last.body).at(-1), /No more searches/);
      assert.equal(message.usage.server_tool_use.web_search_requests, 1);
    });

    test('a model that never stops searching', async () => {
      mock.fallback = () => search('again');
      engine.fallback = () => pages(1);
      const message = await answer(wanted({ stream, tools: [tool({ max_uses: 99 })] }));
      assert.equal(mock.requests.length, 16);
      assert.equal(message.stop_reason, 'end_turn');
      assert.equal(mock.last.body.tool_choice ?? 'none', 'none');
      mock.fallback = () => json(500, {});
      engine.fallback = () => json(500, {});
    });
  });
}

describe('what goes wrong', () => {
  for (const [what, reply, code] of [['a quota', json(429, {}), 'too_many_requests'], ['a refused key', json(401, {}), 'unavailable'],
    ['a page of HTML', raw(403, '<html>', { 'content-type': 'text/html' }), 'unavailable'], ['silence', async () => {}, 'unavailable']]) {
    test(`${what}: the model goes on without`, async () => {
      mock.next(search('zig'), say('I do not know.'));
      engine.next(reply);
      const message = await answer(wanted({ stream: true }));
      assert.deepEqual(types(message), ['server_tool_use', 'web_search_tool_result', 'text']);
      assert.deepEqual(results(message), [{ type: 'web_search_tool_result_error', error_code: code }]);
      assert.equal(mock.requests.length, 2);
      assert.match(told(mock.last.body)[0], /answer without/);
    });
  }

  test('arguments that are none, and a query that is too long', async () => {
    mock.next(round([...toolChunks(0, 'a', 'web_search', { question: 'x' }), ...toolEnd()]), search('x'.repeat(2001)), say('Well.'));
    const message = await answer(wanted({ stream: true }));
    assert.deepEqual(results(message).map((content) => content.error_code), ['invalid_tool_input', 'query_too_long']);
    assert.equal(engine.requests.length, 0);
    assert.equal(message.content.at(-1).text, 'Well.');
  });

  test('only pages of the domains that the client allows', async () => {
    mock.next(search('zig'), say('Fine.'));
    engine.next(json(200, { results: [page(1), page(2, { url: 'https://bad.test/x' }), page(3, { url: 'javascript:alert(1)' })] }));
    const message = await answer(wanted({ stream: true, tools: [tool({ allowed_domains: ['example.com'] })] }));
    assert.deepEqual(results(message)[0].map((hit) => hit.url), ['https://example.com/1']);
    assert.match(decodeURIComponent(engine.last.url), /site:example\.com/);
  });

  test('the client leaves during a search', async () => {
    mock.next(search('zig'));
    const asked = new Promise((resolve) => { engine.next(async (response, record) => resolve(record)); });
    const socket = router.openStream(wanted({ stream: true }));
    const record = await asked;
    socket.destroy();
    assert.equal((await record.closed).finished, false);
    assert.equal(mock.requests.length, 1);
  });

  test('pings while the engine thinks', async () => {
    mock.next(search('zig'), say('Fine.'));
    let release;
    engine.next(async (response) => { await new Promise((resolve) => { release = resolve; }); pages(1)(response); });
    const socket = router.openStream(wanted({ stream: true }));
    let text = '';
    await new Promise((resolve) => { socket.on('data', (data) => { text += data; if (text.includes('event: ping')) resolve(); }); });
    release();
    await new Promise((resolve) => { socket.on('data', () => { if (text.includes('message_stop')) resolve(); }); });
    socket.destroy();
    assert.match(text, /web_search_tool_result/);
  });

  test('a provider that fails in the second round, before anything was shown: another begins anew', async () => {
    mock.next(search('zig'), json(503, { error: { message: 'down' } }));
    other.next(search('zig'), say('Here.'));
    engine.next(pages(1), pages(2));
    const message = await answer(wanted({ stream: false }));
    assert.equal(message.content.at(-1).text, 'Here.');
    assert.deepEqual(results(message)[0].map((hit) => hit.url), ['https://example.com/2']);
    assert.equal(other.requests[0].body.messages.length, mock.requests[0].body.messages.length);
  });

  test('once something was shown, a failure that passes is waited for', async () => {
    mock.next(search('zig'), json(503, { error: { message: 'down' } }), say('Fine.'));
    engine.next(pages(1));
    const message = await answer({ ...wanted({ stream: true }), messages: [{ role: 'user', content: 'A third conversation' }] });
    assert.equal(message.content.at(-1).text, 'Fine.');
    assert.deepEqual(mock.requests[2].body, mock.requests[1].body);
    assert.equal(other.requests.length, 0);
  });

  test('one that does not pass: an error event', async () => {
    mock.next(search('zig'), json(503, { error: { message: 'down' } }));
    engine.next(pages(1));
    const reply = await router.messages({ ...wanted({ stream: true }), messages: [{ role: 'user', content: 'Another conversation' }] });
    const events = parseSse(reply.text);
    assert.equal(events.at(-1).event, 'error', reply.text);
    assert.equal(other.requests.length, 0);
  });
});

test('Kimi searches itself once it has its arguments back', async () => {
  const kimi = await Router.start({ secrets, providers: [{ ...provider('kimi'), profile: 'kimi' }] });
  try {
    const handle = { search_result: { search_id: 's1' }, usage: { total_tokens: 5 } };
    for (const stream of [true, false]) {
      mock.reset();
      mock.next(round([...toolChunks(0, 'call_0', '$web_search', handle), ...toolEnd()],
        completion({ content: null, tool_calls: [{ id: 'call_0', type: 'function', function: { name: '$web_search', arguments: JSON.stringify(handle) } }] }, { finish: 'tool_calls' })), say('Found.'));
      const reply = await kimi.messages(wanted({ stream }));
      assert.equal(reply.status, 200, reply.text);
      assert.match(reply.text, /Found\./);
      assert.match(reply.text, /"web_search_requests":1/);
      const [first, second] = mock.requests.map((record) => record.body);
      assert.deepEqual(first.tools, [{ type: 'builtin_function', function: { name: '$web_search' } }]);
      assert.equal(second.messages.at(-2).tool_calls[0].function.name, '$web_search');
      assert.deepEqual(JSON.parse(told(second)[0]), handle);
    }
  } finally {
    await kimi.stop();
  }
});

describe('OpenAI\'s clients', () => {
  test('Chat Completions', async () => {
    mock.next(search('zig'), say('Fine.'));
    engine.next(pages(1));
    const reply = await router.request('POST', '/v1/chat/completions', { body: { model: 'mock,m1', messages: [{ role: 'user', content: 'zig?' }], web_search_options: {} } });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(JSON.parse(reply.text).choices[0].message.content, 'Fine.');
    assert.equal(engine.requests.length, 1);
  });

  test('Responses, streamed', async () => {
    mock.next(search('zig'), say('Fine.'));
    engine.next(pages(1));
    const reply = await router.request('POST', '/v1/responses', { body: { model: 'mock,m1', input: 'zig?', stream: true, tools: [{ type: 'web_search', filters: { allowed_domains: ['example.com'] } }] } });
    assert.equal(reply.status, 200, reply.text);
    const done = JSON.parse(reply.text.split('\n').filter((line) => line.startsWith('data: ')).at(-1).slice(6));
    assert.equal(done.type, 'response.completed', reply.text);
    assert.equal(done.response.output.at(-1).content[0].text, 'Fine.');
    assert.equal(engine.requests.length, 1);
  });
});

test('searches are counted by engine and result', async () => {
  const { text } = await router.request('GET', '/metrics');
  assert.match(text, /^ccr_web_searches_total\{engine="searxng",result="ok"\} \d+$/m);
  assert.match(text, /^ccr_web_searches_total\{engine="searxng",result="limited"\} 1$/m);
  assert.match(text, /^ccr_web_searches_total\{engine="searxng",result="timeout"\} 1$/m);
});

describe('where nobody can search', () => {
  let bare;
  before(async () => {
    bare = await Router.start({ secrets, providers: [provider('mock'), provider('other', other)] });
  });
  after(() => bare?.stop());

  test('a request that is about it is told what to do', async () => {
    for (const body of [recorded, wanted({ tools: [tool(), weatherTool], tool_choice: { type: 'tool', name: 'web_search' } })]) {
      const error = assertErrorEnvelope(await bare.messages(body), 400, 'invalid_request_error');
      assert.match(error.message, /provider mock cannot search the web.*Router\.webSearch.*WebSearch/);
    }
    assert.equal(mock.requests.length, 0);
  });

  test('one tool among others is left out', async () => {
    mock.next(say('Fine.'));
    const reply = await bare.messages(wanted({ tools: [tool(), weatherTool] }));
    assert.equal(reply.status, 200, reply.text);
    assert.match(reply.headers['x-ccr-warn'], /web_search/);
    assert.deepEqual(mock.last.body.tools.map((each) => each.function.name), ['get_weather']);
  });

  test('Router.webSearch serves it, even where the request names another target', async () => {
    const routed = await Router.start({ secrets, providers: [provider('mock'), { ...provider('able', other), profile: 'openrouter' }],
      config: { Router: { default: 'mock,m1', webSearch: 'able,m1' } } });
    try {
      for (const model of ['claude-opus-5-5', 'mock,m1']) {
        other.next(say('Found.'));
        const reply = await routed.messages({ ...recorded, model });
        assert.equal(reply.status, 200, reply.text);
        assert.match(reply.headers['x-ccr-route'], /^webSearch/);
        assert.equal(reply.headers['x-ccr-provider'], 'able');
      }
      assert.equal(mock.requests.length, 0);
    } finally {
      await routed.stop();
    }
  });
});

for (const [name, key, body] of [
  ['brave', (headers) => headers['x-subscription-token'], { web: { results: [{ url: 'https://example.com/1', title: 'Zig', description: 'About', age: '2 days ago' }] } }],
  ['tavily', (headers) => headers.authorization?.slice(7), { results: [{ url: 'https://example.com/1', title: 'Zig', content: 'About', published_date: '2 days ago' }] }],
  ['exa', (headers) => headers['x-api-key'], { results: [{ url: 'https://example.com/1', title: 'Zig', text: 'About', publishedDate: '2 days ago' }] }]]) {
  test(`asks ${name}`, async () => {
    const own = await Router.start({ secrets, providers: [provider('mock')], config: { WebSearch: { engine: name, url: engine.url, api_key: secrets.engine } } });
    try {
      mock.next(search('zig'), say('Fine.'));
      engine.next(json(200, body));
      const reply = await own.messages(wanted());
      const found = JSON.parse(reply.text).content.find((block) => block.type === 'web_search_tool_result');
      assert.deepEqual(found?.content.map((hit) => [hit.url, hit.title, hit.page_age]), [['https://example.com/1', 'Zig', '2 days ago']], reply.text);
      assert.equal(key(engine.last.headers), secrets.engine);
    } finally {
      await own.stop();
    }
  });
}
