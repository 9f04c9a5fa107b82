// SPDX-License-Identifier: MIT
// The SDKs through ccrd against the mock provider program, which is written apart from the daemon
// and from these tests: its streams and faults are a second opinion on what providers do.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Child, plantedSecrets, program, Router, sdks } from './harness.mjs';
import { ask, weatherTool } from './replies.mjs';

const secrets = plantedSecrets();
let mock;
let mockUrl;
let router;

before(async () => {
  mock = new Child(program('CCR_MOCK_PROVIDER'), ['--port', '0'], {});
  mockUrl = `http://${(await mock.waitFor(/listening on (\S+)/))[1]}`;
  router = await Router.start({ secrets, providers: [
    { name: 'mock', api_base_url: `${mockUrl}/v1/chat/completions`, api_key: secrets.provider, models: ['mock-echo'] },
    { name: 'ds', profile: 'deepseek', api_base_url: `${mockUrl}/v1/chat/completions`, api_key: secrets.provider, models: ['mock-reasoning'] },
    { name: 'gem', protocol: 'gemini', api_base_url: mockUrl, api_key: secrets.provider, models: ['mock-echo'] },
    { name: 'anth', protocol: 'anthropic', api_base_url: `${mockUrl}/v1/messages`, api_key: secrets.second, models: ['mock-echo'] }] });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});

const textOf = (message) => message.content.filter((block) => block.type === 'text').map((block) => block.text).join('');

for (const { name, Anthropic } of sdks) {
  describe(name, () => {
    const client = () => router.client(Anthropic);
    const stream = (model, extra) => client().messages.stream(ask('What is up?', { model, ...extra })).finalMessage();
    const fails = (promise) => promise.then(() => assert.fail('must not succeed'), (error) => error);

    for (const provider of ['mock', 'gem', 'anth']) {
      test(`${provider}: streamed and not`, async () => {
        const streamed = await stream(`${provider},mock-echo`);
        const whole = await client().messages.create(ask('What is up?', { model: `${provider},mock-echo` }));
        assert.match(textOf(streamed), /What is up\?/);
        assert.equal(textOf(whole), textOf(streamed));
        assert.ok(streamed.usage.output_tokens > 0 && whole.usage.output_tokens > 0);
      });
    }

    test('a tool loop', async () => {
      const first = await stream('mock,mock-tools', { tools: [weatherTool] });
      assert.equal(first.stop_reason, 'tool_use');
      const call = first.content.find((block) => block.type === 'tool_use');
      assert.equal(typeof call.input.place, 'string');
      const second = await client().messages.stream({ ...ask('', { model: 'mock,mock-tools', tools: [weatherTool] }), messages: [
        { role: 'user', content: 'What is up?' }, { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'rain' }] }] }).finalMessage();
      assert.equal(second.stop_reason, 'end_turn');
    });

    test('parallel tools', async () => {
      const message = await stream('mock,mock-parallel-tools', { tools: [weatherTool] });
      const calls = message.content.filter((block) => block.type === 'tool_use');
      assert.equal(calls.length, 2);
      assert.equal(new Set(calls.map((call) => call.id)).size, 2);
    });

    test('reasoning', async () => {
      const message = await stream('ds,mock-reasoning');
      assert.deepEqual(message.content.map((block) => block.type), ['thinking', 'text']);
    });

    for (const model of ['mock-gzip', 'mock-non-sse-json', 'mock-no-done', 'mock-slow-drip']) {
      test(`${model} is an answer`, async () => {
        const message = await stream(`mock,${model}`);
        assert.ok(textOf(message).length > 0);
        assert.equal(message.stop_reason, 'end_turn');
      });
    }

    for (const model of ['mock-reset', 'mock-half-close', 'mock-truncated', 'mock-bad-chunk', 'mock-bad-json']) {
      test(`${model} after content is an error event`, async () => {
        const error = await fails(stream(`mock,${model}:after=3`));
        assert.ok(error instanceof Anthropic.APIError, error.message);
        assert.equal(error.error?.error?.type, 'api_error', error.message);
      });
    }

    for (const [model, status, type] of [['mock-reset:after=-1', 502, 'api_error'], ['mock-half-close:after=-1', 502, 'api_error'],
      ['mock-html-error', 502, 'api_error'], ['mock-empty-200', 502, 'api_error'], ['mock-500', [500, 502], 'api_error'], ['mock-503', 529, 'overloaded_error'],
      ['mock-529', 529, 'overloaded_error'], ['mock-401', 502, 'api_error'], ['mock-429:retry_after=9', 429, 'rate_limit_error'],
      ...['openai', 'vllm', 'llamacpp', 'qwen', 'glm', 'lmstudio'].map((shape) => [`mock-overflow:shape=${shape}`, 400, 'invalid_request_error'])]) {
      test(`${model} is ${[status].flat()[0]}`, async () => {
        for (const streamed of [true, false]) {
          const error = await fails(client().messages.create(ask('x', { model: `mock,${model}`, stream: streamed })));
          assert.ok([status].flat().includes(error.status), `${error.status} ${error.message}`);
          assert.equal(error.error.error.type, type);
          // GLM gives no numbers, and none are made up.
          const wording = model.endsWith('=glm') ? /^prompt is too long/ : /^prompt is too long: \d+ tokens > \d+ maximum/;
          if (model.startsWith('mock-overflow')) assert.match(error.error.error.message, wording);
          // What is left of the 9 seconds: the target is not asked again before.
          if (model.startsWith('mock-429')) assert.match(error.headers.get('retry-after'), /^[1-9]$/);
        }
      });
    }

    for (const shape of ['openai', 'text', 'vllm', 'anthropic', 'event', 'openrouter', 'minimax', 'glm', 'fastapi']) {
      test(`an error inside a 200, ${shape}`, async () => {
        for (const streamed of [true, false]) {
          const error = await fails(client().messages.create(ask('x', { model: `mock,mock-200-error:shape=${shape}`, stream: streamed })).then(async (reply) => {
            if (streamed) for await (const event of reply) assert.notEqual(event.type, 'message_stop');
            return reply;
          }));
          assert.ok(error instanceof Anthropic.APIError, error.message);
          assert.match(error.error?.error?.type ?? '', /_error$/);
        }
      });
    }
  });
}

test('a client that leaves: the provider sees it within the second', async (t) => {
  await fetch(`${mockUrl}/_mock/reset`, { method: 'POST' });
  const streaming = router.client(sdks[0].Anthropic).messages.stream(ask('x', { model: 'mock,mock:chunks=1000;interval_ms=20' }));
  await new Promise((resolve) => { streaming.once('text', resolve); });
  const from = performance.now();
  streaming.abort();
  await streaming.finalMessage().catch(() => {});
  const waited = await fetch(`${mockUrl}/_mock/wait?aborted=1&timeout_ms=5000`);
  assert.equal(waited.status, 200);
  const took = performance.now() - from;
  t.diagnostic(`${took.toFixed(1)} ms until the provider saw it`);
  assert.ok(took < 1000, `${took} ms`);
});
