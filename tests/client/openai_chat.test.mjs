// SPDX-License-Identifier: MIT
// OpenAI's own SDK against /v1/chat/completions, over providers of three formats: what a client
// sees does not tell which of them served it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import OpenAI from 'openai';
import { plantedSecrets, Router } from './harness.mjs';
import { anthropicFrames, calls, message, providers, said } from './door_replies.mjs';
import * as gemini from './gemini_replies.mjs';
import { MockProvider, broken, json, sse } from './mock_provider.mjs';
import { completion, textChunks } from './replies.mjs';

const secrets = plantedSecrets();
let mock;
let router;
let client;

before(async () => {
  mock = await MockProvider.start();
  const provider = (name, path, more) => ({ name, api_base_url: `${mock.url}${path}`, api_key: secrets.provider, models: ['m'], ...more });
  router = await Router.start({ secrets, providers: [
    provider('openai', '/v1/chat/completions', { profile: 'deepseek' }),
    provider('same', '/v1/chat/completions', { profile: 'openai' }),
    provider('anthropic', '/v1/messages', { protocol: 'anthropic' }),
    provider('gemini', '/v1beta/models/', { transformer: { use: ['gemini'] } })] });
  client = new OpenAI({ baseURL: `${router.url}/v1`, apiKey: secrets.router, maxRetries: 0, timeout: 30_000 });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

const weather = { type: 'function', function: { name: 'get_weather', description: 'Weather of a place',
  parameters: { type: 'object', properties: { place: { type: 'string' }, days: { type: 'integer' } }, required: ['place'] } } };
const ask = (model, extra = {}) => ({ model, messages: [{ role: 'developer', content: 'Be brief.' }, { role: 'user', content: 'Hello?' }], ...extra });

async function both(provider, what, extra, check) {
  const [streamed, whole] = providers[provider][what];
  mock.next(streamed());
  const stream = client.chat.completions.stream(ask(`${provider},m`, { stream_options: { include_usage: true }, ...extra }));
  // The SDK keeps the last piece only of what it does not know.
  let thoughts = '';
  stream.on('chunk', (chunk) => { thoughts += chunk.choices[0]?.delta.reasoning_content ?? ''; });
  check(await stream.finalChatCompletion(), thoughts);
  mock.next(whole());
  const reply = await client.chat.completions.create(ask(`${provider},m`, extra));
  check(reply, reply.choices[0].message.reasoning_content ?? '');
}

for (const provider of Object.keys(providers)) {
  describe(`over ${provider}`, () => {
    test('text', () => both(provider, 'text', {}, (reply) => {
      const [choice] = reply.choices;
      assert.equal(choice.message.content, said);
      assert.equal(choice.message.role, 'assistant');
      assert.equal(choice.finish_reason, 'stop');
      assert.match(reply.id, /^chatcmpl-/);
      assert.equal(reply.model, `${provider},m`);
      assert.ok(reply.created > 1.7e9);
      assert.equal(reply.usage.prompt_tokens, 100);
      assert.equal(reply.usage.prompt_tokens_details.cached_tokens, 60);
      assert.equal(reply.usage.total_tokens, reply.usage.prompt_tokens + reply.usage.completion_tokens);
    }));

    test('parallel tool calls', () => both(provider, 'tools', { tools: [weather] }, (reply) => {
      const [choice] = reply.choices;
      assert.equal(choice.finish_reason, 'tool_calls');
      assert.equal(choice.message.content, null);
      assert.deepEqual(choice.message.tool_calls.map((call) => JSON.parse(call.function.arguments)), calls);
      assert.equal(new Set(choice.message.tool_calls.map((call) => call.id)).size, 2);
      for (const call of choice.message.tool_calls) assert.equal(call.function.name, 'get_weather');
    }));

    test('the answers to parallel calls are one turn', async () => {
      mock.next(providers[provider].text[0]());
      const call = (id) => ({ id, type: 'function', function: { name: 'get_weather', arguments: '{"place":"Paris"}' } });
      const stream = client.chat.completions.stream({ model: `${provider},m`, tools: [weather], messages: [{ role: 'user', content: 'Weather?' },
        { role: 'assistant', content: null, tool_calls: [call('call_1'), call('call_2')] },
        { role: 'tool', tool_call_id: 'call_1', content: 'dry' }, { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'rain' }] }] });
      await stream.finalChatCompletion();
      const { body } = mock.last;
      if (provider === 'anthropic') {
        assert.equal(body.messages.length, 3);
        assert.deepEqual(body.messages[2].content.map((block) => [block.type, block.tool_use_id]), [['tool_result', 'call_1'], ['tool_result', 'call_2']]);
        assert.deepEqual(body.messages[1].content.map((block) => block.input), [{ place: 'Paris' }, { place: 'Paris' }]);
        assert.ok(body.max_tokens > 0, 'a limit is required');
      } else if (provider === 'openai') {
        assert.deepEqual(body.messages.slice(-2).map((each) => [each.role, each.content]), [['tool', 'dry'], ['tool', 'rain']]);
        assert.equal(body.max_tokens, undefined, 'what the client leaves open stays open');
      }
    });

    test('reasoning', () => both(provider, 'reasoning', { reasoning_effort: 'high' }, (reply, thoughts) => {
      assert.equal(reply.choices[0].message.content, said);
      assert.equal(thoughts, 'Hm. So.');
    }));

    test('raw stream', async () => {
      mock.next(providers[provider].text[0]());
      const reply = await router.request('POST', '/v1/chat/completions', { body: ask(`${provider},m`, { stream: true }) });
      assert.equal(reply.status, 200);
      assert.match(reply.headers['content-type'], /^text\/event-stream/);
      const data = reply.text.split('\n').filter((line) => line.startsWith('data: ')).map((line) => line.slice(6));
      assert.equal(data.at(-1), '[DONE]');
      const chunks = data.slice(0, -1).map((line) => JSON.parse(line));
      assert.equal(chunks[0].choices[0].delta.role, 'assistant');
      for (const chunk of chunks) {
        assert.equal(chunk.object, 'chat.completion.chunk');
        assert.equal(chunk.choices.length, 1, 'no chunk of usage unless asked for');
        assert.equal(chunk.choices[0].index, 0);
      }
      assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
      assert.equal(chunks.filter((chunk) => chunk.choices[0].finish_reason).length, 1);
    });

    test('an error before anything was said', async () => {
      mock.next(json(400, { error: { message: "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.", code: 'context_length_exceeded', type: 'invalid_request_error' } }));
      const error = await client.chat.completions.create(ask(`${provider},m`)).catch((e) => e);
      assert.equal(error.status, 400);
      assert.equal(error.code, 'context_length_exceeded');
      mock.next(json(503, { error: { message: 'overloaded' } }));
      const busy = await client.chat.completions.create(ask(`${provider},m`)).catch((e) => e);
      assert.equal(busy.status, 503);
      assert.equal(busy.code, 'server_is_overloaded');
      mock.next(json(401, { error: { message: `bad key ${secrets.provider}` } }));
      const refused = await client.chat.completions.create(ask(`${provider},m`)).catch((e) => e);
      assert.equal(refused.status, 502, 'the client cannot help it that our key is refused');
    });

    test('a stream that breaks off', async () => {
      const begun = { openai: textChunks(['Hel']).slice(0, 2), anthropic: anthropicFrames([{ type: 'text', text: 'Hel' }], 'end_turn').slice(0, 3),
        gemini: [gemini.chunk([gemini.text('Hel')])] }[provider];
      mock.next(broken(begun, 'reset'));
      const reply = await router.request('POST', '/v1/chat/completions', { body: ask(`${provider},m`, { stream: true }) });
      const data = reply.text.split('\n').filter((line) => line.startsWith('data: ')).map((line) => JSON.parse(line.slice(6)));
      assert.ok(data.at(-1).error.message.length > 0);
      assert.ok(!data.some((chunk) => chunk.choices?.[0]?.finish_reason), 'no end that looks like one');
      mock.next(broken(begun, 'reset'));
      await assert.rejects(client.chat.completions.stream(ask(`${provider},m`)).finalChatCompletion());
    });

    test('no credentials of the client go on', async () => {
      mock.next(providers[provider].text[1]());
      await client.chat.completions.create(ask(`${provider},m`), { headers: { 'x-api-key': secrets.router, cookie: 'a=b' } });
      assert.ok(!JSON.stringify(mock.last.headers).includes(secrets.router));
      assert.equal(mock.last.headers.cookie, undefined);
    });
  });
}

