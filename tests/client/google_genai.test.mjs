// SPDX-License-Identifier: MIT
// Google's own SDK as a judge of what the tests of Gemini rest on: it has to understand both mock
// providers, and what it sends is what ccrd sends. A door of its own Gemini has not: what the SDK
// asks ccrd for is not there, and says so.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { GoogleGenAI } from '@google/genai';
import * as replies from './gemini_replies.mjs';
import { Child, plantedSecrets, program, Router } from './harness.mjs';
import { MockProvider, json, sse } from './mock_provider.mjs';
import { ask, weatherTool } from './replies.mjs';

const client = (baseUrl, apiKey = 'key') => new GoogleGenAI({ apiKey, vertexai: false, httpOptions: { baseUrl } });
const declared = { functionDeclarations: [{ name: weatherTool.name, description: weatherTool.description, parametersJsonSchema: weatherTool.input_schema }] };
const partsOf = (reply) => reply.candidates[0].content.parts;
const user = (text) => ({ role: 'user', parts: [{ text }] });
const answerTo = ({ id, name }, output) => ({ functionResponse: { ...(id ? { id } : {}), name, response: { output } } });

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
  return { chunks, parts, text: parts.filter((part) => !part.thought).map((part) => part.text ?? '').join('') };
}

describe('the mock provider', () => {
  let mock;
  let models;

  before(async () => {
    mock = new Child(program('CCR_MOCK_PROVIDER'), ['--port', '0'], {});
    ({ models } = client(`http://${(await mock.waitFor(/listening on (\S+)/))[1]}`));
  });
  after(() => mock?.stop());

  test('text, streamed and whole', async () => {
    const request = { model: 'mock-echo', contents: 'What is up?' };
    const whole = await models.generateContent(request);
    assert.equal(whole.text, 'Mock reply to: What is up?');
    assert.equal(whole.candidates[0].finishReason, 'STOP');
    const { text, chunks } = await collect(await models.generateContentStream(request));
    assert.equal(text, whole.text);
    assert.ok(chunks.length > 3, 'as it comes');
    for (const { usageMetadata: usage } of [whole, chunks.at(-1)]) {
      assert.ok(usage.promptTokenCount > 0);
      assert.equal(usage.totalTokenCount, usage.promptTokenCount + usage.candidatesTokenCount + usage.thoughtsTokenCount);
    }
  });

  test('thoughts, parallel calls and the signature of the first', async () => {
    const request = { model: 'mock-parallel-tools:reasoning=Two%20cities.', contents: [user('Weather?')], config: { tools: [declared], thinkingConfig: { includeThoughts: true } } };
    const whole = await models.generateContent(request);
    const streamed = await collect(await models.generateContentStream(request));
    for (const parts of [partsOf(whole), streamed.parts]) {
      assert.equal(parts.filter((part) => part.thought).map((part) => part.text).join(''), 'Two cities.');
      const calls = parts.filter((part) => part.functionCall);
      assert.deepEqual(calls.map((part) => part.functionCall.name), ['get_weather', 'get_weather']);
      assert.deepEqual(calls.map((part) => typeof part.thoughtSignature), ['string', 'undefined']);
    }
    assert.deepEqual(whole.functionCalls.map((call) => typeof call.args.place), ['string', 'string']);
    const next = await models.generateContent({ ...request, contents: [user('Weather?'), whole.candidates[0].content,
      { role: 'user', parts: whole.functionCalls.map((call) => answerTo(call, 'dry')) }] });
    assert.match(next.text, /^The tool answered: .*dry/);
  });

  test('the ends and errors of an answer', async () => {
    for (const [finish, reason] of [['length', 'MAX_TOKENS'], ['content_filter', 'SAFETY']]) {
      assert.equal((await models.generateContent({ model: `mock:finish=${finish}`, contents: 'x' })).candidates[0].finishReason, reason);
    }
    for (const call of [models.generateContent, models.generateContentStream]) {
      const error = await call.call(models, { model: 'mock-429', contents: 'x' }).catch((e) => e);
      assert.equal(error.status, 429, error.message);
      assert.match(error.message, /RESOURCE_EXHAUSTED/);
    }
  });
});

