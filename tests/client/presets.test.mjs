// SPDX-License-Identifier: MIT
// Presets: what a manifest in presets/NAME says, served under /preset/NAME.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { assertErrorEnvelope, parseSse, plantedSecrets, Router, sdks } from './harness.mjs';
import { MockProvider, json, sse } from './mock_provider.mjs';
import { ask, completion, delta, textChunks } from './replies.mjs';

const secrets = plantedSecrets();
let mock;
let router;

const provider = (name, models, extra = {}) => ({ name, api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider, models, ...extra });

before(async () => {
  mock = await MockProvider.start();
  router = await Router.start({ secrets, providers: [provider('main', ['m1', 'm2'])], config: { Router: { default: 'main,m1' } },
    env: { PRESET_KEY: secrets.provider }, files: {
      // The name in the manifest is not the folder's; keys come from the environment.
      'presets/cheap/manifest.json': { name: 'Cheap one', version: '1.2.0', description: 'small models', author: 'someone', keywords: ['small'],
        Providers: [provider('other', ['small', 'thinker'], { api_key: '${PRESET_KEY}' })], Router: { default: 'other,small', think: 'other,thinker' } },
      // Routes of its own over the main config's providers, with a value that the user filled in.
      'presets/filled/manifest.json': { name: 'filled', schema: [{ id: 'model', type: 'input' }], template: { Router: { default: 'main,#{model}' } },
        userValues: { model: 'm2' } },
      'presets/broken/manifest.json': '{ "name": "broken", ',
      'presets/bad name/manifest.json': { name: 'x', Router: { default: 'main,m1' } },
      'presets/huge/manifest.json': `{"name":"huge","description":"${'x'.repeat(2 << 20)}"}`,
      'presets/archive.zip': 'PK\u0003\u0004',
      'secret/manifest.json': { name: 'outside', Router: { default: 'main,m1' } },
    } });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

const post = (preset, body, path = 'messages') => router.request('POST', `/preset/${preset}/v1/${path}`, { body });

test('the list tells what there is, without keys', async () => {
  const reply = await router.request('GET', '/v1/presets');
  const { presets } = JSON.parse(reply.text);
  assert.deepEqual(presets.map(({ id, name, path, routes }) => ({ id, name, path, routes })), [
    { id: 'cheap', name: 'Cheap one', path: '/preset/cheap', routes: { default: 'other,small', think: 'other,thinker' } },
    { id: 'filled', name: 'filled', path: '/preset/filled', routes: { default: 'main,m2' } }]);
  assert.equal(presets[0].version, '1.2.0');
  assert.deepEqual(presets[0].keywords, ['small']);
  assert.equal((await router.request('GET', '/v1/presets', { key: null })).status, 401);
});

for (const { name, Anthropic } of sdks) {
  test(`a client whose base URL is the preset, ${name}`, async () => {
    mock.next(sse(textChunks(['from the ', 'preset'])));
    const client = router.client(Anthropic, { baseURL: `${router.url}/preset/cheap` });
    const message = await client.messages.stream(ask()).finalMessage();
    assert.equal(message.content[0].text, 'from the preset');
    assert.equal(mock.last.body.model, 'small');
    assert.equal(mock.last.headers.authorization, `Bearer ${secrets.provider}`);
    mock.next(json(200, completion({ content: 'whole' })));
    assert.equal((await client.messages.create(ask())).content[0].text, 'whole');
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    assert.ok(ids.includes('other,small') && !ids.includes('main,m1'), `${ids}`);
  });
}

test('its routes, its providers, and the main ones beside it', async () => {
  mock.always(json(200, completion({ content: 'fine' })));
  const routed = async (preset, extra = {}) => {
    const reply = preset ? await post(preset, ask('x', extra)) : await router.messages(ask('x', extra));
    assert.equal(reply.status, 200, reply.text);
    return `${reply.headers['x-ccr-provider']},${reply.headers['x-ccr-model']}`;
  };
  assert.equal(await routed('cheap'), 'other,small');
  assert.equal(await routed('cheap', { max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2000 } }), 'other,thinker');
  assert.equal(await routed('Cheap%20one'), 'other,small', 'by the name in its manifest');
  assert.equal(await routed('filled'), 'main,m2');
  assert.equal(await routed(null), 'main,m1');
  assertErrorEnvelope(await post('cheap', ask('x', { model: 'main,m1' })), 404, 'not_found_error');
});

test('tokens are counted under a preset', async () => {
  const reply = await post('cheap', ask('some words to count'), 'messages/count_tokens');
  assert.equal(reply.status, 200, reply.text);
  assert.ok(JSON.parse(reply.text).input_tokens > 3);
});

test('what is no preset is not found, and the answer says what is', async () => {
  for (const preset of ['broken', 'bad%20name', 'huge', 'archive.zip', 'nobody', '..%2Fsecret', '%2e%2e', 'cheap%00', 'a'.repeat(65)]) {
    const reply = await post(preset, ask());
    assertErrorEnvelope(reply, 404, 'not_found_error');
  }
  assert.match((await post('nobody', ask())).text, /there is cheap, filled/);
  assert.equal(mock.requests.length, 0);
  assert.match(router.child.output, /"bad name": a preset's name is/);
  for (const word of ['broken', 'huge', 'archive.zip']) assert.match(router.child.output, new RegExp(`presets/${word}`), `${word} is complained about`);
});

test('a stream under a preset breaks off as visibly as any other', async () => {
  mock.next((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify(delta({ content: 'first' }))}\n\n`, () => response.destroy());
  });
  const reply = await post('cheap', ask('x', { stream: true }));
  assert.equal(parseSse(reply.text).at(-1).event, 'error');
});
