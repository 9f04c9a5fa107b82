// SPDX-License-Identifier: MIT
// Every door over every provider's language with every feature, streamed and not: what the provider
// is asked means what the client said, and the client reads what the provider answered. Requests and
// answers are neutral data here; matrix_doors.mjs and matrix_providers.mjs put them into words.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { plantedSecrets, Router } from './harness.mjs';
import { doors } from './matrix_doors.mjs';
import { providers, streamed } from './matrix_providers.mjs';
import { MockProvider, broken, json, raw } from './mock_provider.mjs';

const said = 'Hello "wörld" 🌦';
const user = (...parts) => ({ role: 'user', parts });
const hello = [user({ text: 'Hello?' })];
const weather = { name: 'get_weather', description: 'Weather of a place',
  parameters: { type: 'object', properties: { place: { type: 'string' }, days: { type: 'integer' } }, required: ['place'] } };
const call = (id, input) => ({ call: { id, name: 'get_weather', input } });
const result = (id, text) => ({ result: { id, text } });
const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], additionalProperties: false };

// What is asked, and what is answered to it. `check` replaces the exchange that most of them are.
const features = {
  text: { ask: { turns: hello }, parts: [{ text: said }], stop: 'end' },
  tools: { ask: { turns: [...hello, { role: 'assistant', parts: [call('call_1', { place: 'Oslo' })] }, user(result('call_1', 'dry'))], tools: [weather], choice: 'any' },
    parts: [call('call_2', { place: 'Paris', days: 2 })], stop: 'tools' },
  'parallel tools': { ask: { turns: [...hello, { role: 'assistant', parts: [call('call_1', { place: 'Oslo' }), call('call_2', { place: 'Rom"é' })] },
    user(result('call_1', 'dry'), result('call_2', 'rain'))], tools: [weather] },
  parts: [call('call_3', { place: 'Paris', days: 2 }), call('call_4', { place: 'Rom"é' })], stop: 'tools' },
  reasoning: { ask: { turns: hello, tools: [weather], effort: 'high' }, parts: [{ thought: 'Hm. So.', seal: 'U0lH' }, call('call_led_to', { place: 'Paris' })], stop: 'tools', check: comesBack },
  image: { ask: { turns: [user({ text: 'What?' }, { image: { type: 'image/png', data: 'iVBORw0KGgo+/8A=' } })] }, parts: [{ text: said }], stop: 'end' },
  'structured output': { ask: { turns: hello, schema }, parts: [{ text: '{"a":1}' }], stop: 'end' },
  'stop sequence': { ask: { turns: hello, stops: ['###'] }, parts: [{ text: 'one ' }], stop: 'stop' },
  error: { ask: { turns: hello }, check: tellsErrors },
  'truncated stream': { ask: { turns: hello }, parts: [{ text: said }], stop: 'end', check: tellsTruncation },
};

// What cannot work as elsewhere, with its reason: the expectation that takes the usual one's place.
const limits = {
  'messages over anthropic: error': { why: 'a refusal in the client\'s own format is told in the provider\'s words', own: true },
  'messages over gemini: stop sequence': { why: 'Gemini does not say that it stopped at a sequence', stop: 'end' },
  ...Object.fromEntries(Object.keys(providers).map((provider) => [`responses over ${provider}: stop sequence`, {
    why: 'the Responses format has no stop sequences: the member is unknown, and said to be left out', stop: 'end', unknown: 'stop' }])),
};

const sameLanguage = { messages: 'anthropic', chat: 'openai', responses: 'openai-responses' };
const secrets = plantedSecrets();
let mock;
let router;
let ran = 0;

before(async () => {
  mock = await MockProvider.start();
  router = await Router.start({ secrets, providers: Object.entries(providers).map(([name, { model, config: { path, ...more } }]) => (
    { name, api_base_url: `${mock.url}${path}`, api_key: secrets.provider, models: [model], ...more })) });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});
beforeEach(() => mock.reset());

class Cell {
  constructor(door, provider, feature, stream) {
    Object.assign(this, { door: doors[door], provider: providers[provider], feature: features[feature], stream, providerName: provider });
    this.where = `${door} over ${provider}: ${feature}`;
    this.name = `${this.where}, ${stream ? 'streamed' : 'whole'}`;
    this.passes = sameLanguage[door] === provider;
    this.limit = limits[this.where] ?? {};
  }

  script(parts, stop) {
    const { frames, whole } = this.provider.answer(parts, stop);
    return this.stream ? streamed(frames) : json(200, whole);
  }

  async send(ask, model = this.provider.model) {
    this.sent = { model: `${this.providerName},${model}`, ...this.door.build({ system: 'Be brief.', ...ask }), ...(this.stream ? { stream: true } : {}) };
    return router.request('POST', this.door.path, { body: this.sent });
  }

