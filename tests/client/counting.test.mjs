// SPDX-License-Identifier: MIT
// count_tokens asks whom the request itself would go to, and what decides on routes without being
// certain says so.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { plantedSecrets, Router } from './harness.mjs';
import { MockProvider, json } from './mock_provider.mjs';
import { ask, completion } from './replies.mjs';

const secrets = plantedSecrets();
const tag = (target) => `<CCR-SUBAGENT-MODEL>${target}</CCR-SUBAGENT-MODEL>`;
const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_reason: 'end_turn', stop_sequence: null,
  content: [{ type: 'text', text: 'hi' }], usage: { input_tokens: 3, output_tokens: 1 } };

let openai;
let anthropic;

before(async () => {
  openai = await MockProvider.start();
  anthropic = await MockProvider.start();
});
after(async () => {
  await openai.stop();
  await anthropic.stop();
});
beforeEach(() => {
  openai.reset();
  anthropic.reset();
  openai.always(json(200, completion({ content: 'hi' })));
  anthropic.always(json(200, { input_tokens: 1234 }));
});

const providers = () => [
  { name: 'main', api_base_url: `${openai.url}/v1/chat/completions`, api_key: secrets.provider,
    models: ['alpha', { name: 'mute', tools: false }, 'long'] },
  { name: 'anth', protocol: 'anthropic', api_base_url: `${anthropic.url}/v1/messages`, api_key: secrets.second,
    models: ['claude-x', 'claude-small', 'claude-think'] },
];

async function count(router, body) {
  const answer = await router.request('POST', '/v1/messages/count_tokens', { body });
  assert.equal(answer.status, 200, answer.text);
  return { tokens: JSON.parse(answer.text).input_tokens, warning: answer.headers['x-ccr-warn'] };
}

describe('count_tokens', () => {
  let router;
  before(async () => {
    router = await Router.start({ secrets, providers: providers(), config: { Router: {
      default: 'main,alpha', background: 'anth,claude-small', think: 'anth,claude-think' } } });
  });
  after(() => router?.stop());

  const user = (text) => [{ role: 'user', content: text }];

  for (const [name, body, model] of [
    ['a small model', { model: 'claude-haiku-5-5', messages: user('x') }, 'claude-small'],
    ['thinking', { model: 'claude-opus-5-5', messages: user('x'), thinking: { type: 'enabled', budget_tokens: 2048 } }, 'claude-think'],
    ['a tag', { model: 'claude-opus-5-5', messages: user('x'), system: `${tag('anth,claude-x')}be brief` }, 'claude-x'],
    ['a name', { model: 'anth,claude-x', messages: user('x') }, 'claude-x'],
  ]) {
    test(`${name}: asks the target of the route`, async () => {
      assert.deepEqual(await count(router, body), { tokens: 1234, warning: undefined });
      assert.equal(anthropic.last.url.split('?')[0], '/v1/messages/count_tokens');
      assert.equal(anthropic.last.body.model, model);
    });
  }

  test('a tag is not counted and does not reach the provider', async () => {
    const plain = { model: 'main,alpha', messages: user('some words'), system: 'be brief' };
    const tagged = { ...plain, system: `${tag('main,long')}be brief` };
    assert.deepEqual(await count(router, tagged), await count(router, plain));
    await count(router, { ...tagged, model: 'anth,claude-x' });
    assert.doesNotMatch(anthropic.last.bytes.toString(), /SUBAGENT/);
    assert.match(anthropic.last.bytes.toString(), /be brief/);
  });

  test('what goes nowhere is counted all the same', async () => {
    const here = await count(router, { model: 'main,alpha', messages: user('some words') });
    assert.deepEqual(await count(router, { model: 'nobody,x', messages: user('some words') }), here);
    assert.equal(anthropic.requests?.length ?? 0, 0);
  });

  test('a provider that cannot count is no failure', async () => {
    anthropic.always(json(404, { type: 'error', error: { type: 'not_found_error', message: 'no such path' } }));
    const { tokens } = await count(router, { model: 'anth,claude-x', messages: user('some words') });
    assert.ok(tokens > 0 && tokens < 50, String(tokens));
  });
});

// More text than is counted exactly: an estimate, and near the threshold the client is told.
test('a decision by estimate near the threshold is told', async () => {
  const body = ask('words '.repeat(1_500_000), { model: 'claude-any' });
  const start = (Router_) => Router.start({ secrets, providers: providers(), config: { Router: { default: 'main,alpha', longContext: 'main,long', ...Router_ } } });
  let router = await start({});
  let guess;
  try {
    const counted = await count(router, body);
    assert.equal(counted.warning, 'input_tokens is an estimate');
    guess = counted.tokens;
    const far = await router.messages(body);
    assert.equal(far.headers['x-ccr-model'], 'long');
    assert.equal(far.headers['x-ccr-warn'], undefined);
  } finally {
    await router.stop();
  }
  router = await start({ longContextThreshold: Math.round(guess * 1.05) });
  try {
    const near = await router.messages(body);
    assert.equal(near.status, 200, near.text);
    assert.equal(near.headers['x-ccr-model'], 'alpha');
    assert.equal(near.headers['x-ccr-warn'], 'long_context_by_estimate');
  } finally {
    await router.stop();
  }
});