test('where the provider speaks the same, bytes go through', async () => {
  const body = '{ "model":"same,gpt-4.1",\t"messages":[{"role":"developer","content":"\\u0041"},{"role":"user","content":"x"}],"seed":7,"odd":1.0,"stream":STREAM }';
  const whole = JSON.stringify({ ...completion({ content: 'Hi', annotations: [] }), system_fingerprint: 'fp' }, null, 1);
  mock.next(json(200, whole));
  const reply = await router.request('POST', '/v1/chat/completions', { body: body.replace('STREAM', 'false'), headers: { 'openai-beta': 'a=b', 'openai-organization': 'org' } });
  assert.equal(reply.text, whole);
  assert.equal(mock.last.bytes.toString(), body.replace('STREAM', 'false').replace('same,gpt-4.1', 'gpt-4.1'));
  assert.deepEqual([mock.last.headers['openai-beta'], mock.last.headers['openai-organization']], ['a=b', undefined]);
  assert.equal(mock.last.headers.authorization, `Bearer ${secrets.provider}`);

  const chunks = textChunks(['Hel', 'lo']).map((each) => ({ ...each, service_tier: 'default' }));
  const asked = body.replace('STREAM', 'true,"stream_options":{"include_usage":true}');
  mock.next(sse(chunks));
  const streamed = await router.request('POST', '/v1/chat/completions', { body: asked });
  assert.equal(streamed.text, `${chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')}data: [DONE]\n\n`);
  mock.next(sse(chunks, { done: false }));
  const unended = await router.request('POST', '/v1/chat/completions', { body: asked });
  assert.equal(unended.text, streamed.text, 'an end mark that was forgotten is added');

  mock.next(sse(chunks));
  const uncounted = await router.request('POST', '/v1/chat/completions', { body: body.replace('STREAM', 'true') });
  assert.equal(mock.last.body.stream_options.include_usage, true);
  assert.ok(!uncounted.text.includes('usage'), 'the client did not ask for it');
  assert.match(uncounted.text, /\[DONE\]\n\n$/);

  mock.next(sse([...chunks.slice(0, 2), { error: { message: 'overloaded', code: 503 } }], { done: false }));
  const failed = await router.request('POST', '/v1/chat/completions', { body: asked });
  assert.equal(failed.text.match(/"error"/g).length, 1);
  assert.doesNotMatch(failed.text, /\[DONE\]|finish_reason":"/);

  // What an imitation calls an error is told again in words that the client looks for.
  for (const foreign of [{ object: 'error', message: 'overloaded', code: 503 }, { detail: 'overloaded' }]) {
    mock.next(sse([...chunks.slice(0, 2), foreign], { done: false }));
    const told = await router.request('POST', '/v1/chat/completions', { body: asked });
    assert.match(told.text, /data: \{"error":\{"message":"overloaded"[^\n]*\n\n$/);
    assert.doesNotMatch(told.text, /\[DONE\]/);
  }
});

test('models, as OpenAI and Codex read them', async () => {
  const listed = [];
  for await (const model of client.models.list()) listed.push(model);
  assert.ok(listed.some((model) => model.id === 'openai,m' && model.object === 'model' && model.owned_by === 'openai'));
  assert.equal((await client.models.retrieve('openai,m')).id, 'openai,m');
  const missing = await client.models.retrieve('none,such').catch((e) => e);
  assert.deepEqual([missing.status, missing.code], [404, 'model_not_found']);
  const headers = { authorization: `Bearer ${secrets.router}` };
  const codex = JSON.parse((await router.request('GET', '/v1/models?client_version=0.90.0', { headers, key: null })).text);
  assert.ok(codex.models.some((model) => model.slug === 'openai,m' && model.display_name));
  assert.equal(codex.object, 'list');
  const foreign = JSON.parse((await router.request('GET', '/v1/models/none')).text);
  assert.equal(foreign.error.type, 'not_found_error', 'an Anthropic client hears it in its own words');
  const alias = codex.data.map((model) => model.id).find((id) => id.includes('anthropic-m'));
  mock.next(providers.anthropic.text[1]());
  assert.equal((await client.chat.completions.create(ask(alias))).choices[0].message.content, said);
});

test('signed reasoning comes back to the model that made it', async () => {
  mock.next(providers.anthropic.reasoning[1]());
  const first = await client.chat.completions.create(ask('anthropic,m', { reasoning_effort: 'high' }));
  assert.equal(first.choices[0].message.reasoning_content, 'Hm. So.');
  mock.next(providers.anthropic.text[1]());
  await client.chat.completions.create({ model: 'anthropic,m', messages: [{ role: 'user', content: 'Hello?' }, first.choices[0].message, { role: 'user', content: 'And?' }] });
  assert.deepEqual(mock.last.body.messages[1].content, [{ type: 'thinking', thinking: 'Hm. So.', signature: 'U0lH' }, { type: 'text', text: said }]);
  mock.next(providers.openai.text[1]());
  await client.chat.completions.create({ model: 'openai,m', messages: [{ role: 'user', content: 'Hello?' }, first.choices[0].message, { role: 'user', content: 'And?' }] });
  assert.ok(!JSON.stringify(mock.last.body).includes('Hm. So.'), 'and to no other');
});

test('a custom tool takes its input as it is', async () => {
  const patch = 'line "1"\n\tline 2 🌦';
  for (const streamed of [true, false]) {
    const block = { type: 'tool_use', id: 'toolu_1', name: 'apply_patch', input: { input: patch } };
    mock.next(streamed ? sse(anthropicFrames([block], 'tool_use'), { done: false }) : json(200, message([block], 'tool_use')));
    const body = ask('anthropic,m', { stream: streamed, tools: [{ type: 'custom', custom: { name: 'apply_patch', description: 'Patch',
      format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } } } }] });
    const reply = await router.request('POST', '/v1/chat/completions', { body });
    assert.equal(reply.status, 200, reply.text);
    let input = '';
    if (streamed) {
      for (const line of reply.text.split('\n').filter((each) => each.startsWith('data: {'))) {
        const call = JSON.parse(line.slice(6)).choices[0].delta.tool_calls?.[0];
        if (call?.type) assert.equal(call.type, 'custom');
        input += call?.custom.input ?? '';
      }
    } else {
      const [call] = JSON.parse(reply.text).choices[0].message.tool_calls;
      assert.equal(call.type, 'custom');
      input = call.custom.input;
    }
    assert.equal(input, patch);
    const [tool] = mock.last.body.tools;
    assert.deepEqual(tool.input_schema.required, ['input']);
    assert.match(tool.description, /lark/);
  }
});