  // The provider was asked what the client said.
  checkArrival(ask) {
    const { body } = mock.last;
    const understood = this.provider.understand(body);
    const expected = { system: 'Be brief.', ...ask };
    // In the same language it is the client's own body, unless something of ours has to be undone.
    if (this.passes && !JSON.stringify(this.sent).includes('"ccr1.')) {
      const { stream_options: usage, ...rest } = body;
      assert.deepEqual(rest, { ...this.sent, ...(body.model ? { model: this.provider.model } : {}) });
      assert.ok(usage === undefined || this.stream);
      return;
    }
    const unsent = this.limit.unknown ?? (this.provider.takesStops === false ? 'stop' : undefined);
    if (unsent) delete expected.stops;
    if (this.provider.namesCalls === false) expected.turns = expected.turns.map((turn) => ({ ...turn, parts: turn.parts.map(anonymous) }));
    assert.deepEqual(understood, expected);
    if (this.providerName !== 'gemini') assert.equal(body.stream ?? false, this.stream);
    else assert.match(mock.last.url, this.stream ? /:streamGenerateContent\?alt=sse$/ : /:generateContent$/);
  }

  // The client reads what the provider answered.
  checkAnswer(reply, parts, stop) {
    assert.equal(reply.status, 200, reply.text);
    assert.match(reply.headers['content-type'], this.stream ? /^text\/event-stream/ : /^application\/json/);
    const answer = this.door.read(reply, this.stream);
    const nameless = this.provider.namesCalls === false;
    const shown = parts.map(({ seal, ...part }) => part);
    if (nameless) {
      const ids = answer.parts.filter((part) => part.call).map((part) => part.call.id);
      assert.equal(new Set(ids).size, ids.length, 'ids are made up, each its own');
      for (const id of ids) assert.match(id, /^[\w-]{1,64}$/);
    }
    assert.deepEqual(nameless ? answer.parts.map(anonymous) : answer.parts, nameless ? shown.map(anonymous) : shown);
    assert.equal(answer.stop, this.door.stops[stop]);
    if (answer.sequence !== undefined) assert.equal(answer.sequence, stop === 'stop' ? '###' : null);
    return answer;
  }
}

const anonymous = (part) => {
  if (part.call) return { ...part, call: { name: part.call.name, input: part.call.input } };
  return part.result ? { result: { text: part.result.text } } : part;
};

async function exchange(cell) {
  const { ask, parts, stop } = cell.feature;
  mock.next(cell.script(parts, stop));
  const reply = await cell.send(ask);
  cell.checkArrival(ask);
  assert.equal(reply.headers['x-ccr-warn'] ?? '', cell.passes ? '' : cell.limit.unknown ?? '');
  // Who goes on behind the sequence is cut off, unless nobody asked for that.
  const goesOn = cell.limit.unknown && cell.providerName === 'openai-responses';
  return cell.checkAnswer(reply, goesOn ? [{ text: 'one ### two' }] : parts, cell.limit.stop ?? stop);
}

// Reasoning is shown, and comes back to its maker with the results of the calls that it led to.
async function comesBack(cell) {
  const answer = await exchange(cell);
  const { ask, parts } = cell.feature;
  const { call: made } = answer.parts.find((part) => part.call);
  const text = [{ text: said }];
  mock.next(cell.script(text, 'end'));
  const next = { ...ask, turns: [...hello, answer.turn, user(result(made.id, 'dry'))] };
  const reply = await cell.send(next);
  const { returned, keeps } = cell.provider;
  const called = { ...parts[1], call: { ...parts[1].call, id: made.id } };
  const withReasoning = (thought) => (thought.thought === undefined ? [{ ...called, ...thought }] : [thought, called]);
  const arrives = (back) => cell.checkArrival({ ...next, turns: [...hello, { role: 'assistant', parts: back }, user(result(made.id, 'dry'))] });
  arrives(withReasoning(returned));
  cell.checkAnswer(reply, text, 'end');
  if (!keeps || cell.passes) return;
  // Without it such a provider refuses the calls, or thinks worse; clients may not know.
  mock.next(cell.script(text, 'end'));
  await cell.send({ ...ask, turns: [...hello, { role: 'assistant', parts: [{ said: cell.door.forget(answer.turn.parts[0].said) }] }, user(result(made.id, 'dry'))] });
  arrives(withReasoning(keeps));
}

// Each failing target is a model of its own: a limit closes it for a while.
async function tellsErrors(cell) {
  const { errors } = cell.door;
  const fail = async (what, reply, [status, type], sent) => {
    mock.next(reply);
    const answer = await cell.send(cell.feature.ask, `${cell.provider.model}-${what}-${ran}`);
    if (!cell.limit.own || !sent) return [cell.door.assertError(answer, status, type), answer];
    assert.equal(answer.status, sent, answer.text);
    assert.equal(answer.headers['request-id'].slice(0, 4), 'req_');
    return [JSON.parse(answer.text).error, answer];
  };
  const [, limited] = await fail('limited', cell.provider.error(429, 'Slow down.'), errors.limited, 429);
  assert.equal(limited.headers['retry-after'], '7');
  const [long] = await fail('long', cell.provider.error(400, cell.provider.overflow), errors.long, 400);
  assert.match(long.message, /^prompt is too long/);
  await fail('busy', cell.provider.error(503, 'Overloaded.'), errors.overloaded, 503);
  if (cell.stream) await fail('failed', streamed([cell.provider.errorFrame]), errors.overloaded);
}

