// SPDX-License-Identifier: MIT
// OpenAI's Responses format behind ccrd: what the SDKs get, and what the provider would see.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertErrorEnvelope, assertGrammar, parseSse, plantedSecrets, Router, sdks } from './harness.mjs';
import { MockProvider, broken, drip, json, sse } from './mock_provider.mjs';
import { ask, completion, weatherTool } from './replies.mjs';
import { begun, call, frames, lintResponses, openaiError, over, refusal, response, streamOf, text, thought, unfinished } from './responses_replies.mjs';

const secrets = plantedSecrets();
const events = (chunks, options) => sse(chunks, { done: false, ...options });
const said = (output, more) => events(streamOf(output, more));
let mock;
let router;

before(async () => {
  mock = await MockProvider.start();
  const provider = (name, path, more) => ({ name, api_base_url: `${mock.url}${path}`, api_key: secrets.provider, models: ['m'], ...more });
  router = await Router.start({ secrets, providers: [
    provider('r', '/v1/responses'),
    provider('node', '/v1', { transformer: { use: ['openai-responses'] } }),
    provider('forced', '/v1/responses', { transformer: { use: [['forceeffort', { effort: 'minimal' }], ['maxtoken', { max_tokens: 100 }], ['customparams', { text: { verbosity: 'low' } }]] } }),
    provider('chat', '/v1', { profile: { base: 'openai', responses_api: true } }),
    provider('pinned', '/v1', { profile: 'openai' }),
    provider('azure', '/', { profile: { base: 'azure', responses_api: true } })] });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

const shape = (message) => message.content.map((block) => [block.type, block.thinking ?? block.text ?? block.name]);
const seen = () => {
  assert.ok(mock.last, 'the provider was asked');
  lintResponses(mock.last.body);
  return mock.last;
};
const thinking = { thinking: { type: 'enabled', budget_tokens: 2000 }, max_tokens: 4000 };

for (const { name, Anthropic } of sdks) {
  describe(name, () => {
    const client = () => router.client(Anthropic);
    const stream = (model, extra) => client().messages.stream(ask('x', { model, ...extra })).finalMessage();

    test('text, streamed', async () => {
      mock.next(said([text('Hello "wörld" 🌦')]));
      const message = await stream('r,gpt-4.1', { system: 'Be terse.' });
      assert.deepEqual(shape(message), [['text', 'Hello "wörld" 🌦']]);
      assert.equal(message.stop_reason, 'end_turn');
      assert.deepEqual([message.usage.input_tokens, message.usage.cache_read_input_tokens, message.usage.output_tokens], [40, 60, 12]);
      const { url, headers, body } = seen();
      assert.equal(url, '/v1/responses');
      assert.equal(headers.authorization, `Bearer ${secrets.provider}`);
      assert.equal(headers['x-api-key'], undefined);
      assert.deepEqual(body.input.map((item) => item.role), ['developer', 'user']);
      assert.equal(body.stream, true);
    });

    test('text, whole, at a base URL', async () => {
      mock.next(json(200, response([text('Hello')])));
      const message = await client().messages.create(ask('x', { model: 'node,gpt-4.1' }));
      assert.deepEqual(shape(message), [['text', 'Hello']]);
      assert.equal(seen().url, '/v1/responses');
    });

    test('a tool loop with parallel calls, and reasoning that comes back', async () => {
      mock.next(said([thought(['**Plan**', 'Two cities.'], 'gAAAAB_c-1=='), call('get_weather', { place: 'Paris', days: 2 }, 'call_1'), call('get_weather', { place: 'Rom"é' }, 'call_2')]));
      const first = await stream('r,gpt-5.4', { tools: [weatherTool], ...thinking });
      assert.equal(first.stop_reason, 'tool_use');
      assert.deepEqual(shape(first), [['thinking', '**Plan**\n\nTwo cities.'], ['tool_use', 'get_weather'], ['tool_use', 'get_weather']]);
      const [, one, two] = first.content;
      assert.deepEqual([one.input, two.input], [{ place: 'Paris', days: 2 }, { place: 'Rom"é' }]);
      assert.deepEqual(seen().body.reasoning, { effort: 'low', summary: 'auto' });
      const before = JSON.stringify(mock.last.body.input);

      mock.next(said([thought([], 'gBBBB=', 'rs_2'), text('Rain.')]));
      const second = await stream('r,gpt-5.4', { tools: [weatherTool], ...thinking, messages: [
        { role: 'user', content: 'x' }, { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: two.id, content: 'dry' }, { type: 'tool_result', tool_use_id: one.id, content: 'rain' }] }] });
      const { body } = seen();
      assert.ok(JSON.stringify(body.input).startsWith(before.slice(0, -1)), 'the first turn is a prefix of the next');
      assert.deepEqual(body.input.map((item) => item.type), ['message', 'reasoning', 'function_call', 'function_call', 'function_call_output', 'function_call_output']);
      assert.deepEqual([body.input[1].id, body.input[1].encrypted_content], ['rs_up', 'gAAAAB_c-1==']);
      assert.deepEqual(body.input.slice(4).map((item) => item.output), ['rain', 'dry']);

      mock.next(said([text('Bye.')]));
      await stream('r,gpt-5.4', { ...thinking, messages: [{ role: 'user', content: 'x' }, { role: 'assistant', content: second.content }, { role: 'user', content: 'y' }] });
      const items = seen().body.input;
      assert.deepEqual(items.map((item) => item.type), ['message', 'reasoning', 'message', 'message']);
      assert.deepEqual([items[1].encrypted_content, items[2].content[0].text], ['gBBBB=', 'Rain.']);
    });

    test('thinking that is not to be shown still comes back', async () => {
      mock.next(said([thought(['secret plan'], 'gA='), text('ok')]));
      const message = await stream('r,gpt-5.4', { thinking: { type: 'adaptive', display: 'omitted' }, max_tokens: 4000 });
      assert.deepEqual(shape(message), [['thinking', ''], ['text', 'ok']]);
      assert.equal(seen().body.reasoning, undefined);
      mock.next(said([text('ok')]));
      await stream('r,gpt-5.4', { messages: [{ role: 'user', content: 'x' }, { role: 'assistant', content: message.content }, { role: 'user', content: 'y' }] });
      assert.deepEqual(seen().body.input[1], { type: 'reasoning', id: 'rs_up', summary: [], encrypted_content: 'gA=' });
    });

    test('images, also in tool results', async () => {
      const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QUJD' } };
      const sent = { type: 'input_image', detail: 'auto', image_url: 'data:image/png;base64,QUJD' };
      mock.next(said([text('a cat')]));
      await stream('r,gpt-4.1', { messages: [{ role: 'user', content: [image, { type: 'text', text: 'What?' }] },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'shot', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [image] }] }] });
      const { input } = seen().body;
      assert.deepEqual(input[0].content, [sent, { type: 'input_text', text: 'What?' }]);
      assert.deepEqual(input[2].output, [sent]);
    });

    test('a refusal, a cut, a filter', async () => {
      mock.next(said([refusal('I cannot do that.')]));
      const refused = await stream('r,gpt-4.1');
      assert.equal(refused.stop_reason, 'refusal');
      mock.next(said([text('Half')], { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }));
      assert.equal((await stream('r,gpt-4.1')).stop_reason, 'max_tokens');
      mock.next(json(200, response([text('Half')], { status: 'incomplete', incomplete_details: { reason: 'content_filter' } })));
      assert.equal((await client().messages.create(ask('x', { model: 'r,gpt-4.1' }))).stop_reason, 'refusal');
    });

    test('a stop sequence ends the answer, and the provider is told to stop', async () => {
      mock.next(events(unfinished([text('one ### two')]), { hold: true }));
      const message = await stream('r,gpt-4.1', { stop_sequences: ['###'] });
      assert.deepEqual(shape(message), [['text', 'one ']]);
      assert.deepEqual([message.stop_reason, message.stop_sequence], ['stop_sequence', '###']);
      assert.equal((await mock.last.closed).finished, false);
    });
  });
}

