// SPDX-License-Identifier: MIT
// A provider that fails, in every way that providers do: the official SDKs must raise the right
// error, a broken stream must never look finished, and nothing of the provider's mess leaks.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertErrorEnvelope, parseSse, plantedSecrets, Router, sdks } from './harness.mjs';
import { MockProvider, broken, json, raw, sse } from './mock_provider.mjs';
import { ask, completion, delta, textChunks, toolArgs, toolStart } from './replies.mjs';

const secrets = plantedSecrets();
let mock;
let router;

before(async () => {
  mock = await MockProvider.start();
  const dead = await MockProvider.start();
  router = await Router.start({ secrets, providers: [
    { name: 'mock', api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider, models: ['m1'] },
    { name: 'dead', api_base_url: `${dead.url}/v1/chat/completions`, api_key: secrets.second, models: ['m1'] },
    { name: 'noname', api_base_url: 'http://no-such-host.invalid/v1/chat/completions', api_key: secrets.second, models: ['m1'] },
    { name: 'anth', protocol: 'anthropic', api_base_url: `${mock.url}/v1/messages`, api_key: secrets.provider, models: ['claude-x'] }] });
  await dead.stop();
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

const started = [delta({ role: 'assistant', content: '' }), delta({ content: 'Half an ans' })];
const html = '<html><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>';
const openAiError = (message, extra = {}) => ({ error: { message, type: 'invalid_request_error', param: null, code: null, ...extra } });

// Before any content: [what, reply, class in the SDK, HTTP status, error.type, message]
const early = [
  ['connection reset', broken([], 'reset'), 'InternalServerError', 502, 'api_error'],
  ['connection closed', broken([], 'half'), 'InternalServerError', 502, 'api_error'],
  ['bad chunk size', broken([], 'badchunk'), 'InternalServerError', 502, 'api_error'],
  ['HTML 502', raw(502, html, { 'content-type': 'text/html' }), 'InternalServerError', [500, 502], 'api_error'],
  ['HTML 200', raw(200, html, { 'content-type': 'text/html' }), 'InternalServerError', [500, 502], 'api_error'],
  ['empty 200', raw(200, '', { 'content-type': 'text/event-stream' }), 'InternalServerError', [500, 502], 'api_error'],
  ['500', json(500, openAiError('boom', { type: 'server_error' })), 'InternalServerError', [500, 502], 'api_error'],
  ['503', json(503, openAiError('busy')), 'InternalServerError', 529, 'overloaded_error'],
  ['error in a 200', json(200, { error: { message: 'upstream exploded', code: 500 } }), 'InternalServerError', [500, 502], 'api_error'],
  ['error frame first', sse([{ error: { message: 'upstream exploded', type: 'server_error' } }], { done: false }), 'InternalServerError', [500, 502], 'api_error'],
  ['MiniMax error in a 200', json(200, { base_resp: { status_code: 1002, status_msg: 'rate limit' } }), 'RateLimitError', 429, 'rate_limit_error'],
  ['429', json(429, openAiError('slow down'), { 'retry-after': '7' }), 'RateLimitError', 429, 'rate_limit_error'],
  ['402', json(402, openAiError('Insufficient Balance')), 'APIError', 402, 'billing_error'],
  ['401', json(401, openAiError('Incorrect API key provided')), 'InternalServerError', 502, 'api_error'],
  ['400', json(400, openAiError('temperature must be below 2')), 'BadRequestError', 400, 'invalid_request_error', /temperature must be below 2/],
  ['422 with details', json(422, { detail: [{ loc: ['body'], msg: 'field required' }] }), 'BadRequestError', 400, 'invalid_request_error', /field required/],
  ['404', json(404, openAiError('The model `m1` does not exist', { code: 'model_not_found' })), 'NotFoundError', 404, 'not_found_error', /model: claude-sonnet-5-5/],
  ['context overflow', json(400, openAiError("This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.", { code: 'context_length_exceeded' })),
    'BadRequestError', 400, 'invalid_request_error', /prompt is too long: 9001 tokens > 8192 maximum/],
  ['context overflow, vLLM', json(400, { object: 'error', message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens in the messages", code: 400 }),
    'BadRequestError', 400, 'invalid_request_error', /prompt is too long: 5000 tokens > 4096 maximum/],
  ['context overflow, Qwen', json(400, openAiError('Range of input length should be [1, 6000]')), 'BadRequestError', 400, 'invalid_request_error', /prompt is too long: \d+ tokens > 6000 maximum/],
  ['max_tokens over the window', json(400, openAiError("This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (1000 in the messages, 8000 in the completion).")),
    'BadRequestError', 400, 'invalid_request_error', /input length and `max_tokens` exceed context limit: 1000 \+ 8000 > 8192/],
];

for (const { name, Anthropic } of sdks) {
  describe(name, () => {
    const client = () => router.client(Anthropic);

    for (const [what, reply, className, status, type, message] of early) {
      for (const stream of [true, false]) {
        test(`${what}, ${stream ? 'streamed' : 'not streamed'}`, async () => {
          mock.always(reply);
          // A limited target is not asked again for as long as it says.
          const target = what === '429' ? { model: `mock,limited-${name}-${stream}` } : {};
          const error = await client().messages.create(ask('x', { stream, ...target })).then(
            () => assert.fail('must not succeed'), (caught) => caught);
          assert.ok(error instanceof Anthropic[className], `${error.constructor.name}: ${error.message}`);
          assert.ok([status].flat().includes(error.status), `status ${error.status}: ${error.message}`);
          assert.equal(error.error.error.type, type, error.message);
          assert.match(error.requestID ?? '', /^req_/);
          assert.doesNotMatch(error.message, /<html|<h1|nginx/);
          if (message) assert.match(error.error.error.message, message);
          if (what === '429') assert.equal(error.headers.get('retry-after'), '7');
        });
      }
    }

    test('nothing listens', async () => {
      const error = await client().messages.create(ask('x', { model: 'dead,m1' })).catch((caught) => caught);
      assert.equal(error.status, 502);
      assert.equal(error.error.error.type, 'api_error');
    });

    test('no such host', async () => {
      const error = await client().messages.create(ask('x', { model: 'noname,m1' })).catch((caught) => caught);
      assert.equal(error.status, 502);
      assert.match(error.error.error.message, /no-such-host\.invalid/);
    });

    // In the middle of an answer: an error event, whatever was said before stays.
    const late = [
      ['reset', broken(started, 'reset')], ['half close', broken(started, 'half')], ['bad chunk', broken(started, 'badchunk')],
      ['end without a finish reason', sse(started, { done: false })],
      ['error frame', sse([...started, { error: { message: 'upstream exploded' } }], { done: false })],
      ['error text', sse([...started, { error: 'upstream exploded' }], { done: false })],
      ['vLLM error frame', sse([...started, { object: 'error', message: 'upstream exploded', code: 500 }], { done: false })],
      ['event: error', sse([...started, 'event: error\ndata: {"error":{"message":"upstream exploded"}}\n\n'], { done: false })],
      ['GLM error frame', sse([...started, { code: '1234', message: 'upstream exploded' }], { done: false })],
      ['FastAPI error frame', sse([...started, { detail: 'upstream exploded' }], { done: false })],
      ['finish_reason error', sse([...started, { ...delta({}, 'error'), error: { message: 'upstream exploded', code: 502 } }])],
    ];
    for (const [what, reply] of late) {
      test(`${what} in mid-answer`, async () => {
        mock.next(reply);
        const stream = client().messages.stream(ask());
        let text = '';
        stream.on('text', (piece) => { text += piece; });
        const error = await stream.finalMessage().then(() => assert.fail('must not look finished'), (caught) => caught);
        assert.ok(error instanceof Anthropic.APIError, `${error.constructor.name}: ${error.message}`);
        assert.equal(error.error?.error?.type, 'api_error', error.message);
        assert.equal(text, 'Half an ans');
      });
    }

    test('overload in mid-answer is an overloaded_error', async () => {
      mock.next(sse([...started, { error: { message: 'busy', code: 503, type: 'overloaded' } }], { done: false }));
      const error = await client().messages.stream(ask()).finalMessage().catch((caught) => caught);
      assert.equal(error.error?.error?.type, 'overloaded_error', error.message);
    });

    test('a tool call that breaks off is no tool call', async () => {
      mock.next(sse([toolStart(0, 'c1', 'get_weather'), toolArgs(0, '{"place":"A')], { done: false }));
      const error = await client().messages.stream(ask()).finalMessage().then(() => assert.fail('must not look finished'), (caught) => caught);
      assert.equal(error.error?.error?.type, 'api_error', error.message);
    });

    test('an answer cut by a limit inside a tool call stays cut', async () => {
      mock.next(sse([toolStart(0, 'c1', 'get_weather'), toolArgs(0, '{"place":"A'), delta({}, 'length')]));
      const events = [];
      for await (const event of await client().messages.create(ask('x', { stream: true }))) events.push(event);
      assert.equal(events.find((event) => event.type === 'message_delta').delta.stop_reason, 'max_tokens');
      assert.equal(events.filter((event) => event.delta?.type === 'input_json_delta').map((event) => event.delta.partial_json).join(''), '{"place":"A');
    });
  });
}

test('a broken stream ends in one error event and nothing after it', async () => {
  mock.next(broken(started, 'reset'));
  const reply = await router.messages(ask('x', { stream: true }));
  assert.equal(reply.status, 200);
  const events = parseSse(reply.text);
  assert.equal(events.at(-1).event, 'error');
  assert.equal(events.at(-1).data.request_id, reply.headers['request-id']);
  assert.deepEqual(events.map(({ event }) => event).filter((name) => ['message_delta', 'message_stop'].includes(name)), []);
});

test('what a provider says about keys stays between it and us', async () => {
  mock.next(json(401, openAiError(`Incorrect API key provided: ${secrets.provider}. Bearer ${secrets.provider}`)));
  const reply = await router.messages(ask());
  assertErrorEnvelope(reply, 502, 'api_error');
  assert.ok(!reply.text.includes(secrets.provider), reply.text);
  mock.next(json(400, openAiError(`bad value in header authorization: Bearer ${secrets.provider}`)));
  assertErrorEnvelope(await router.messages(ask()), 400, 'invalid_request_error');
});

test('after all of it the router still answers', async () => {
  mock.next(sse(textChunks(['fine'])), json(200, completion({ content: 'fine' })));
  assert.match((await router.messages(ask('x', { stream: true }))).text, /fine/);
  assert.match((await router.messages(ask())).text, /fine/);
});
