// SPDX-License-Identifier: MIT
// Chains of transformers end to end: what the provider gets, and what the client makes of its
// answers, streamed and not.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertGrammar, parseSse, plantedSecrets, Router, sdks } from './harness.mjs';
import { MockProvider, json, raw, sse } from './mock_provider.mjs';
import { ask, completion, delta, textChunks, toolArgs, toolEnd, toolStart, weatherTool } from './replies.mjs';

const secrets = plantedSecrets();
let mock;
let router;
let whole;  // with force_non_streaming

function providers() {
  const provider = (name, transformer, more = {}) => ({ name, api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider, models: ['m'], transformer, ...more });
  const anthropic = { api_base_url: `${mock.url}/v1/messages` };
  return [
    provider('nested', { use: [['sampling', { temperature: 0.9 }], ['maxtoken', { max_tokens: 300 }]],
      m: { use: [['sampling', { temperature: 0.2 }], ['customparams', { tag: 'x', metadata: { a: 1 } }]] } }),
    provider('open', { use: [['OpenRouter', { provider: { only: ['some'] } }], 'cleancache', 'streamoptions'] }),
    provider('tools', { use: ['tooluse', 'enhancetool'] }),
    provider('strip', { use: ['thinktag'] }),
    provider('convert', { use: [['thinktag', { mode: 'convert', tags: ['plan', 'think'] }]] }),
    provider('plain', {}),
    provider('live', {}, { allow_streaming: true }),
    provider('force', { use: ['forcereasoning'] }),
    provider('pass', { use: ['Anthropic', ['maxtoken', { max_tokens: 300 }], ['customparams', { tag: 'x' }]] }, anthropic),
    provider('filtered', { use: ['Anthropic', 'enhancetool', 'extrathinktag'] }, anthropic),
  ];
}

