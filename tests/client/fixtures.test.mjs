// SPDX-License-Identifier: MIT
// Every recorded request of the real client goes through, and what arrives at the provider is a
// request that the strictest provider takes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertGrammar, dataDir, parseSse, plantedSecrets, Router } from './harness.mjs';
import { MockProvider, json, sse } from './mock_provider.mjs';
import { lint } from './openai_linter.mjs';
import { completion, textChunks } from './replies.mjs';
import { lintResponses, response, streamOf, text } from './responses_replies.mjs';

// What each profile may send beyond the common format.
const profiles = {
  openai: [], deepseek: ['thinking', 'reasoning_content'], glm: ['thinking', 'reasoning_content', 'tool_stream', 'web_search'],
  kimi: ['thinking', 'reasoning_content', 'builtin_function'], qwen: ['enable_thinking', 'thinking_budget', 'enable_search', 'search_options', 'reasoning_content', 'preserve_thinking'],
  minimax: ['thinking', 'reasoning_split', 'reasoning_details'], openrouter: ['reasoning', 'reasoning_details', 'top_k', 'cache_control', 'plugins'],
  groq: ['reasoning_format', 'reasoning'], mistral: ['tool media'], vllm: ['chat_template_kwargs', 'reasoning', 'reasoning_content'],
  ollama: ['reasoning', 'reasoning_content'],
};
// What a profile refuses, in the words that make the client do without it.
const refusals = [['08-', /^capability_rejected: document_block$/, Object.keys(profiles)],
  ['21-', /^capability_rejected: structured_outputs_unsupported$/, ['minimax']]];
const folder = path.join(dataDir, 'claude-code');
const recorded = fs.readdirSync(folder).filter((file) => file.endsWith('.json')).sort().flatMap((file) => {
  const { requests } = JSON.parse(fs.readFileSync(path.join(folder, file)));
  return requests.map((request, i) => ({ name: `${file.replace('.json', '')} #${i + 1}`, file, ...request }));
});
const turns = recorded.filter((request) => request.path === '/v1/messages');
const counts = recorded.filter((request) => request.path.endsWith('/count_tokens'));

const secrets = plantedSecrets();
let mock;
let router;

