// SPDX-License-Identifier: MIT
// Thinking: out to the client as signed blocks, and back to the provider that needs it again.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertGrammar, parseSse, plantedSecrets, Router, sdks } from './harness.mjs';
import { MockProvider, json, sse } from './mock_provider.mjs';
import { lint } from './openai_linter.mjs';
import { ask, completion, delta, textChunks, toolChunks, toolEnd, usageChunk, weatherTool } from './replies.mjs';

const secrets = plantedSecrets();
let mock;
let router;

before(async () => {
  mock = await MockProvider.start();
  const provider = (name, profile, path = 'v1/chat/completions') => ({ name, api_base_url: `${mock.url}/${path}`, api_key: secrets.provider, profile, models: ['m'] });
  router = await Router.start({ secrets, providers: [provider('ds', 'deepseek'), provider('local', 'vllm'), provider('glm', 'glm'),
    { name: 'anth', protocol: 'anthropic', api_base_url: `${mock.url}/v1/messages`, api_key: secrets.provider, models: ['claude-x'] }] });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

const usage = usageChunk({ prompt_tokens: 10, completion_tokens: 20, completion_tokens_details: { reasoning_tokens: 12 } });
const thinking = (field, ...pieces) => pieces.map((piece) => delta({ [field]: piece }));
const reasoned = (field = 'reasoning_content') => [delta({ role: 'assistant', content: null }), ...thinking(field, 'Hm, ', 'ünüsual "case"…\n'),
  delta({ content: 'So: ' }), delta({ content: '42' }), delta({}, 'stop'), usage];
const shape = (message) => message.content.map((block) => [block.type, block.thinking ?? block.text ?? block.name]);

for (const { name, Anthropic } of sdks) {
  describe(name, () => {
    const client = () => router.client(Anthropic);

    for (const [model, field] of [['ds,m', 'reasoning_content'], ['local,m', 'reasoning'], ['glm,m', 'reasoning_content']]) {
      test(`${model}: reasoning then text`, async () => {
        mock.next(sse(reasoned(field)));
        const message = await client().messages.stream(ask('x', { model, thinking: { type: 'enabled', budget_tokens: 2000 }, max_tokens: 4000 })).finalMessage();
        assert.deepEqual(shape(message), [['thinking', 'Hm, ünüsual "case"…\n'], ['text', 'So: 42']]);
        assert.ok(message.content[0].signature.length > 0, 'thinking is signed');
        assert.equal(message.stop_reason, 'end_turn');
      });
    }

    test('reasoning without streaming', async () => {
      mock.next(json(200, completion({ content: '42', reasoning_content: 'Hm.' })));
      const message = await client().messages.create(ask('x', { model: 'ds,m' }));
      assert.deepEqual(shape(message), [['thinking', 'Hm.'], ['text', '42']]);
      assert.ok(message.content[0].signature.length > 0);
    });

    test('the provider gets its reasoning back on the next turn, byte for byte', async () => {
      const thought = 'First "I" look…\n\tthen 🌦 decide.';
      mock.next(sse([...thinking('reasoning_content', ...thought.match(/[^]{1,5}/gu)), ...toolChunks(0, 'call_9', 'get_weather', { place: 'A' }), ...toolEnd()]));
      const first = await client().messages.stream(ask('w', { model: 'ds,m', tools: [weatherTool] })).finalMessage();
      assert.deepEqual(first.content.map((block) => block.type), ['thinking', 'tool_use']);
      mock.next(sse(textChunks(['done'])));
      await client().messages.stream({ ...ask('', { model: 'ds,m', tools: [weatherTool] }), messages: [{ role: 'user', content: 'w' },
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: first.content[1].id, content: 'rain' }] }] }).finalMessage();
      const assistant = mock.last.body.messages.find((message) => message.role === 'assistant');
      assert.equal(assistant.reasoning_content, thought);
      assert.equal(assistant.tool_calls.length, 1);
      assert.deepEqual(lint(mock.last.body, ['reasoning_content', 'thinking']), []);
    });

    test('DeepSeek gets an empty reasoning_content where the client dropped it', async () => {
      mock.next(sse(textChunks(['done'])));
      await client().messages.stream({ ...ask('', { model: 'ds,m', tools: [weatherTool], thinking: { type: 'enabled', budget_tokens: 2000 }, max_tokens: 4000 }), messages: [
        { role: 'user', content: 'w' }, { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'get_weather', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'rain' }] }] }).finalMessage();
      assert.equal(mock.last.body.messages.find((message) => message.role === 'assistant').reasoning_content, '');
    });

    test('nobody gets the reasoning of another provider', async () => {
      mock.next(sse(reasoned()));
      const first = await client().messages.stream(ask('x', { model: 'ds,m' })).finalMessage();
      const history = [{ role: 'user', content: 'x' }, { role: 'assistant', content: first.content }, { role: 'user', content: 'y' }];

      mock.next(sse(textChunks(['ok'])));
      await client().messages.stream({ ...ask('', { model: 'local,m' }), messages: history }).finalMessage();
      assert.doesNotMatch(mock.last.bytes.toString(), /nüsual|ccr1\./);

      mock.next(json(200, { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-x', content: [{ type: 'text', text: 'ok' }],
        stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } }));
      await client().messages.create({ ...ask('', { model: 'anth,claude-x' }), messages: history });
      assert.doesNotMatch(mock.last.bytes.toString(), /nüsual|ccr1\./);
      assert.equal(mock.last.body.messages[1].content.at(-1).text, 'So: 42');
    });

    test('an Anthropic signature goes to no other provider', async () => {
      mock.next(sse(textChunks(['ok'])));
      await client().messages.stream({ ...ask('', { model: 'local,m' }), messages: [{ role: 'user', content: 'x' },
        { role: 'assistant', content: [{ type: 'thinking', thinking: 'private thoughts', signature: 'EqQBCkYIBxgCKkA0' }, { type: 'text', text: 'so' }] },
        { role: 'user', content: 'y' }] }).finalMessage();
      assert.doesNotMatch(mock.last.bytes.toString(), /private thoughts|EqQBCkYIBxgCKkA0/);
    });
  });
}

test('the signature comes once, whole, as the last delta of its block', async () => {
  mock.next(sse(reasoned()));
  const reply = await router.messages(ask('x', { model: 'ds,m', stream: true }));
  const events = parseSse(reply.text);
  assertGrammar(events);
  const deltas = events.filter(({ event, data }) => event === 'content_block_delta' && data.index === 0).map(({ data }) => data.delta.type);
  assert.equal(deltas.filter((type) => type === 'signature_delta').length, 1);
  assert.equal(deltas.at(-1), 'signature_delta');
  assert.equal(events.at(-2).data.usage.output_tokens_details?.thinking_tokens, 12);
});

test('text, reasoning, text is three blocks', async () => {
  mock.next(sse([delta({ content: 'one' }), ...thinking('reasoning_content', 'hm'), delta({ content: 'two' }), delta({}, 'stop'), usage]));
  const events = parseSse((await router.messages(ask('x', { model: 'ds,m', stream: true }))).text);
  assertGrammar(events);
  assert.deepEqual(events.filter(({ event }) => event === 'content_block_start').map(({ data }) => data.content_block.type), ['text', 'thinking', 'text']);
});