test('an image', async () => {
  const data = 'aGVsbG8=';
  mock.next(providers.anthropic.text[1]());
  await client.chat.completions.create({ model: 'anthropic,m', messages: [{ role: 'user', content: [{ type: 'text', text: 'What?' },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } }, { type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] }] });
  assert.deepEqual(mock.last.body.messages[0].content.slice(1).map((block) => block.source),
    [{ type: 'base64', media_type: 'image/png', data }, { type: 'url', url: 'https://example.com/a.png' }]);
});

test('structured output', async () => {
  const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], additionalProperties: false };
  mock.next(json(200, message([{ type: 'text', text: '{"a":1}' }], 'end_turn')));
  const reply = await client.chat.completions.parse(ask('anthropic,m', { response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } } }));
  assert.equal(reply.choices[0].message.content, '{"a":1}');
  assert.deepEqual(mock.last.body.output_config.format, { type: 'json_schema', schema });
});

test('what cannot be done is said in OpenAI words', async () => {
  const failing = (extra) => client.chat.completions.create(ask('openai,m', extra)).catch((e) => e);
  const choices = await failing({ n: 2 });
  assert.deepEqual([choices.status, choices.type], [400, 'invalid_request_error']);
  assert.match(choices.message, /n:/);
  assert.match((await failing({ messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: '', format: 'wav' } }] }] })).message, /input_audio/);
  const stranger = new OpenAI({ baseURL: `${router.url}/v1`, apiKey: 'sk-wrong', maxRetries: 0 });
  const refused = await stranger.chat.completions.create(ask('openai,m')).catch((e) => e);
  assert.deepEqual([refused.status, refused.code], [401, 'invalid_api_key']);
  assert.equal(mock.requests.length, 0);
});