before(async () => {
  mock = await MockProvider.start();
  const provider = (name, profile, extra = {}) => ({ name, api_base_url: `${mock.url}/${name}/v1/chat/completions`, api_key: secrets.provider,
    models: ['m1'], ...(profile ? { profile } : {}), ...extra });
  router = await Router.start({ secrets, config: { WebSearch: { engine: 'searxng', url: mock.url } }, providers: [provider('plain', { documents: true }), provider('ds', undefined, { models: ['small'], profile: { documents: true } }),
    provider('noroom', { documents: false, images: false }), ...Object.keys(profiles).map((name) => provider(`as-${name}`, name)),
    { name: 'resp', api_base_url: `${mock.url}/v1/responses`, api_key: secrets.provider, models: ['m1'] },
    { name: 'anth', protocol: 'anthropic', api_base_url: `${mock.url}/v1/messages`, api_key: secrets.second, models: ['claude-x'] }] });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => {
  mock.reset();
  mock.fallback = (record) => (record.body?.stream ? sse(textChunks(['fine'])) : json(200, completion({ content: 'fine' })));
});

function send(request, changes = {}) {
  const own = ['host', 'content-length', 'connection', 'x-api-key', 'authorization', 'accept-encoding'];
  const headers = Object.fromEntries(request.headers.filter(([name]) => !own.includes(name.toLowerCase())).map(([name, value]) => [name.toLowerCase(), value]));
  return router.request(request.method, `${request.path}?${request.query}`, { headers, body: { ...request.body, ...changes } });
}

function assertAnswered(request, reply) {
  assert.equal(reply.status, 200, reply.text);
  if (request.body.stream) assertGrammar(parseSse(reply.text));
  else assert.equal(JSON.parse(reply.text).type, 'message');
}

test('there are recorded requests of every kind', () => {
  assert.ok(turns.length >= 30 && counts.length >= 5, `${turns.length} turns, ${counts.length} counts`);
});

describe('to an OpenAI-compatible provider', () => {
  for (const request of turns) {
    test(request.name, async () => {
      const reply = await send(request);
      assertAnswered(request, reply);
      assert.equal(mock.requests.length, 1);
      const sent = mock.last.body;
      assert.deepEqual(lint(sent), []);
      assert.equal(sent.stream ?? false, request.body.stream);
      for (const name of ['anthropic-beta', 'anthropic-version', 'x-api-key', 'x-app', 'x-claude-code-session-id', 'x-stainless-lang', 'cookie']) {
        assert.equal(mock.last.headers[name], undefined, name);
      }
      assert.doesNotMatch(mock.last.bytes.toString(), /cc_version=|device_id|DeferredToolPlaceholder/);
    });
  }
});

describe('to a provider of the Responses format', () => {
  for (const request of turns) {
    test(request.name, async () => {
      mock.fallback = (record) => (record.body?.stream ? sse(streamOf([text('fine')]), { done: false }) : json(200, response([text('fine')])));
      assertAnswered(request, await send(request, { model: 'resp,gpt-5.4' }));
      assert.equal(mock.requests.length, 1);
      lintResponses(mock.last.body);
      assert.doesNotMatch(mock.last.bytes.toString(), /cc_version=|device_id|DeferredToolPlaceholder/);
    });
  }
});

// The texts of a message, whatever shape it was in; breakpoints move from turn to turn.
const flat = (message) => JSON.stringify(typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content,
  (key, value) => (key === 'cache_control' ? undefined : value));

describe('the provider\'s prefix cache', () => {
  for (const file of new Set(turns.map((request) => request.file))) {
    const pairs = turns.filter((request) => request.file === file).flatMap((earlier, i, all) => all.slice(i + 1).map((later) => [earlier, later]))
      .filter(([earlier, later]) => later.body.messages.length > earlier.body.messages.length
        && earlier.body.messages.every((message, i) => flat(message) === flat(later.body.messages[i]))
        && JSON.stringify(earlier.body.system) === JSON.stringify(later.body.system));
    for (const [earlier, later] of pairs) {
      test(`${later.name} begins as ${earlier.name} did`, async () => {
        await send(earlier);
        await send(later);
        const [first, second] = mock.requests.map((record) => record.body.messages);
        assert.deepEqual(second.slice(0, first.length), first);
      });
    }
  }
});

for (const [name, extensions] of Object.entries(profiles)) {
  describe(`to a provider with the profile ${name}`, () => {
    for (const request of turns) {
      test(request.name, async () => {
        const reply = await send(request, { model: `as-${name},m1` });
        const refusal = refusals.find(([file, , names]) => request.file.startsWith(file) && names.includes(name));
        if (refusal && reply.status === 400) {
          assert.match(JSON.parse(reply.text).error.message, refusal[1]);
          assert.equal(mock.requests.length, 0);
          return;
        }
        assertAnswered(request, reply);
        assert.deepEqual(lint(mock.last.body, extensions), []);
        if (name === 'mistral') {
          for (const call of mock.last.body.messages.flatMap((message) => message.tool_calls ?? [])) assert.match(call.id, /^[A-Za-z0-9]{9}$/);
        }
      });
    }
  });
}

test('a provider that takes no PDF: the client is told in the words it understands', async () => {
  const request = turns.find(({ name }) => name === '08-pdf-read #2');
  const reply = await send(request, { model: 'noroom,m1' });
  assert.equal(reply.status, 400, reply.text);
  assert.match(JSON.parse(reply.text).error.message, /^capability_rejected: document_block$|does not support PDF input/);
  assert.equal(mock.requests.length, 0);
});

test('a provider that takes no image gets a note in its place', async () => {
  const request = turns.find(({ name }) => name === '07-image-read #2');
  assertAnswered(request, await send(request, { model: 'noroom,m1' }));
  assert.deepEqual(lint(mock.last.body), []);
  assert.match(mock.last.bytes.toString(), /\[image omitted: image\/png, \d+ bytes; this model cannot see images\]/);
  assert.doesNotMatch(mock.last.bytes.toString(), /iVBORw0KGgo/);
});

test('a deferred tool is offered once it is referenced', async () => {
  const [first, second] = turns.filter(({ file }) => file.startsWith('11-'));
  await send(first);
  await send(second);
  const [before, then] = mock.requests.map((record) => record.body.tools.map((tool) => tool.function.name));
  const deferred = second.body.tools.filter((tool) => tool.defer_loading && tool.name !== 'DeferredToolPlaceholder').map((tool) => tool.name);
  assert.ok(deferred.length > 0);
  for (const name of deferred) {
    assert.ok(!before.includes(name), `${name} before it was found`);
    assert.ok(then.includes(name), `${name} after it was found`);
  }
});

test('structured output becomes response_format', async () => {
  const request = turns.find(({ file }) => file.startsWith('21-'));
  await send(request);
  assert.equal(mock.last.body.response_format.type, 'json_schema');
  assert.deepEqual(mock.last.body.response_format.json_schema.schema.properties, request.body.output_config.format.schema.properties);
});

describe('token counts', () => {
  for (const request of counts) {
    test(request.name, async () => {
      const reply = await send(request);
      assert.equal(reply.status, 200, reply.text);
      const { input_tokens: tokens } = JSON.parse(reply.text);
      const characters = JSON.stringify(request.body).length;
      assert.ok(tokens >= 1 && tokens < characters, `${tokens} tokens for ${characters} characters`);
      assert.equal(mock.requests.length, 0);
    });
  }
});

describe('to an Anthropic provider, as written', () => {
  const answer = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-x', content: [{ type: 'text', text: 'fine' }], stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } };
  for (const request of turns) {
    test(request.name, async () => {
      mock.next(json(200, answer));
      const reply = await send(request, { model: 'anth,claude-x', stream: false });
      assert.equal(reply.status, 200, reply.text);
      assert.equal(mock.last.bytes.toString(), JSON.stringify({ ...request.body, model: 'claude-x', stream: false }));
      const sent = request.headers.find(([name]) => name === 'anthropic-beta')?.[1];
      assert.equal(mock.last.headers['anthropic-beta'], sent);
    });
  }
});