test('a stream byte by byte keeps the grammar', async () => {
  mock.next(drip(streamOf([thought(['Hm'], 'gA='), text('So "ö"'), call('get_weather', {}, 'call_1')])));
  const reply = await router.messages(ask('x', { model: 'r,gpt-5.4', stream: true, tools: [weatherTool] }));
  assertGrammar(parseSse(reply.text));
});

test('servers that say things only when they are done', async () => {
  const done = (item, output_index) => ({ type: 'response.output_item.done', output_index, item });
  const items = [text('So.'), call('get_weather', { place: 'Paris' }, '1')];
  for (const chunks of [[begun, ...items.map(done), over([])], [begun, over(items)]]) {
    mock.next(events(frames(chunks)));
    const message = await router.client(sdks[0].Anthropic).messages.stream(ask('x', { model: 'r,m', tools: [weatherTool] })).finalMessage();
    assert.deepEqual(shape(message), [['text', 'So.'], ['tool_use', 'get_weather']]);
    assert.deepEqual(message.content[1].input, { place: 'Paris' });
  }
});

test('transformers say it in the format’s own words', async () => {
  mock.next(json(200, response([text('ok')])));
  await router.messages(ask('x', { model: 'forced,gpt-5', ...thinking }));
  const { body } = seen();
  assert.deepEqual([body.reasoning, body.max_output_tokens, body.text], [{ effort: 'minimal', summary: 'auto' }, 100, { verbosity: 'low' }]);
});