before(async () => {
  mock = await MockProvider.start();
  router = await Router.start({ secrets, providers: providers() });
  whole = await Router.start({ secrets, providers: providers(),
    config: { Router: { default: 'plain,m', forceNonStreaming: true } } });
});
after(async () => {
  await router?.stop();
  await whole?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

const shape = (message) => message.content.map((block) => [block.type, block.thinking ?? block.text ?? block.input]);
const texts = (text, size = 3) => textChunks(text.match(new RegExp(`[^]{1,${size}}`, 'gu')));
const pieces = (text) => text.match(/[^]{1,4}/gu).map((piece) => toolArgs(0, piece));

for (const { name, Anthropic } of sdks) {
  describe(name, () => {
    // The same answer asked for both ways; `chunks` and `message` are the provider's two forms of it.
    async function bothWays(request, chunks, message, finish = 'stop') {
      const client = router.client(Anthropic);
      mock.next(sse(chunks), json(200, completion(message, { finish })));
      const streamed = await client.messages.stream(request).finalMessage();
      const folded = await client.messages.create(request);
      assert.deepEqual(shape(folded), shape(streamed));
      assert.equal(folded.stop_reason, streamed.stop_reason);
      return streamed;
    }

    test('provider list first, then the model\'s', async () => {
      mock.next(sse(textChunks(['ok'])));
      await router.client(Anthropic).messages.stream(ask('x', { model: 'nested,m', temperature: 1 })).finalMessage();
      const { temperature, max_tokens: most, tag, metadata } = mock.last.body;
      assert.deepEqual([temperature, most, tag, metadata], [0.2, 300, 'x', { a: 1 }]);
    });

    test('options become members of the body, marks go', async () => {
      mock.next(sse(textChunks(['ok'])));
      await router.client(Anthropic).messages.stream(ask('x', { model: 'open,m',
        system: [{ type: 'text', text: 's', cache_control: { type: 'ephemeral' } }] })).finalMessage();
      assert.deepEqual(mock.last.body.provider, { only: ['some'] });
      assert.deepEqual(mock.last.body.stream_options, { include_usage: true });
      assert.ok(!mock.last.bytes.includes('cache_control'));
    });

    test('tool mode: forced, mended, and left by its own tool', async () => {
      const request = ask('x', { model: 'tools,m', tools: [weatherTool] });
      const called = await bothWays(request, [toolStart(0, 'c1', 'get_weather'), ...pieces("{'place': 'Rome', days: 3,}"), ...toolEnd()],
        { content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'get_weather', arguments: "{'place': 'Rome', days: 3,}" } }] }, 'tool_calls');
      assert.deepEqual(shape(called), [['tool_use', { place: 'Rome', days: 3 }]]);
      assert.equal(called.stop_reason, 'tool_use');
      assert.equal(mock.last.body.tool_choice, 'required');
      assert.deepEqual(mock.last.body.tools.map((tool) => tool.function.name), ['get_weather', 'ExitTool']);
      const args = JSON.stringify({ response: 'All "done" 🌦.' });
      const left = await bothWays(request, [toolStart(0, 'c1', 'ExitTool'), ...pieces(args), ...toolEnd()],
        { content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'ExitTool', arguments: args } }] }, 'tool_calls');
      assert.deepEqual(shape(left), [['text', 'All "done" 🌦.']]);
      assert.equal(left.stop_reason, 'end_turn');
    });

    test('think tags: stripped, converted, by default stripped', async () => {
      const text = '<think>hm \u{1F914}</think>\nok';
      for (const [provider, expected] of [['strip', [['text', 'ok']]], ['plain', [['text', 'ok']]],
        ['convert', [['thinking', 'hm \u{1F914}'], ['text', 'ok']]]]) {
        const message = await bothWays(ask('x', { model: `${provider},m` }), texts(text), { content: text });
        assert.deepEqual(shape(message), expected, provider);
      }
      const nothing = await bothWays(ask('x', { model: 'strip,m' }), texts('<think>never closed'), { content: '<think>never closed' });
      assert.deepEqual(shape(nothing), []);
      assert.equal(nothing.stop_reason, 'end_turn');
    });

    test('forced reasoning comes as thinking and goes back as text', async () => {
      const text = '<reasoning_content>Hm.</reasoning_content>\n42';
      const first = await bothWays(ask('x', { model: 'force,m' }), texts(text), { content: text });
      assert.deepEqual(shape(first), [['thinking', 'Hm.'], ['text', '42']]);
      mock.next(sse(textChunks(['ok'])));
      await router.client(Anthropic).messages.stream(ask('', { model: 'force,m', messages: [{ role: 'user', content: 'x' },
        { role: 'assistant', content: first.content }, { role: 'user', content: 'y' }] })).finalMessage();
      assert.equal(mock.last.body.messages.at(-2).content, text);
      assert.match(mock.last.body.messages.at(-1).content, /^y\n\nThink before you answer/);
    });

    test('whole replies from the provider are streams for the client', async () => {
      mock.next(json(200, completion({ content: 'Hello', reasoning_content: 'Hm.' })));
      const message = await whole.client(Anthropic).messages.stream(ask('x', { model: 'plain,m' })).finalMessage();
      assert.deepEqual(shape(message), [['thinking', 'Hm.'], ['text', 'Hello']]);
      assert.equal(mock.last.body.stream, false);
      assert.equal(mock.last.headers.accept, 'application/json');
      mock.next(json(200, { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [{ type: 'text', text: 'Hello' }],
        stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } }));
      const passed = await whole.client(Anthropic).messages.stream(ask('x', { model: 'pass,m' })).finalMessage();
      assert.deepEqual(shape(passed), [['text', 'Hello']]);
      assert.equal(mock.last.body.stream, false);
      mock.next(sse(textChunks(['live'])));
      assert.deepEqual(shape(await whole.client(Anthropic).messages.stream(ask('x', { model: 'live,m' })).finalMessage()), [['text', 'live']]);
      assert.equal(mock.last.body.stream, true);
    });
  });
}

