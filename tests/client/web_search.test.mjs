// SPDX-License-Identifier: MIT
// Searches that the provider makes itself: what Claude Code's WebSearch and OpenAI's clients see of
// them, over providers of all formats.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import OpenAI from 'openai';
import { anthropicFrames, message } from './door_replies.mjs';
import { chunk, defaultUsage as geminiUsage } from './gemini_replies.mjs';
import { assertGrammar, dataDir, parseSse, plantedSecrets, Router, sdks } from './harness.mjs';
import { MockProvider, json, sse } from './mock_provider.mjs';
import { completion, delta, usageChunk } from './replies.mjs';
import * as responses from './responses_replies.mjs';
import { checkEvents, eventsOf } from './responses_events.mjs';

const recorded = JSON.parse(fs.readFileSync(path.join(dataDir, 'claude-code', '12-websearch.json'), 'utf8'));
const webSearch = recorded.requests[2].body;
const said = 'Zig 0.16 “is” out.';
const page = { url: 'https://ziglang.example/news', title: 'Zig "news"' };
const place = { ...page, start_index: 0, end_index: 8 };

const secrets = plantedSecrets();
let mock;
let router;
let openai;

before(async () => {
  mock = await MockProvider.start();
  const provider = (name, path_, more) => ({ name, api_base_url: `${mock.url}${path_}`, api_key: secrets.provider, models: ['m'], ...more });
  router = await Router.start({ secrets, providers: [
    provider('openrouter', '/api/v1/chat/completions', { profile: 'openrouter' }),
    provider('gemini', '/v1beta/models/', { protocol: 'gemini' }),
    provider('responses', '/v1/responses', { protocol: 'openai-responses', profile: 'openai' }),
    provider('anthropic', '/v1/messages', { protocol: 'anthropic' }),
    provider('filtered', '/v1/messages', { protocol: 'anthropic', transformer: { use: ['thinktag'] } })] });
  openai = new OpenAI({ baseURL: `${router.url}/v1`, apiKey: secrets.router, maxRetries: 0, timeout: 30_000 });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

const annotations = [{ type: 'url_citation', url_citation: place }];
const grounded = { ...chunk([{ text: said }], 'STOP', geminiUsage) };
Object.assign(grounded.candidates[0], { groundingMetadata: { webSearchQueries: ['zig releases'], groundingChunks: [{ web: { uri: page.url, title: page.title } }],
  groundingSupports: [{ segment: { startIndex: 0, endIndex: 8, text: 'Zig 0.16' }, groundingChunkIndices: [0] }] } });
const call = { id: 'ws_up', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'zig releases' } };
const answer = responses.text(said);
answer.content[0].annotations = [{ type: 'url_citation', ...place }];
const blocks = [{ type: 'server_tool_use', id: 'srvtoolu_up', name: 'web_search', input: { query: 'zig releases' } },
  { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_up', content: [{ type: 'web_search_result', ...page, encrypted_content: 'EqkB', page_age: null }] },
  { type: 'text', text: said, citations: [{ type: 'web_search_result_location', ...page, cited_text: 'Zig', encrypted_index: 'Eo8B' }] }];
const anthropicUsage = { ...message([], null).usage, server_tool_use: { web_search_requests: 1 } };
const anthropicStream = anthropicFrames(blocks, 'end_turn').map((frame) => frame.replace('"output_tokens":7}}', '"output_tokens":7,"server_tool_use":{"web_search_requests":1}}}'));
const anthropicReplies = [() => sse(anthropicStream, { done: false }), () => json(200, { ...message(blocks, 'end_turn'), usage: anthropicUsage })];

// What the provider is asked, and its reply streamed and whole.
const providers = {
  openrouter: { asked: (body) => body.plugins?.[0].id === 'web', replies: [
    () => sse([delta({ role: 'assistant', content: said }), delta({ content: '', annotations }, 'stop'), usageChunk({ prompt_tokens: 5, completion_tokens: 6 })]),
    () => json(200, completion({ content: said, annotations }))] },
  gemini: { asked: (body) => body.tools[0].googleSearch !== undefined, replies: [() => sse([grounded], { done: false }), () => json(200, grounded)] },
  responses: { asked: (body) => body.tools[0].type === 'web_search', replies: [
    () => sse(responses.frames([responses.begun, { type: 'response.output_item.done', output_index: 0, item: call },
      { type: 'response.output_item.done', output_index: 1, item: answer }, responses.over([call, answer])]), { done: false }),
    () => json(200, responses.response([call, answer]))] },
  anthropic: { asked: (body) => body.tools[0].type === 'web_search_20250305', replies: anthropicReplies },
  filtered: { asked: (body) => body.tools[0].type === 'web_search_20250305', replies: anthropicReplies },
};

function checkMessage(reply) {
  const [use, found, text] = ['server_tool_use', 'web_search_tool_result', 'text'].map((type) => reply.content.find((block) => block.type === type));
  assert.match(use.id, /^srvtoolu_\w+$/);
  assert.equal(use.name, 'web_search');
  assert.equal(found.tool_use_id, use.id);
  assert.deepEqual([found.content[0].type, found.content[0].url, found.content[0].title], ['web_search_result', page.url, page.title]);
  assert.ok(found.content[0].encrypted_content);
  assert.equal(text.text, said);
  assert.deepEqual([text.citations[0].type, text.citations[0].url], ['web_search_result_location', page.url]);
  assert.equal(reply.usage.server_tool_use.web_search_requests, 1);
  assert.equal(reply.stop_reason, 'end_turn');
}

for (const [name, { asked, replies: [streamed, whole] }] of Object.entries(providers)) {
  describe(`Claude Code's WebSearch over ${name}`, () => {
    test('streamed', async () => {
      mock.next(streamed());
      const raw = await router.request('POST', '/v1/messages', { body: { ...webSearch, model: `${name},m`, stream: true } });
      assert.equal(raw.status, 200, raw.text);
      assert.ok(asked(mock.last.body), JSON.stringify(mock.last.body));
      const events = parseSse(raw.text);
      assertGrammar(events);
      assert.equal(events.find(({ data }) => data.content_block?.type === 'server_tool_use').data.content_block.id.slice(0, 9), 'srvtoolu_');
      for (const { Anthropic } of sdks) {
        mock.next(streamed());
        checkMessage(await router.client(Anthropic).messages.stream({ ...webSearch, model: `${name},m` }).finalMessage());
      }
    });

    test('whole', async () => {
      mock.next(whole());
      const reply = await router.client(sdks[0].Anthropic).messages.create({ ...webSearch, model: `${name},m`, stream: false });
      checkMessage(reply);
      // It goes on with Anthropic, which takes back its own searches and no others.
      mock.next(anthropicReplies[1]());
      await router.client(sdks[0].Anthropic).messages.create({ model: 'anthropic,m', max_tokens: 99, messages: [
        { role: 'user', content: 'x' }, { role: 'assistant', content: reply.content }, { role: 'user', content: 'and?' }] });
      const sent = mock.last.body.messages[1].content;
      if (name === 'anthropic' || name === 'filtered') return assert.deepEqual(sent, blocks);
      assert.ok(sent.every((block) => block.type === 'text' && block.citations === undefined), JSON.stringify(sent));
      return assert.ok(sent.some((block) => block.text.includes(page.url)));
    });
  });

  describe(`OpenAI's clients over ${name}`, () => {
    test('Chat Completions', async () => {
      const ask = { model: `${name},m`, messages: [{ role: 'user', content: 'zig releases?' }], web_search_options: {} };
      mock.next(whole(), streamed());
      const { choices: [{ message: reply }] } = await openai.chat.completions.create(ask);
      assert.equal(reply.content, said);
      assert.equal(reply.annotations[0].type, 'url_citation');
      assert.deepEqual([reply.annotations[0].url_citation.url, reply.annotations[0].url_citation.title], [page.url, page.title]);
      const pieces = [];
      for await (const piece of await openai.chat.completions.create({ ...ask, stream: true })) pieces.push(...(piece.choices[0]?.delta?.annotations ?? []));
      assert.deepEqual(pieces, reply.annotations);
    });

    test('Responses', async () => {
      const ask = { model: `${name},m`, input: 'zig releases?', tools: [{ type: 'web_search' }], store: false };
      const check = (reply) => {
        const [search, text] = ['web_search_call', 'message'].map((type) => reply.output.find((item) => item.type === type));
        assert.equal(search.status, 'completed');
        assert.equal(search.action.type, 'search');
        assert.equal(search.action.query, name === 'openrouter' ? '' : 'zig releases');
        const [{ text: got, annotations: [first] }] = text.content;
        assert.equal(got, said);
        assert.deepEqual([first.type, first.url, first.title], ['url_citation', page.url, page.title]);
        assert.equal(got.slice(first.start_index, first.end_index).slice(0, 8), 'Zig 0.16');
      };
      mock.next(whole());
      check(await openai.responses.create(ask));
      if (name === 'responses') return;  // its own stream goes through as it is
      mock.next(streamed(), streamed());
      check(await openai.responses.stream(ask).finalResponse());
      const raw = await router.request('POST', '/v1/responses', { body: { ...ask, stream: true } });
      check(checkEvents(eventsOf(raw.text)));
    });
  });
}
