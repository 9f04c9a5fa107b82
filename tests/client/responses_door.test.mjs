// SPDX-License-Identifier: MIT
// OpenAI's own SDK against /v1/responses, over providers of three formats: what a client sees does
// not tell which of them served it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import OpenAI from 'openai';
import { anthropicFrames, calls, message, providers, said } from './door_replies.mjs';
import * as gemini from './gemini_replies.mjs';
import { plantedSecrets, Router } from './harness.mjs';
import { MockProvider, broken, json, sse } from './mock_provider.mjs';
import { textChunks } from './replies.mjs';
import { checkEvents, eventsOf } from './responses_events.mjs';

const secrets = plantedSecrets();
let mock;
let router;
let client;

before(async () => {
  mock = await MockProvider.start();
  const provider = (name, path, more) => ({ name, api_base_url: `${mock.url}${path}`, api_key: secrets.provider, models: ['m'], ...more });
  router = await Router.start({ secrets, providers: [
    provider('openai', '/v1/chat/completions', { profile: 'deepseek' }),
    provider('anthropic', '/v1/messages', { protocol: 'anthropic' }),
    provider('gemini', '/v1beta/models/', { transformer: { use: ['gemini'] } }),
    provider('responses', '/v1/responses', { protocol: 'openai-responses' })] });
  client = new OpenAI({ baseURL: `${router.url}/v1`, apiKey: secrets.router, maxRetries: 0, timeout: 30_000 });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

const weather = { type: 'function', name: 'get_weather', description: 'Weather of a place', strict: false,
  parameters: { type: 'object', properties: { place: { type: 'string' }, days: { type: 'integer' } }, required: ['place'] } };
const ask = (model, extra = {}) => ({ model, instructions: 'Be brief.', input: 'Hello?', store: false, ...extra });
const ofType = (reply, type) => reply.output.filter((item) => item.type === type);

// The same reply streamed by hand, streamed through the SDK, and whole.
async function all(provider, what, extra, check) {
  const [streamed, whole] = providers[provider][what];
  mock.next(streamed());
  const raw = await router.request('POST', '/v1/responses', { body: ask(`${provider},m`, { stream: true, ...extra }) });
  assert.equal(raw.status, 200, raw.text);
  check(checkEvents(eventsOf(raw.text)));
  mock.next(streamed());
  check(await client.responses.stream(ask(`${provider},m`, extra)).finalResponse());
  mock.next(whole());
  check(await client.responses.create(ask(`${provider},m`, extra)));
}

for (const provider of Object.keys(providers)) {
  describe(`over ${provider}`, () => {
    test('text', () => all(provider, 'text', { metadata: { a: 'b' } }, (reply) => {
      assert.equal(reply.status, 'completed');
      assert.equal(reply.object, 'response');
      assert.match(reply.id, /^resp_/);
      assert.equal(reply.model, `${provider},m`);
      assert.ok(reply.created_at > 1.7e9);
      assert.deepEqual(reply.metadata, { a: 'b' });
      const [item] = reply.output;
      assert.deepEqual([item.type, item.role, item.status, item.content[0].type, item.content[0].text], ['message', 'assistant', 'completed', 'output_text', said]);
      assert.match(item.id, /^msg_/);
      assert.equal(reply.usage.input_tokens, 100);
      assert.equal(reply.usage.input_tokens_details.cached_tokens, 60);
      assert.equal(reply.usage.total_tokens, reply.usage.input_tokens + reply.usage.output_tokens);
    }));

    test('parallel tool calls', () => all(provider, 'tools', { tools: [weather] }, (reply) => {
      const made = ofType(reply, 'function_call');
      assert.deepEqual(made.map((call) => JSON.parse(call.arguments)), calls);
      assert.equal(new Set(made.map((call) => call.call_id)).size, 2);
      assert.equal(new Set(made.map((call) => call.id)).size, 2);
      for (const call of made) assert.deepEqual([call.name, call.status], ['get_weather', 'completed']);
    }));

    test('reasoning in front of the answer', () => all(provider, 'reasoning', { reasoning: { effort: 'high', summary: 'auto' } }, (reply) => {
      assert.deepEqual(reply.output.map((item) => item.type), ['reasoning', 'message']);
      assert.deepEqual(reply.output[0].summary, [{ type: 'summary_text', text: 'Hm. So.' }]);
      assert.match(reply.output[0].encrypted_content, /^ccr1\./);
      assert.match(reply.output[0].id, /^rs_/);
    }));

    test('calls and their outputs come back as one turn each', async () => {
      mock.next(providers[provider].text[0]());
      const call = (id) => ({ type: 'function_call', call_id: id, name: 'get_weather', arguments: '{"place":"Paris"}' });
      const input = [{ role: 'developer', content: 'Be kind.' }, { role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] }, call('call_1'), call('call_2'),
        { type: 'function_call_output', call_id: 'call_1', output: 'dry' },
        { type: 'function_call_output', call_id: 'call_2', output: [{ type: 'input_text', text: 'rain' }] }];
      await client.responses.stream(ask(`${provider},m`, { tools: [weather], input })).finalResponse();
      const { body } = mock.last;
      if (provider === 'anthropic') {
        assert.deepEqual(body.system.map((block) => block.text), ['Be brief.', 'Be kind.']);
        assert.deepEqual(body.messages.map((each) => each.role), ['user', 'assistant', 'user']);
        assert.deepEqual(body.messages[1].content.map((block) => [block.id, block.input]), [['call_1', { place: 'Paris' }], ['call_2', { place: 'Paris' }]]);
        assert.deepEqual(body.messages[2].content.map((block) => [block.type, block.tool_use_id]), [['tool_result', 'call_1'], ['tool_result', 'call_2']]);
      } else if (provider === 'openai') {
        assert.deepEqual(body.messages.map((each) => each.role), ['system', 'user', 'assistant', 'tool', 'tool']);
        assert.deepEqual(body.messages.slice(3).map((each) => each.content), ['dry', 'rain']);
      } else {
        assert.deepEqual(body.contents.map((each) => each.role), ['user', 'model', 'user']);
        assert.equal(body.contents[2].parts.length, 2);
      }
    });

    test('an error before anything was said', async () => {
      mock.next(json(400, { error: { message: 'This model\'s maximum context length is 10 tokens; you requested 20 tokens', code: 'context_length_exceeded', status: 'INVALID_ARGUMENT' } }));
      const error = await client.responses.create(ask(`${provider},m`)).catch((e) => e);
      assert.deepEqual([error.status, error.code], [400, 'context_length_exceeded']);
    });

    test('a stream that breaks off says that it failed', async () => {
      const begun = { openai: textChunks(['Hel']).slice(0, 2), anthropic: anthropicFrames([{ type: 'text', text: 'Hel' }], 'end_turn').slice(0, 3),
        gemini: [gemini.chunk([gemini.text('Hel')])] }[provider];
      mock.next(broken(begun, 'reset'));
      const reply = await router.request('POST', '/v1/responses', { body: ask(`${provider},m`, { stream: true }) });
      const response = checkEvents(eventsOf(reply.text));
      assert.equal(response.status, 'failed');
      assert.ok(response.error.message.length > 0);
      assert.equal(response.error.code, 'server_error');
    });
  });
}

test('reasoning comes back to the model that made it, and to no other', async () => {
  mock.next(providers.anthropic.reasoning[1]());
  const first = await client.responses.create(ask('anthropic,m', { reasoning: { effort: 'high' }, include: ['reasoning.encrypted_content'] }));
  const input = [{ role: 'user', content: 'Hello?' }, ...first.output, { role: 'user', content: 'And?' }];
  mock.next(providers.anthropic.text[1]());
  await client.responses.create(ask('anthropic,m', { input }));
  assert.deepEqual(mock.last.body.messages[1].content, [{ type: 'thinking', thinking: 'Hm. So.', signature: 'U0lH' }, { type: 'text', text: said }]);
  mock.next(providers.openai.text[1]());
  await client.responses.create(ask('openai,m', { input }));
  assert.ok(!JSON.stringify(mock.last.body).includes('Hm. So.'));
});

test('a custom tool takes its input as it is, and gives it back', async () => {
  const patch = 'line "1"\n\tline 2 🌦';
  const block = { type: 'tool_use', id: 'toolu_1', name: 'apply_patch', input: { input: patch } };
  const tools = [{ type: 'custom', name: 'apply_patch', description: 'Patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' } }];
  mock.next(sse(anthropicFrames([block], 'tool_use'), { done: false }));
  const streamed = await router.request('POST', '/v1/responses', { body: ask('anthropic,m', { tools, stream: true }) });
  const events = eventsOf(streamed.text);
  const [call] = checkEvents(events).output;
  assert.deepEqual([call.type, call.name, call.input, call.call_id], ['custom_tool_call', 'apply_patch', patch, 'toolu_1']);
  assert.ok(events.filter((event) => event.type === 'response.custom_tool_call_input.delta').length > 2, 'as it comes');
  mock.next(json(200, message([block], 'tool_use')));
  const whole = await client.responses.create(ask('anthropic,m', { tools }));
  assert.equal(whole.output[0].input, patch);
  const [tool] = mock.last.body.tools;
  assert.deepEqual(tool.input_schema.required, ['input']);
  assert.match(tool.description, /lark/);

  mock.next(providers.anthropic.text[1]());
  await client.responses.create(ask('anthropic,m', { tools, input: [{ role: 'user', content: 'Patch' }, call, { type: 'custom_tool_call_output', call_id: 'toolu_1', output: 'ok' }] }));
  assert.deepEqual(mock.last.body.messages[1].content[0].input, { input: patch });
});