test('a model that cannot call tools is passed over while another can', async () => {
  const tools = [{ name: 'Bash', description: 'runs', input_schema: { type: 'object', properties: {} } }];
  anthropic.always(json(200, message));
  const config = { Router: { default: 'main,mute' }, fallback: { default: ['anth,claude-x'] } };
  let router = await Router.start({ secrets, providers: providers(), config });
  try {
    const with_tools = await router.messages(ask('x', { model: 'claude-any', tools }));
    assert.equal(with_tools.headers['x-ccr-model'], 'claude-x', with_tools.text);
    assert.match(with_tools.headers['x-ccr-tiers'], /main,mute=unfit/);
    const without = await router.messages(ask('another conversation', { model: 'claude-any' }));
    assert.equal(without.headers['x-ccr-model'], 'mute');
  } finally {
    await router.stop();
  }
  // Nobody else: it is asked all the same, for the word may be outdated.
  router = await Router.start({ secrets, providers: providers(), config: { ...config, fallback: { default: [] } } });
  try {
    const answer = await router.messages(ask('x', { model: 'claude-any', tools }));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers['x-ccr-model'], 'mute');
  } finally {
    await router.stop();
  }
});

test('an effort that is forced takes the place of the client\'s', async () => {
  const list = providers();
  list[0].force_reasoning_effort = 'low';
  const router = await Router.start({ secrets, providers: list });
  try {
    for (const effort of ['high', undefined]) {
      await router.messages(ask('x', { model: 'main,alpha', ...(effort ? { output_config: { effort } } : {}) }));
      assert.equal(openai.last.body.reasoning_effort, 'low');
    }
  } finally {
    await router.stop();
  }
});

test('a forced image agent sends every image to the image route; aliases name targets', async () => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };
  const earlier = [{ role: 'user', content: [image] }, { role: 'assistant', content: 'a cat' }, { role: 'user', content: 'sure?' }];
  anthropic.always(json(200, message));
  const router = await Router.start({ secrets, providers: providers(), config: { forceUseImageAgent: true,
    Router: { default: 'main,alpha', image: 'anth,claude-x', modelAliases: { 'gpt-9': 'main,long' } } } });
  try {
    const answer = await router.messages(ask('', { model: 'anth,claude-small', messages: earlier }));
    assert.match(answer.headers['x-ccr-route'], /^image; .*forceUseImageAgent/);
    assert.equal(answer.headers['x-ccr-model'], 'claude-x');
    const alias = await router.messages(ask('x', { model: 'GPT-9' }));
    assert.equal(alias.headers['x-ccr-model'], 'long');
    assert.match(alias.headers['x-ccr-route'], /^explicit; .*modelAliases/);
  } finally {
    await router.stop();
  }
});

// The pauses are those of the tier: with the common numbers the second attempt may come at once.
test('a tier\'s own retries', async () => {
  const failing = json(500, { error: { message: 'no' } });
  openai.always(failing);
  const router = await Router.start({ secrets, providers: providers(), config: {
    Retry: { maxRetries: 0 }, fallback: { default: [], explicit: [] },
    Router: { default: 'main,alpha', tierRetries: { 'tier-0': { max_retries: 3, base_backoff_ms: 1, backoff_multiplier: 1, max_backoff_ms: 1 } } } } });
  try {
    const begun = Date.now();
    const answer = await router.messages(ask('x', { model: 'claude-any' }));
    assert.equal(answer.headers['x-ccr-attempts'], '4');
    assert.ok(Date.now() - begun < 5000);
    const other = await router.messages(ask('x', { model: 'main,long' }));
    assert.equal(other.headers['x-ccr-attempts'], '1');
  } finally {
    await router.stop();
  }
});

test('what became of the custom router\'s answers is counted', async () => {
  const router = await Router.start({ secrets, providers: providers(), files: { 'hook.js':
    'module.exports = async (req) => { const m = req.body.model; if (m === "bad") throw new Error("x"); return m === "go" ? "main,long" : m === "lost" ? "nobody,x" : null; };' },
    config: { CUSTOM_ROUTER_PATH: 'hook.js', customRouterTimeoutMs: 10_000, Router: { default: 'main,alpha' } } });
  try {
    for (const model of ['go', 'bad', 'lost', 'any', 'any']) await router.messages(ask('x', { model }));
    const { text } = await router.request('GET', '/metrics');
    const value = (result) => Number(text.match(new RegExp(`^ccr_custom_router_requests_total\\{result="${result}"\\} (\\d+)$`, 'm'))?.[1]);
    assert.deepEqual([value('target'), value('none'), value('failed')], [1, 2, 2]);
  } finally {
    await router.stop();
  }
});
