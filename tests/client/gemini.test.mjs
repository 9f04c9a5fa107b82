// SPDX-License-Identifier: MIT
// Gemini in its own format behind ccrd: what the SDKs get, and what Google would see.
import assert from 'node:assert/strict';
import { generateKeyPairSync, createVerify } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertErrorEnvelope, assertGrammar, parseSse, plantedSecrets, Router, sdks } from './harness.mjs';
import { bodyOf, call, chunk, defaultUsage, googleError, last, lintGemini, streamOf, text, thought } from './gemini_replies.mjs';
import { MockProvider, broken, json, sleep, sse } from './mock_provider.mjs';
import { ask, weatherTool } from './replies.mjs';

const secrets = plantedSecrets();
const gemini = (chunks, options) => sse(chunks, { done: false, ...options });
let mock;
let router;

before(async () => {
  mock = await MockProvider.start();
  const provider = (name, path, more) => ({ name, api_base_url: `${mock.url}${path}`, api_key: secrets.provider, models: ['m'], ...more });
  router = await Router.start({ secrets, providers: [
    provider('g', '/v1beta/models/', { transformer: { use: ['gemini'] } }),
    provider('base', '', { protocol: 'gemini' }),
    provider('whole', '/custom/v1/models/other:generateContent?key=leaked&x=1', { protocol: 'gemini' }),
    provider('azure', '/', { profile: 'azure' })] });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

const shape = (message) => message.content.map((block) => [block.type, block.thinking ?? block.text ?? block.name]);
const seen = () => {
  assert.ok(mock.last, 'the provider was asked');
  lintGemini(mock.last.body);
  return mock.last;
};

for (const { name, Anthropic } of sdks) {
  describe(name, () => {
    const client = () => router.client(Anthropic);
    const stream = (model, extra) => client().messages.stream(ask('x', { model, ...extra })).finalMessage();

    test('text, streamed', async () => {
      mock.next(gemini(streamOf(text('Hello'), text(' "wörld" 🌦'))));
      const message = await stream('g,gemini-2.5-flash');
      assert.deepEqual(shape(message), [['text', 'Hello "wörld" 🌦']]);
      assert.equal(message.stop_reason, 'end_turn');
      assert.deepEqual([message.usage.input_tokens, message.usage.cache_read_input_tokens, message.usage.output_tokens], [40, 60, 12]);
      const { url, headers } = seen();
      assert.equal(url, '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse');
      assert.equal(headers['x-goog-api-key'], secrets.provider);
      assert.equal(headers.authorization, undefined);
      assert.equal(headers['x-api-key'], undefined);
    });

    test('text, whole', async () => {
      mock.next(json(200, bodyOf(text('Hello'))));
      const message = await client().messages.create(ask('x', { model: 'base,models/gemini-2.5-flash' }));
      assert.deepEqual(shape(message), [['text', 'Hello']]);
      assert.equal(seen().url, '/v1beta/models/gemini-2.5-flash:generateContent');
    });

    test('a tool loop with parallel calls and signatures', async () => {
      mock.next(gemini(streamOf(thought('Two '), thought('cities.'), call('get_weather', { place: 'Paris', days: 2 }, 'U0lHTkFUVVJF', 'c1'), call('get_weather', { place: 'Rom"é' }))));
      const first = await stream('g,gemini-3-pro-preview', { tools: [weatherTool], thinking: { type: 'enabled', budget_tokens: 2000 }, max_tokens: 4000 });
      assert.equal(first.stop_reason, 'tool_use');
      assert.deepEqual(shape(first), [['thinking', 'Two cities.'], ['tool_use', 'get_weather'], ['tool_use', 'get_weather']]);
      const [thinking, one, two] = first.content;
      assert.ok(thinking.signature.length > 0);
      assert.deepEqual([one.input, two.input], [{ place: 'Paris', days: 2 }, { place: 'Rom"é' }]);
      assert.notEqual(one.id, two.id);
      seen();
      mock.next(gemini(streamOf(text('Rain.'))));
      await client().messages.stream({ ...ask('', { model: 'g,gemini-3-pro-preview', tools: [weatherTool] }), messages: [
        { role: 'user', content: 'Weather?' }, { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: two.id, content: 'dry' }, { type: 'tool_result', tool_use_id: one.id, content: 'rain' }] }] }).finalMessage();
      const { body } = seen();
      const model = body.contents[1].parts;
      assert.deepEqual(model.map((part) => part.thoughtSignature), ['U0lHTkFUVVJF', undefined]);
      assert.deepEqual(model[1].functionCall.args, { place: 'Rom"é' });
      assert.deepEqual(body.contents[2].parts.map((part) => part.functionResponse.response), [{ output: 'rain' }, { output: 'dry' }]);
    });

    test('a lost signature is made up for, and another provider’s is not sent', async () => {
      mock.next(gemini(streamOf(text('ok'))));
      await stream('g,gemini-3-pro-preview', { tools: [weatherTool], messages: [{ role: 'user', content: 'w' },
        { role: 'assistant', content: [{ type: 'thinking', thinking: 'theirs', signature: 'EqQBCgIYAhIM' }, { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { place: 'A' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'rain' }] }] });
      assert.deepEqual(seen().body.contents[1].parts.map((part) => part.thoughtSignature), ['skip_thought_signature_validator']);
    });

    test('images go along', async () => {
      mock.next(gemini(streamOf(text('a cat'))));
      await stream('g,gemini-2.5-flash', { messages: [{ role: 'user', content: [
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QUJD' } }, { type: 'text', text: 'What?' }] }] });
      assert.deepEqual(seen().body.contents[0].parts, [{ inlineData: { mimeType: 'image/png', data: 'QUJD' } }, { text: 'What?' }]);
    });

    test('a refused prompt is a refusal', async () => {
      mock.next(gemini([{ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 9 } }]));
      const message = await stream('g,gemini-2.5-flash');
      assert.equal(message.stop_reason, 'refusal');
    });

    test('errors keep their meaning', async () => {
      mock.next(json(429, googleError(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' }])));
      const reply = await router.messages(ask('x', { model: 'g,gemini-quota' }));
      assertErrorEnvelope(reply, 429, 'rate_limit_error');
      assert.equal(reply.headers['retry-after'], '7');
    });

    test('a stream that is cut off ends in an error', async () => {
      mock.next(broken([chunk([text('Half of')])], 'reset'));
      const reply = await router.messages(ask('x', { model: 'g,gemini-2.5-flash', stream: true }));
      assert.match(reply.text, /event: error/);
      assert.doesNotMatch(reply.text, /message_stop/);
    });

    test('so does one without a finish reason, and one with an error in it', async () => {
      for (const tail of ['', 'data: {"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}\n\n']) {
        mock.next(gemini([chunk([text('Half of')]), tail]));
        const reply = await router.messages(ask('x', { model: 'g,gemini-2.5-flash', stream: true }));
        assert.match(reply.text, /event: error/);
        assert.doesNotMatch(reply.text, /message_stop/);
      }
    });
  });
}

test('the grammar of a stream with everything', async () => {
  mock.next(gemini([chunk([thought('Hm')]), chunk([text('So')]), chunk([text(''), call('get_weather', {}, 'U0lH')]), last('STOP', defaultUsage)]));
  const reply = await router.messages(ask('x', { model: 'g,gemini-3-flash', stream: true, tools: [weatherTool] }));
  assertGrammar(parseSse(reply.text));
});

test('a URL that is complete gives its method to the request’s model, and never its key', async () => {
  mock.next(json(200, bodyOf(text('ok'))));
  const reply = await router.messages(ask('x', { model: 'whole,../a b?c' }));
  assert.equal(reply.status, 200, reply.text);
  assert.equal(mock.last.url, '/custom/v1/models/..%2Fa%20b%3Fc:generateContent?x=1');
});

test('schemas are sent again as the older subset where the whole is refused', async () => {
  mock.next(json(400, googleError(400, 'INVALID_ARGUMENT', 'Invalid JSON payload received. Unknown name "parametersJsonSchema" at \'tools[0].function_declarations[0]\': Cannot find field.')),
    json(200, bodyOf(text('ok'))));
  const reply = await router.messages(ask('x', { model: 'g,gemini-old', tools: [weatherTool] }));
  assert.equal(reply.status, 200, reply.text);
  assert.ok(mock.last.body.tools[0].functionDeclarations[0].parameters.properties.place);
});

test('Azure: the deployment in the URL, the key in its own header', async () => {
  mock.next(json(200, { id: 'c', object: 'chat.completion', model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] }));
  const reply = await router.messages(ask('x', { model: 'azure,gpt-4.1' }));
  assert.equal(reply.status, 200, reply.text);
  assert.match(mock.last.url, /^\/openai\/deployments\/gpt-4\.1\/chat\/completions\?api-version=2024-10-21$/);
  assert.equal(mock.last.headers['api-key'], secrets.provider);
  assert.equal(mock.last.headers.authorization, undefined);
});

describe('Google Vertex AI', () => {
  let cloud;
  let vertex;
  let keys;
  let issued;
  let tokenReply;
  let serviceAccount;

  before(async () => {
    cloud = await MockProvider.start();
    keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' });
    const account = { type: 'service_account', project_id: 'proj-1', client_email: 'svc@proj-1.iam.example', private_key_id: 'kid-1',
      private_key: pem, token_uri: `${cloud.url}/token` };
    serviceAccount = account;
    issued = 0;
    tokenReply = () => json(200, { access_token: `ya29.token-${++issued}`, expires_in: 3600, token_type: 'Bearer' });
    cloud.fallback = (record) => (record.url === '/token' ? tokenReply(record) : json(200, bodyOf(text('from Vertex'))));
    const provider = (name, google) => ({ name, api_base_url: cloud.url, models: ['m'], transformer: { use: [name] }, google });
    vertex = await Router.start({ secrets: { ...secrets, pem: pem.split('\n')[3] }, providers: [
      provider('vertex-gemini', { credentials: JSON.stringify(account), location: 'europe-west4' }),
      provider('vertex-claude', { credentials: JSON.stringify(account), project: 'proj-2' }),
      provider('vertex-openai', { credentials: JSON.stringify(account) })] });
  });
  after(async () => {
    await vertex?.stop();
    await cloud?.stop();
  });
  const asked = () => cloud.requests.filter((record) => record.url !== '/token');
  const tokens = () => cloud.requests.filter((record) => record.url === '/token');

  test('one token for many requests, signed by the account', async () => {
    const replies = await Promise.all([1, 2, 3, 4, 5].map(() => vertex.messages(ask('x', { model: 'vertex-gemini,gemini-2.5-pro' }))));
    for (const reply of replies) assert.equal(reply.status, 200, reply.text);
    assert.equal(tokens().length, 1);
    const form = new URLSearchParams(tokens()[0].bytes.toString());
    assert.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [header, claims, signature] = form.get('assertion').split('.');
    const verify = createVerify('RSA-SHA256').update(`${header}.${claims}`);
    assert.ok(verify.verify(keys.publicKey, Buffer.from(signature, 'base64url')), 'the signature is the account’s');
    const said = JSON.parse(Buffer.from(claims, 'base64url'));
    assert.equal(said.iss, 'svc@proj-1.iam.example');
    assert.equal(said.aud, `${cloud.url}/token`);
    assert.equal(said.exp - said.iat, 3600);
    assert.equal(asked()[0].url, '/v1beta1/projects/proj-1/locations/europe-west4/publishers/google/models/gemini-2.5-pro:generateContent');
    for (const record of asked()) assert.equal(record.headers.authorization, 'Bearer ya29.token-1');
  });

  test('Claude: its own body without the model, with the version of the format', async () => {
    cloud.requests.length = 0;
    cloud.next(json(200, { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-x', content: [{ type: 'text', text: 'hi' }], stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } }));
    const reply = await vertex.messages(ask('x', { model: 'vertex-claude,claude-x@20250929' }));
    assert.equal(reply.status, 200, reply.text);
    const record = asked().at(-1);
    assert.equal(record.url, '/v1/projects/proj-2/locations/us-east5/publishers/anthropic/models/claude-x@20250929:rawPredict');
    assert.equal(record.body.model, undefined);
    assert.equal(record.body.anthropic_version, 'vertex-2023-10-16');
    assert.match(record.headers.authorization, /^Bearer ya29\.token-/);
    assert.equal(record.headers['x-api-key'], undefined);
  });

  test('OpenAI’s format below the project', async () => {
    cloud.next(json(200, { id: 'c', object: 'chat.completion', model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] }));
    const reply = await vertex.messages(ask('x', { model: 'vertex-openai,google/gemini-2.5-flash' }));
    assert.equal(reply.status, 200, reply.text);
    assert.equal(asked().at(-1).url, '/v1/projects/proj-1/locations/us-central1/endpoints/openapi/chat/completions');
  });

  test('a token that expires soon serves while another is fetched', async () => {
    const account = { ...serviceAccount, client_email: 'short@proj-1.iam.example' };
    const other = await Router.start({ secrets: { ...secrets, pem: account.private_key.split('\n')[3] },
      providers: [{ name: 'v', models: ['m'], api_base_url: cloud.url, protocol: 'vertex-gemini', google: { credentials: JSON.stringify(account) } }] });
    try {
      cloud.requests.length = 0;
      tokenReply = () => json(200, { access_token: `ya29.short-${++issued}`, expires_in: 100 });
      const first = await other.messages(ask('1', { model: 'v,gemini-a' }));
      assert.equal(first.status, 200, first.text);
      const used = asked().at(-1).headers.authorization;
      await other.messages(ask('2', { model: 'v,gemini-b' }));
      assert.equal(asked().at(-1).headers.authorization, used, 'nobody waits for the renewal');
      while (tokens().length < 2) await sleep(10);
      tokenReply = () => json(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
    } finally {
      await other.stop();
    }
  });

  test('an account that Google does not know is the router’s trouble, not the client’s', async () => {
    tokenReply = () => json(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
    const account = { ...serviceAccount, client_email: 'unknown@proj-1.iam.example' };
    const other = await Router.start({ secrets: { ...secrets, pem: account.private_key.split('\n')[3] },
      providers: [{ name: 'v', models: ['m'], api_base_url: cloud.url, protocol: 'vertex-gemini', google: { credentials: JSON.stringify(account) } }] });
    try {
      const reply = await other.messages(ask('1', { model: 'v,gemini-a' }));
      const error = assertErrorEnvelope(reply, 502, 'api_error');
      assert.match(error.message, /invalid_grant/);
      assert.doesNotMatch(error.message, /JWT/);
    } finally {
      await other.stop();
      tokenReply = () => json(200, { access_token: `ya29.token-${++issued}`, expires_in: 3600 });
    }
  });

  test('a token that is not taken is not used again', async () => {
    cloud.next(json(401, googleError(401, 'UNAUTHENTICATED', 'expired')));
    const refused = await vertex.messages(ask('x', { model: 'vertex-gemini,gemini-other' }));
    assert.equal(refused.status, 502, refused.text);
    const before = tokens().length;
    const reply = await vertex.messages(ask('x', { model: 'vertex-gemini,gemini-third' }));
    assert.equal(reply.status, 200, reply.text);
    assert.equal(tokens().length, before + 1);
  });
});