test('tools of a namespace', async () => {
  const tools = [{ type: 'namespace', name: 'mail', description: 'Mail', tools: [{ type: 'function', name: 'send', parameters: { type: 'object', properties: {} }, strict: false }] }];
  const block = { type: 'tool_use', id: 'toolu_1', name: 'mail__send', input: {} };
  mock.next(sse(anthropicFrames([block], 'tool_use'), { done: false }));
  const streamed = await router.request('POST', '/v1/responses', { body: ask('anthropic,m', { tools, stream: true }) });
  const [call] = checkEvents(eventsOf(streamed.text)).output;
  assert.deepEqual([call.name, call.namespace, call.arguments], ['send', 'mail', '{}']);
  assert.equal(mock.last.body.tools[0].name, 'mail__send');
  mock.next(providers.anthropic.text[1]());
  await client.responses.create(ask('anthropic,m', { tools, input: [{ role: 'user', content: 'Send' }, call, { type: 'function_call_output', call_id: 'toolu_1', output: 'sent' }] }));
  assert.equal(mock.last.body.messages[1].content[0].name, 'mail__send');
});

test('tools that only OpenAI runs are left out elsewhere, which is said', async () => {
  const tools = [{ type: 'code_interpreter', container: { type: 'auto' } }, { type: 'mcp', server_label: 'm', server_url: 'https://example.org', authorization: 'secret' }, weather];
  for (const provider of Object.keys(providers)) {
    mock.next(providers[provider].text[1]());
    const reply = await router.request('POST', '/v1/responses', { body: ask(`${provider},m`, { tools }) });
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(reply.headers['x-ccr-warn'].split(/, ?/), ['tools.code_interpreter', 'tools.mcp']);
    const sent = JSON.stringify(mock.last.body);
    assert.match(sent, /get_weather/);
    assert.doesNotMatch(sent, /code_interpreter|mcp|example\.org|authorization/);
  }
});