test('errors keep their meaning', async () => {
  mock.next(json(429, openaiError('rate_limit_exceeded', 'Rate limit reached. Please try again in 7s.')));
  const limited = await router.messages(ask('x', { model: 'r,gpt-limited' }));
  assertErrorEnvelope(limited, 429, 'rate_limit_error');
  mock.next(json(400, openaiError('context_length_exceeded', 'Your input exceeds the context window of this model.', 'input')));
  const long = await router.messages(ask('x', { model: 'r,gpt-long' }));
  assert.match(assertErrorEnvelope(long, 400, 'invalid_request_error').message, /^prompt is too long/);
  mock.next(events(frames([begun, { type: 'response.failed', response: response([], { status: 'failed', error: { code: 'invalid_prompt', message: 'Flagged.' } }) }])));
  const flagged = await router.messages(ask('x', { model: 'r,gpt-flagged', stream: true }));
  assertErrorEnvelope(flagged, 400, 'invalid_request_error');
});

test('reasoning that the provider cannot read is left out the second time, for that conversation only', async () => {
  const create = (messages) => router.client(sdks[0].Anthropic).messages.create(ask('x', { model: 'r,gpt-5.4-other', ...thinking, messages }));
  const user = (content) => ({ role: 'user', content });
  mock.next(json(200, response([thought(['Hm'], 'gA='), text('a')])));
  const first = await create([user('x')]);
  const messages = [user('x'), { role: 'assistant', content: first.content }, user('y')];
  mock.next(json(400, openaiError('invalid_encrypted_content', 'The encrypted content gA= could not be verified.')), json(200, response([text('b')])));
  await create(messages);
  assert.deepEqual(seen().body.input.map((item) => item.type), ['message', 'message', 'message']);
  mock.next(json(200, response([text('c')])));
  await create(messages);
  assert.deepEqual(seen().body.input.map((item) => item.type), ['message', 'reasoning', 'message', 'message']);
});

test('summaries that the provider does not give are asked for once', async () => {
  mock.next(json(400, openaiError('unsupported_value', 'Your organization must be verified to generate reasoning summaries.', 'reasoning.summary')),
    json(200, response([text('a')])), json(200, response([text('b')])));
  for (let i = 0; i < 2; ++i) {
    const reply = await router.messages(ask('x', { model: 'r,gpt-5.4-unverified', ...thinking }));
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(seen().body.reasoning, { effort: 'low' });
  }
  assert.equal(mock.requests.length, 3);
});

test('a stream that breaks, ends early or fails ends in an error', async () => {
  const half = unfinished([text('Half of')]);
  for (const reply of [broken(half, 'reset'), events(half), events([...half, 'event: error\ndata: {"type":"error","code":"server_error","message":"Sorry."}\n\n'])]) {
    mock.next(reply);
    const got = await router.messages(ask('x', { model: 'r,gpt-4.1', stream: true }));
    assert.match(got.text, /event: error/);
    assert.doesNotMatch(got.text, /message_stop/);
  }
});