// However an answer ends too early, nothing that looks like its end is made up.
async function tellsTruncation(cell) {
  const { ask, parts, stop } = cell.feature;
  const { frames, whole } = cell.provider.answer(parts, stop);
  if (!cell.stream) {
    const half = JSON.stringify(whole).slice(0, 40);
    const cut = (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': JSON.stringify(whole).length });
      response.write(half, () => response.socket.destroy());
    };
    for (const reply of [cut, raw(200, half, { 'content-type': 'application/json' })]) {
      mock.next(reply);
      cell.door.assertError(await cell.send(ask), ...cell.door.errors.broken);
    }
    return;
  }
  const begun = frames.slice(0, frames.findIndex((frame) => frame.includes('Hell')) + 1);
  for (const reply of [broken(begun, 'reset', { gapMs: 5 }), streamed(begun)]) {
    mock.next(reply);
    const got = await cell.send(ask);
    assert.equal(got.status, 200);
    assert.match(got.text, /Hell/);
    cell.door.assertFailed(got.text);
  }
}

const cells = Object.keys(doors).flatMap((door) => Object.keys(providers).flatMap((provider) => Object.keys(features).flatMap((feature) => (
  [true, false].map((stream) => new Cell(door, provider, feature, stream))))));

describe('matrix', () => {
  for (const cell of cells) {
    test(cell.name, async () => {
      ran += 1;
      await (cell.feature.check ?? exchange)(cell);
    });
  }
});

test('no cell of the matrix is lost', () => {
  assert.equal(new Set(cells.map((cell) => cell.name)).size, 3 * 4 * 9 * 2);
  assert.equal(ran, 216);
  for (const where of Object.keys(limits)) assert.ok(cells.some((cell) => cell.where === where), `${where} is a cell`);
});

// The rules of routing at every door: same words, same way.
describe('routes', () => {
  const tag = '<CCR-SUBAGENT-MODEL>anthropic,sub</CCR-SUBAGENT-MODEL>';
  const long = 'lorem ipsum '.repeat(9000);
  let ruled;
  before(async () => {
    ruled = await Router.start({ secrets, config: { Router: { default: 'openai,plain', think: 'openai,thinker', longContext: 'openai,long', longContextThreshold: 10_000, background: 'openai,small' } },
      providers: Object.entries(providers).map(([name, { config: { path, ...more } }]) => (
        { name, api_base_url: `${mock.url}${path}`, api_key: secrets.provider, models: ['plain', 'thinker', 'long', 'small', 'sub'], ...more })) });
  });
  after(() => ruled?.stop());

  const cases = [
    ['nothing special', {}, 'default openai,plain'],
    ['high effort', { effort: 'high' }, 'think openai,thinker'],
    ['medium effort', { effort: 'medium' }, 'default openai,plain'],
    ['a long conversation', { turns: [user({ text: long })] }, 'longContext openai,long'],
    ['a small model', { model: 'claude-haiku-5-5' }, 'background openai,small'],
    ['a tag in the system prompt', { system: `${tag}Be brief.` }, 'subagent anthropic,sub'],
    ['a tag in the prompt', { turns: [user({ text: `${tag}Hello?` })] }, 'subagent anthropic,sub'],
    // Where the bytes go through, a tag goes all the same.
    ...Object.entries(sameLanguage).map(([door, provider]) => [`a tag to ${provider}`, { system: `${tag.replace('anthropic', provider)}Be brief.` }, `subagent ${provider},sub`, door]),
  ];
  for (const [name, { model = 'claude-sonnet-5', ...ask }, expected, only] of cases) {
    for (const door of Object.keys(doors).filter((each) => !only || each === only)) {
      test(`${name} at the door of ${door}`, async () => {
        const provider = providers[expected.split(/[ ,]/)[1]];
        mock.next(json(200, provider.answer([{ text: said }], 'end').whole));
        const reply = await ruled.request('POST', doors[door].path, { body: { model, ...doors[door].build({ system: 'Be brief.', turns: hello, ...ask }) } });
        assert.equal(reply.status, 200, reply.text);
        const { headers } = reply;
        assert.equal(`${headers['x-ccr-route'].split(';')[0]} ${headers['x-ccr-provider']},${headers['x-ccr-model']}`, expected);
        assert.doesNotMatch(mock.last.bytes.toString(), /SUBAGENT/);
        assert.equal(provider.understand(mock.last.body).system, 'Be brief.');
      });
    }
  }
});