test('images, files and structured output', async () => {
  const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], additionalProperties: false };
  mock.next(json(200, message([{ type: 'text', text: '{"a":1}' }], 'end_turn')));
  const reply = await client.responses.parse(ask('anthropic,m', { text: { format: { type: 'json_schema', name: 'x', strict: true, schema } },
    input: [{ role: 'user', content: [{ type: 'input_text', text: 'What?' }, { type: 'input_image', image_url: 'data:image/png;base64,aGVsbG8=', detail: 'auto' },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,aGVsbG8=' }] }] }));
  assert.equal(reply.output_text, '{"a":1}');
  assert.deepEqual(mock.last.body.output_config.format, { type: 'json_schema', schema });
  assert.deepEqual(mock.last.body.messages[0].content.slice(1).map((block) => [block.type, block.source.media_type]), [['image', 'image/png'], ['document', 'application/pdf']]);
});

test('an answer that ran out of tokens, and one that was refused', async () => {
  mock.next(json(200, message([{ type: 'text', text: 'Hel' }], 'max_tokens')));
  const cut = await client.responses.create(ask('anthropic,m', { max_output_tokens: 3 }));
  assert.deepEqual([cut.status, cut.incomplete_details.reason], ['incomplete', 'max_output_tokens']);
  assert.equal(mock.last.body.max_tokens, 3);
  mock.next(json(200, message([], 'refusal')));
  const refused = await client.responses.create(ask('anthropic,m'));
  assert.deepEqual([refused.status, refused.incomplete_details.reason], ['incomplete', 'content_filter']);
});

test('where the provider speaks the same, bytes go through', async () => {
  const item = { type: 'message', id: 'msg_up', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: said, annotations: [], odd: 1 }] };
  const whole = { id: 'resp_up', object: 'response', status: 'completed', model: 'up', output: [item], usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7 } };
  const body = '{ "model":"responses,m",\t"input":[{"role":"user","content":"\\u0041"}],"odd":1.0,"tools":[{"type":"image_generation"},{"type":"code_interpreter","container":{"type":"auto"}},{"type":"mcp","server_label":"m","server_url":"https://example.org"}],"stream":STREAM }';
  const bytes = JSON.stringify(whole, null, 1);
  mock.next(json(200, bytes));
  const reply = await router.request('POST', '/v1/responses', { body: body.replace('STREAM', 'false') });
  assert.equal(reply.text, bytes);
  assert.equal(mock.last.bytes.toString(), body.replace('STREAM', 'false').replace('responses,m', 'm'));
  assert.equal(mock.last.headers.authorization, `Bearer ${secrets.provider}`);

  let number = 0;
  const event = (type, more) => `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number++, ...more })}\n\n`;
  const events = [event('response.created', { response: { ...whole, status: 'in_progress', output: [] } }), event('response.output_text.delta', { delta: 'Hel', odd: 1 }),
    event('response.completed', { response: whole })];
  mock.next(sse(events, { done: false }));
  const streamed = await router.request('POST', '/v1/responses', { body: body.replace('STREAM', 'true') });
  assert.equal(streamed.text, events.join(''));

  const failure = event('response.failed', { response: { ...whole, status: 'failed', error: { code: 'server_error', message: 'boom' } } });
  mock.next(sse([...events.slice(0, 2), failure], { done: false }));
  const failed = await router.request('POST', '/v1/responses', { body: body.replace('STREAM', 'true') });
  assert.equal(failed.text, [...events.slice(0, 2), failure].join(''), 'its own words say it');
  mock.next(broken(events.slice(0, 2), 'reset'));
  const cut = await router.request('POST', '/v1/responses', { body: body.replace('STREAM', 'true') });
  assert.ok(cut.text.startsWith(events.slice(0, 2).join('')));
  const told = eventsOf(cut.text);
  assert.deepEqual(told.map((each) => [each.type, each.sequence_number]), [['response.created', 0], ['response.output_text.delta', 1], ['response.failed', 2]]);
  assert.deepEqual([told[2].response.id, told[2].response.status, told[2].response.error.code], ['resp_up', 'failed', 'server_error']);
});

test('what would need a store is refused in words', async () => {
  const failing = (extra) => client.responses.create(ask('openai,m', extra)).catch((e) => e);
  for (const extra of [{ previous_response_id: 'resp_1' }, { input: [{ type: 'item_reference', id: 'msg_1' }] }]) {
    const error = await failing(extra);
    assert.deepEqual([error.status, error.code], [400, 'previous_response_not_found']);
    assert.match(error.message, /not stored here/);
  }
  assert.match((await failing({ background: true })).message, /background/);
  const missing = await client.responses.retrieve('resp_1').catch((e) => e);
  assert.equal(missing.status, 404);
  assert.match(missing.message, /resp_1/);
  const socket = await router.request('GET', '/v1/responses');
  assert.equal(socket.status, 404);
  assert.equal((await router.request('POST', '/v1/responses/compact', { body: {} })).status, 501);
  const preset = JSON.parse((await router.request('GET', '/preset/none/v1/responses')).text);
  assert.deepEqual([preset.error.type, preset.type], ['invalid_request_error', undefined], 'OpenAI words under a preset too');
  assert.equal(mock.requests?.length ?? 0, 0);
});
