// SPDX-License-Identifier: MIT
// What a user comes for: the official SDKs hold streamed, tool-calling conversations through ccrd
// with a provider that speaks Chat Completions.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertGrammar, parseSse, plantedSecrets, Router, sdks } from './harness.mjs';
import { MockProvider, drip, gzipped, json, sse } from './mock_provider.mjs';
import { lint } from './openai_linter.mjs';
import { ask, completion, delta, textChunks, toolArgs, toolChunks, toolEnd, toolStart, usageChunk, weatherTool } from './replies.mjs';

const secrets = plantedSecrets();
let mock;
let router;

before(async () => {
  mock = await MockProvider.start();
  router = await Router.start({ secrets,
    providers: [{ name: 'mock', api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider, models: ['m1'] }] });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

const texts = (message) => message.content.filter((block) => block.type === 'text').map((block) => block.text).join('');

for (const { name, Anthropic } of sdks) {
  describe(name, () => {
    const client = () => router.client(Anthropic);

    test('streams text', async () => {
      mock.next(sse(textChunks(['Hel', 'lo ', 'wörld 🎉', '\n"quoted" \\ \t end'])));
      const pieces = [];
      const message = await client().messages.stream(ask()).on('text', (piece) => pieces.push(piece)).finalMessage();
      assert.equal(texts(message), 'Hello wörld 🎉\n"quoted" \\ \t end');
      assert.equal(pieces.join(''), texts(message));
      assert.ok(pieces.length >= 2, 'arrives in pieces');
      assert.equal(message.stop_reason, 'end_turn');
      assert.equal(message.model, 'claude-sonnet-5-5', 'the model is the one asked for');
      assert.match(message.id, /^msg_\w+$/);
      assert.equal(message.role, 'assistant');
      assert.deepEqual(lint(mock.last.body), []);
      assert.equal(mock.last.body.model, 'm1');
      assert.equal(mock.last.headers.authorization, `Bearer ${secrets.provider}`);
      assert.equal(mock.last.headers['x-api-key'], undefined, 'the client\'s key stays here');
    });

    test('answers without streaming', async () => {
      mock.next(json(200, completion({ content: 'Hello there' })));
      const message = await client().messages.create(ask());
      assert.equal(texts(message), 'Hello there');
      assert.equal(message.type, 'message');
      assert.equal(message.stop_reason, 'end_turn');
      assert.equal(message.stop_sequence, null);
      assert.equal(message.model, 'claude-sonnet-5-5');
      assert.equal(message.usage.input_tokens, 40);
      assert.equal(message.usage.cache_read_input_tokens, 60);
      assert.equal(message.usage.output_tokens, 7);
      assert.deepEqual(lint(mock.last.body), []);
    });

    test('iterates raw events in order', async () => {
      mock.next(sse(textChunks(['a', 'b'])));
      const events = [];
      for await (const event of await client().messages.create(ask('x', { stream: true }))) events.push({ event: event.type, data: event });
      assertGrammar(events);
    });

    test('a tool call and its result', async () => {
      const input = { place: 'Zürich "old\\town" 🌧', days: 3 };
      mock.next(sse([delta({ role: 'assistant', content: '' }), delta({ content: 'Let me look.' }),
        ...toolChunks(0, 'call_abc', 'get_weather', input), ...toolEnd()]));
      const first = await client().messages.stream(ask('weather?', { tools: [weatherTool] })).finalMessage();
      assert.equal(first.stop_reason, 'tool_use');
      assert.deepEqual(first.content.map((block) => block.type), ['text', 'tool_use']);
      const call = first.content[1];
      assert.equal(call.name, 'get_weather');
      assert.deepEqual(call.input, input);
      assert.deepEqual(mock.last.body.tools[0].function.parameters, weatherTool.input_schema);

      mock.next(sse(textChunks(['Rain.'])));
      const second = await client().messages.stream({ ...ask('weather?', { tools: [weatherTool] }), messages: [
        { role: 'user', content: 'weather?' }, { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'It rains.' }] }] }).finalMessage();
      assert.equal(texts(second), 'Rain.');
      assert.deepEqual(lint(mock.last.body), []);
      const [, assistant, result] = mock.last.body.messages;
      assert.equal(assistant.content, 'Let me look.');
      assert.deepEqual(JSON.parse(assistant.tool_calls[0].function.arguments), input);
      assert.deepEqual(result, { role: 'tool', tool_call_id: assistant.tool_calls[0].id, content: 'It rains.' });
    });

    test('a tool call without streaming', async () => {
      mock.next(json(200, completion({ content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"place":"Bern"}' } }] }, { finish: 'tool_calls' })));
      const message = await client().messages.create(ask('weather?', { tools: [weatherTool] }));
      assert.equal(message.stop_reason, 'tool_use');
      assert.deepEqual(message.content.map((block) => [block.type, block.name, block.input]), [['tool_use', 'get_weather', { place: 'Bern' }]]);
    });

    test('parallel calls whose arguments interleave', async () => {
      mock.next(sse([delta({ role: 'assistant' }), toolStart(0, 'call_a', 'get_weather'), toolStart(1, 'call_b', 'get_weather'),
        toolArgs(0, '{"pla'), toolArgs(1, '{"place":'), toolArgs(0, 'ce":"A"}'), toolArgs(1, '"B"}'), ...toolEnd()]));
      const message = await client().messages.stream(ask('both', { tools: [weatherTool] })).finalMessage();
      assert.deepEqual(message.content.map((block) => [block.type, block.input.place]), [['tool_use', 'A'], ['tool_use', 'B']]);
      assert.notEqual(message.content[0].id, message.content[1].id);
      assert.equal(message.stop_reason, 'tool_use');
    });

    test('parallel results that come back out of order and apart', async () => {
      mock.next(sse(textChunks(['ok'])));
      const use = (id, place) => ({ type: 'tool_use', id, name: 'get_weather', input: { place } });
      const result = (id, content, extra = {}) => ({ type: 'tool_result', tool_use_id: id, content, ...extra });
      await client().messages.stream({ ...ask('', { tools: [weatherTool] }), messages: [
        { role: 'user', content: 'three' }, { role: 'assistant', content: [use('t1', 'A'), use('t2', 'B'), use('t3', 'C')] },
        { role: 'user', content: [result('t3', 'third', { is_error: true })] },
        { role: 'user', content: [result('t1', [{ type: 'text', text: 'first' }]), result('t2', 'second'), { type: 'text', text: 'and?' }] }] }).finalMessage();
      assert.deepEqual(lint(mock.last.body), []);
      const sent = mock.last.body.messages.slice(1);
      assert.deepEqual(sent.map((m) => m.role), ['assistant', 'tool', 'tool', 'tool', 'user']);
      assert.deepEqual(sent.slice(1, 4).map((m) => m.tool_call_id), sent[0].tool_calls.map((c) => c.id));
      assert.equal(sent[1].content, 'first');
      assert.match(sent[3].content, /third/);
    });

    test('an image in a tool result reaches the provider', async () => {
      mock.next(sse(textChunks(['a cat'])));
      const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
      await client().messages.stream({ ...ask('', { tools: [weatherTool] }), messages: [
        { role: 'user', content: 'look' }, { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'get_weather', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: [
          { type: 'text', text: 'seen:' }, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } }] }] }] }).finalMessage();
      assert.deepEqual(lint(mock.last.body), []);
      const parts = mock.last.body.messages.flatMap((m) => (Array.isArray(m.content) ? m.content : []));
      assert.deepEqual(parts.filter((part) => part.type === 'image_url').map((part) => part.image_url.url), [`data:image/png;base64,${pixel}`]);
      const elsewhere = JSON.stringify(mock.last.body).split(pixel).length - 1;
      assert.equal(elsewhere, 1, 'never as text too');
    });

    test('usage with its cache classes', async () => {
      const usage = { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
        completion_tokens_details: { reasoning_tokens: 5 } };
      mock.next(sse(textChunks(['x'], { usage })));
      const message = await client().messages.stream(ask()).finalMessage();
      assert.equal(message.usage.input_tokens, 30);
      assert.equal(message.usage.cache_read_input_tokens, 60);
      assert.equal(message.usage.cache_creation_input_tokens, 10);
      assert.equal(message.usage.output_tokens, 20);
      assert.equal(mock.last.body.stream_options.include_usage, true);
    });

    test('usage is estimated when the provider gives none', async () => {
      mock.next(sse(textChunks(['some words of an answer'], { usage: null })));
      const message = await client().messages.stream(ask()).finalMessage();
      assert.ok(message.usage.input_tokens > 0 && message.usage.output_tokens > 0, JSON.stringify(message.usage));
    });

    for (const [finish, expected] of [['stop', 'end_turn'], ['length', 'max_tokens'], ['content_filter', 'refusal'], ['eos', 'end_turn'],
      ['something_new', 'end_turn'], ['tool_calls', 'end_turn']]) {
      test(`finish_reason ${finish} is stop_reason ${expected}`, async () => {
        mock.next(sse(textChunks(['x'], { finish })), json(200, completion({ content: 'x' }, { finish })));
        const streamed = await client().messages.stream(ask()).finalMessage();
        const whole = await client().messages.create(ask());
        assert.equal(streamed.stop_reason, expected);
        assert.equal(whole.stop_reason, expected);
      });
    }

    test('a finished call is tool_use even when the provider says stop', async () => {
      mock.next(sse([...toolChunks(0, 'c', 'get_weather', { place: 'A' }), delta({}, 'stop'), usageChunk({ prompt_tokens: 1, completion_tokens: 1 })]));
      const message = await client().messages.stream(ask('w', { tools: [weatherTool] })).finalMessage();
      assert.equal(message.stop_reason, 'tool_use');
    });

    test('ids that the provider uses twice are unique for the client', async () => {
      mock.next(sse([...toolChunks(0, 'functions.Bash:0', 'get_weather', { place: 'A' }), ...toolEnd()]));
      const first = await client().messages.stream(ask('w', { tools: [weatherTool] })).finalMessage();
      mock.next(sse([...toolChunks(0, 'functions.Bash:0', 'get_weather', { place: 'B' }), ...toolEnd()]));
      const second = await client().messages.stream({ ...ask('', { tools: [weatherTool] }), messages: [{ role: 'user', content: 'w' },
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: first.content[0].id, content: 'r' }] }] }).finalMessage();
      assert.notEqual(second.content[0].id, first.content[0].id);
      for (const { id } of [first.content[0], second.content[0]]) assert.match(id, /^[A-Za-z0-9_-]+$/);
      assert.deepEqual(lint(mock.last.body), []);
    });

    test('stop sequences and sampling reach the provider', async () => {
      mock.next(sse(textChunks(['x'])));
      await client().messages.stream(ask('x', { stop_sequences: ['###', 'END'] })).finalMessage();
      assert.deepEqual(mock.last.body.stop, ['###', 'END']);
      assert.deepEqual(lint(mock.last.body), []);
    });

    for (const [choice, expected] of [[{ type: 'auto' }, 'auto'], [{ type: 'any' }, 'required'], [{ type: 'none' }, 'none'],
      [{ type: 'tool', name: 'get_weather' }, { type: 'function', function: { name: 'get_weather' } }]]) {
      test(`tool_choice ${choice.type}`, async () => {
        mock.next(sse(textChunks(['x'])));
        await client().messages.stream(ask('x', { tools: [weatherTool], tool_choice: choice })).finalMessage();
        assert.deepEqual(mock.last.body.tool_choice, expected);
      });
    }

    test('a reply that arrives byte by byte', async () => {
      mock.next(drip(textChunks(['slow 🐢', ' text'])));
      assert.equal(texts(await client().messages.stream(ask()).finalMessage()), 'slow 🐢 text');
    });

    for (const encoding of ['gzip', 'deflate']) {
      test(`a reply in ${encoding}`, async () => {
        mock.next(gzipped(textChunks(['packed ', 'text']), { encoding }));
        assert.equal(texts(await client().messages.stream(ask()).finalMessage()), 'packed text');
      });
    }

    test('a whole JSON reply to a streaming request', async () => {
      mock.next(json(200, completion({ content: 'all at once' })));
      const message = await client().messages.stream(ask()).finalMessage();
      assert.equal(texts(message), 'all at once');
      assert.equal(message.usage.output_tokens, 7);
    });

    test('no [DONE] but a finish reason is a complete reply', async () => {
      mock.next(sse(textChunks(['whole']), { done: false }));
      const message = await client().messages.stream(ask()).finalMessage();
      assert.equal(texts(message), 'whole');
      assert.equal(message.usage.output_tokens, 7);
    });

    test('an explicit provider,model', async () => {
      mock.next(sse(textChunks(['x'])));
      const message = await client().messages.stream(ask('x', { model: 'mock,some,model' })).finalMessage();
      assert.equal(mock.last.body.model, 'some,model');
      assert.equal(message.model, 'mock,some,model');
    });
  });
}

test('the stream is framed as clients need it', async () => {
  mock.next(sse([': keep-alive\n\n', ...textChunks(['a']), ': OPENROUTER PROCESSING\n\n']));
  const reply = await router.messages(ask('x', { stream: true }));
  assert.equal(reply.status, 200);
  assert.match(reply.headers['content-type'], /^text\/event-stream/);
  assert.equal(reply.headers['cache-control'], 'no-cache');
  assert.match(reply.headers['request-id'], /^req_\w+$/);
  assert.equal(reply.headers['content-encoding'], undefined);
  assert.equal(reply.headers['x-ccr-provider'], 'mock');
  assert.equal(reply.headers['x-ccr-model'], 'm1');
  assert.ok(reply.complete);
  const events = parseSse(reply.text);
  assertGrammar(events);
  assert.equal(events[0].data.message.usage.output_tokens, 0);
  assert.deepEqual(events[0].data.message.content, []);
  assert.doesNotMatch(reply.text, /\[DONE\]|OPENROUTER|chatcmpl-upstream1/);
});