describe('the provider of the tests', () => {
  let mock;
  let router;
  const secrets = plantedSecrets();

  before(async () => {
    mock = await MockProvider.start();
    router = await Router.start({ secrets, providers: [{ name: 'g', api_base_url: mock.url, api_key: secrets.provider, protocol: 'gemini', models: ['m'] }] });
  });
  after(async () => {
    await router?.stop();
    await mock?.stop();
  });

  test('its replies are understood, and what the SDK makes of them passes the linter', async () => {
    const { models } = client(mock.url);
    const chat = client(mock.url).chats.create({ model: 'gemini-3-pro-preview', config: { tools: [declared], systemInstruction: 'Be brief.' } });
    mock.next(sse(replies.streamOf(replies.thought('Hm.'), replies.call('get_weather', { place: 'Paris' }, 'U0lH'), replies.call('get_weather', { place: 'Rom"é' })), { done: false }));
    const { parts } = await collect(await chat.sendMessageStream({ message: 'Weather?' }));
    const calls = parts.filter((part) => part.functionCall);
    assert.deepEqual(calls.map((part) => part.functionCall.args.place), ['Paris', 'Rom"é']);
    replies.lintGemini(mock.last.body);
    mock.next(json(200, replies.bodyOf(replies.text('Rain.'))));
    const answer = await chat.sendMessage({ message: calls.map(({ functionCall }) => answerTo(functionCall, 'rain')) });
    assert.equal(answer.text, 'Rain.');
    assert.equal(answer.usageMetadata.cachedContentTokenCount, replies.defaultUsage.cachedContentTokenCount);
    assert.ok(mock.last.body.contents.some(({ parts: said }) => said.some((part) => part.thoughtSignature === 'U0lH')), 'the signature comes back');
    mock.next(json(400, replies.googleError(400, 'INVALID_ARGUMENT', 'No.')));
    const error = await models.generateContent({ model: 'm', contents: 'x' }).catch((e) => e);
    assert.equal(error.status, 400);
  });

  const image = { mimeType: 'image/png', data: 'iVBORw0KGgo=' };
  const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };
  // The same request to the SDK and, of a client of Anthropic, to ccrd.
  const asked = {
    'tools and an image': [
      { contents: [{ role: 'user', parts: [{ text: 'What?' }, { inlineData: image }] }, { role: 'model', parts: [{ functionCall: { name: 'get_weather', args: { place: 'Oslo' } } }] },
        { role: 'user', parts: [answerTo({ name: 'get_weather' }, 'dry')] }],
      config: { tools: [declared], toolConfig: { functionCallingConfig: { mode: 'ANY' } }, stopSequences: ['###'] } },
      { tools: [weatherTool], tool_choice: { type: 'any' }, stop_sequences: ['###'],
        messages: [{ role: 'user', content: [{ type: 'text', text: 'What?' }, { type: 'image', source: { type: 'base64', media_type: image.mimeType, data: image.data } }] },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { place: 'Oslo' } }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'dry' }] }] }],
    'structured output': [{ contents: [user('What?')], config: { responseMimeType: 'application/json', responseJsonSchema: schema } },
      { messages: [{ role: 'user', content: 'What?' }], output_config: { format: { type: 'json_schema', schema } } }],
    thinking: [{ contents: [user('What?')], config: { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } } },
      { messages: [{ role: 'user', content: 'What?' }], max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1024 } }],
  };
  for (const [what, [{ contents, config }, body]] of Object.entries(asked)) {
    test(`ccrd asks as the SDK does: ${what}`, async () => {
      const reply = () => sse(replies.streamOf(replies.text('ok')), { done: false });
      mock.next(reply(), reply());
      await collect(await client(mock.url, secrets.provider).models.generateContentStream({ model: 'gemini-2.5-flash', contents,
        config: { systemInstruction: { parts: [{ text: 'Be brief.' }] }, maxOutputTokens: body.max_tokens ?? 500, ...config } }));
      const theirs = mock.last;
      const answer = await router.messages(ask('', { model: 'g,gemini-2.5-flash', stream: true, system: 'Be brief.', ...body }));
      assert.equal(answer.status, 200, answer.text);
      const ours = mock.last;
      assert.notEqual(ours, theirs);
      assert.equal(ours.url, theirs.url);
      for (const header of ['x-goog-api-key', 'content-type']) assert.equal(ours.headers[header], theirs.headers[header]);
      // One side names the role of instructions, the other does not.
      delete theirs.body.systemInstruction.role;
      assert.deepEqual(ours.body, theirs.body);
    });
  }

  test('at ccrd itself there is nothing for it, and that is said', async () => {
    for (const [headers, status] of [[{}, 401], [{ 'x-api-key': secrets.router }, 404]]) {
      const { models } = new GoogleGenAI({ apiKey: secrets.router, vertexai: false, httpOptions: { baseUrl: router.url, headers } });
      for (const wanted of [models.list(), models.generateContent({ model: 'm', contents: 'x' })]) {
        const error = await wanted.catch((e) => e);
        assert.equal(error.status, status, error.message);
      }
    }
  });
});