describe('newer models at a provider of Chat Completions', () => {
  const create = (extra) => router.client(sdks[0].Anthropic).messages.create(ask('x', extra));

  test('take tools in Responses, and everything else as before', async () => {
    mock.next(said([call('get_weather', { place: 'Paris' }, 'call_1')]), json(200, completion({ content: 'hi' })));
    const message = await router.client(sdks[0].Anthropic).messages.stream(ask('x', { model: 'chat,gpt-5.4', tools: [weatherTool], ...thinking })).finalMessage();
    assert.equal(message.stop_reason, 'tool_use');
    const { url, headers, body } = seen();
    assert.equal(url, '/v1/responses');
    assert.equal(headers.authorization, `Bearer ${secrets.provider}`);
    assert.equal(body.reasoning.effort, 'low');
    await create({ model: 'chat,gpt-5.4' });
    assert.equal(mock.last.url, '/v1/chat/completions');
  });

  test('unless the provider is not known to have it', async () => {
    mock.next(json(200, completion({ content: 'hi' })));
    await create({ model: 'pinned,gpt-5.4', tools: [weatherTool], ...thinking });
    assert.equal(mock.last.url, '/v1/chat/completions');
    assert.equal(mock.last.body.reasoning_effort, 'none');
  });

  test('at Azure by its newer URL', async () => {
    mock.next(json(200, response([text('hi')])), json(200, completion({ content: 'hi' })));
    await create({ model: 'azure,gpt-5.4', tools: [weatherTool] });
    assert.equal(seen().url, '/openai/v1/responses');
    assert.equal(mock.last.headers['api-key'], secrets.provider);
    assert.equal(mock.last.body.model, 'gpt-5.4');
    await create({ model: 'azure,gpt-5.4' });
    assert.match(mock.last.url, /^\/openai\/deployments\/gpt-5\.4\/chat\/completions/);
  });
});

describe('the mock provider', () => {
  let child;
  let other;

  before(async () => {
    child = spawn(process.env.CCR_MOCK_PROVIDER, [], { stdio: ['ignore', 'pipe', 'inherit'] });
    const url = await new Promise((resolve) => { child.stdout.once('data', (line) => resolve(`http://${/127\.0\.0\.1:\d+/.exec(line)[0]}`)); });
    other = await Router.start({ secrets: plantedSecrets(), providers: [{ name: 'm', api_base_url: `${url}/v1/responses`, api_key: 'k', models: ['m'] }] });
  });
  after(async () => {
    await other?.stop();
    child?.kill();
  });

  test('its behaviours, streamed and whole', async () => {
    for (const stream of [true, false]) {
      const get = (model, extra) => {
        const messages = other.client(sdks[0].Anthropic).messages;
        return stream ? messages.stream(ask('x', { model, ...extra })).finalMessage() : messages.create(ask('x', { model, ...extra }));
      };
      assert.deepEqual(shape(await get('m,mock-echo')), [['text', 'Mock reply to: x']]);
      assert.deepEqual(shape(await get('m,mock-reasoning:text=42')), [['thinking', 'The user asks something. I shall think first, then answer.'], ['text', '42']]);
      const calls = await get('m,mock-parallel-tools', { tools: [weatherTool] });
      assert.deepEqual(calls.content.map((block) => block.input), [{ place: 'mock' }, { place: 'mock' }]);
      assert.equal((await get('m,mock:finish=refusal')).stop_reason, 'refusal');
      assert.equal((await get('m,mock:finish=length')).stop_reason, 'max_tokens');
    }
    const overflow = await other.messages(ask('x', { model: 'm,mock-overflow' }));
    assert.match(assertErrorEnvelope(overflow, 400, 'invalid_request_error').message, /^prompt is too long/);
    const cut = await other.messages(ask('x', { model: 'm,mock-truncated:after=6', stream: true }));
    assert.match(cut.text, /event: error/);
  });
});