const event = (type, fields) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const anthropicStream = (blocks, stop = 'end_turn') => [
  event('message_start', { message: { id: 'msg_up', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 3, output_tokens: 1 } } }),
  event('ping', {}),
  ...blocks.flatMap(({ start, deltas }, index) => [event('content_block_start', { index, content_block: start }),
    ...deltas.map((fields) => event('content_block_delta', { index, delta: fields })), event('content_block_stop', { index })]),
  event('message_delta', { delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: 9 } }),
  event('message_stop', {}),
].join('');
const eventStream = { 'content-type': 'text/event-stream' };

test('changes to the request leave the bytes of an Anthropic answer alone', async () => {
  const answer = anthropicStream([{ start: { type: 'text', text: '', odd: 1.0 }, deltas: [{ type: 'text_delta', text: '<think>x</think>y' }] }]);
  mock.next(raw(200, answer, eventStream));
  const reply = await router.messages({ model: 'pass,m', max_tokens: 500, stream: true, messages: [{ role: 'user', content: 'x' }], odd: 1 });
  assert.equal(reply.text, answer);
  assert.equal(mock.last.bytes.toString(), '{"model":"m","max_tokens":300,"stream":true,"messages":[{"role":"user","content":"x"}],"odd":1,"tag":"x"}');
});

test('a filter decodes an Anthropic answer and keeps its signatures', async () => {
  const answer = anthropicStream([
    { start: { type: 'thinking', thinking: '', signature: '' }, deltas: [{ type: 'thinking_delta', thinking: 'so' }, { type: 'signature_delta', signature: 'EqQBnative==' }] },
    { start: { type: 'text', text: '' }, deltas: [{ type: 'text_delta', text: '<thi' }, { type: 'text_delta', text: 'nk>hm</think>ok' }] },
    { start: { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} }, deltas: [{ type: 'input_json_delta', partial_json: "{'place': 'Ro" }, { type: 'input_json_delta', partial_json: "me'}" }] },
  ], 'tool_use');
  mock.next(raw(200, answer, eventStream));
  const reply = await router.messages({ model: 'filtered,m', max_tokens: 500, stream: true, messages: [{ role: 'user', content: 'x' }], tools: [weatherTool] });
  const events = parseSse(reply.text);
  assertGrammar(events);
  const starts = events.filter(({ event: type }) => type === 'content_block_start').map(({ data }) => data.content_block.type);
  assert.deepEqual(starts, ['thinking', 'text', 'tool_use']);
  assert.ok(reply.text.includes('"signature":"EqQBnative=="'));
  const input = events.map(({ data }) => data.delta?.partial_json ?? '').join('');
  assert.deepEqual(JSON.parse(input), { place: 'Rome' });
  assert.equal(events.at(-2).data.delta.stop_reason, 'tool_use');
});

test('a filter leaves blocks alone that it knows nothing of', async () => {
  const redacted = { type: 'redacted_thinking', data: 'EmwK==' };
  const found = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [{ type: 'web_search_result', url: 'https://x', title: 'X' }] };
  const answer = anthropicStream([
    { start: redacted, deltas: [] },
    { start: { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }, deltas: [{ type: 'input_json_delta', partial_json: '{"query"' }, { type: 'input_json_delta', partial_json: ':"x"}' }] },
    { start: found, deltas: [] },
    { start: { type: 'text', text: '' }, deltas: [{ type: 'text_delta', text: 'ok' }] },
  ]);
  for (const { Anthropic } of sdks) {
    mock.next(raw(200, answer, eventStream));
    const message = await router.client(Anthropic).messages.stream(ask('x', { model: 'filtered,m' })).finalMessage();
    assert.deepEqual(message.content[0], redacted);
    assert.deepEqual(message.content[1], { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } });
    assert.deepEqual(message.content[2], found);
    assert.equal(message.content[3].text, 'ok');
  }
});

test('an unknown transformer keeps the daemon from starting and says which', async () => {
  await assert.rejects(Router.start({ secrets, providers: [{ name: 'p', api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider,
    models: ['m'], transformer: { use: ['openruter'] } }] }), /openruter/);
});
