// SPDX-License-Identifier: MIT
// Our tokens against those of tiktoken itself (its own Rust code, as WebAssembly).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { get_encoding } from 'tiktoken';
import { dataDir, program, Router } from './harness.mjs';
import { MockProvider } from './mock_provider.mjs';

const FRAMING = { reply: 3, message: 4 };
const ranks = path.join(dataDir, '..', '..', 'data', 'tokens');
const samples = path.join(dataDir, 'tokens');
let folder;
let mock;
let router;

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ccr-tokens-'));
  mock = await MockProvider.start();
  const at = (name, more = {}) => ({
    name, api_base_url: `${mock.url}/v1/chat/completions`, api_key: 'k', models: ['m'], ...more });
  router = await Router.start({ providers: [at('plain'),
    at('older', { tokenizer: { default: { type: 'tiktoken', encoding: 'cl100k_base' } } })] });
});
after(async () => {
  fs.rmSync(folder, { recursive: true, force: true });
  await router?.stop();
  await mock?.stop();
});

function compare(name, files) {
  const reference = get_encoding(name);
  try {
    const out = execFileSync(program('CCR_TOKENS'), [path.join(ranks, `${name}.bin`), ...files],
      { maxBuffer: 1 << 29, encoding: 'latin1' }).split('\n');
    files.forEach((file, i) => {
      const wanted = Array.from(reference.encode(fs.readFileSync(file, 'utf8'), [], []));
      const ours = out[i].trim().split(' ').filter(Boolean).map(Number);
      assert.deepEqual(ours, wanted, `${name}: ${file}`);
    });
  } finally {
    reference.free();
  }
}

function listed(directory, suffix) {
  return fs.readdirSync(directory).filter((name) => name.endsWith(suffix)).map((name) => path.join(directory, name));
}

// Each code point next to letters, digits and spaces: where the classes of characters matter.
function everyCharacter() {
  const file = path.join(folder, 'every_character.txt');
  let text = '';
  for (let code = 0; code < 0x20000; ++code) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const c = String.fromCodePoint(code);
    text += `a${c}B${c}c 1${c}2 ${c}\n`;
  }
  fs.writeFileSync(file, text);
  return file;
}

// Pieces whose rules meet, in an order that no one would write.
function mixtures() {
  const atoms = ['a', 'B', 'É', 'é', '中', 'ǅ', 'ʰ', '\u0301', '\u0903', '1', '²', '٣', 'Ⅷ', ' ', '  ', '\t', '\n', '\r\n',
    '\r', '\u00a0', '\u3000', '\ufeff', '\u0085', '\u2028', "'", "'s", "'LL", "'VE", "'ſ", '/', '//', '\\', '!', '...', '😀',
    '👨‍👩‍👧', '<|endoftext|>', '_', '-', '=', '\u200b', 'ß', 'İ', 'हिन्दी', 'ไทย', '한국'];
  let seed = 7;
  const random = (n) => (seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff) % n;
  return Array.from({ length: 12 }, (_, i) => {
    const file = path.join(folder, `mixture_${i}.txt`);
    let text = '';
    for (let k = 0; k < 3000; ++k) text += atoms[random(atoms.length)].repeat(random(8) === 0 ? 1 + random(40) : 1);
    fs.writeFileSync(file, text);
    return file;
  });
}

for (const name of ['o200k_base', 'cl100k_base']) {
  test(`${name}: the same ranks as the reference, file by file`, () => {
    compare(name, [...listed(samples, '.txt'), ...listed(path.join(dataDir, 'claude-code'), '.json')]);
  });
  test(`${name}: the same ranks around every character`, () => compare(name, [everyCharacter()]));
  test(`${name}: the same ranks where rules meet`, () => compare(name, mixtures()));
}

async function counted(model, content) {
  const reply = await router.request('POST', '/v1/messages/count_tokens',
    { body: JSON.stringify({ model, messages: [{ role: 'user', content }] }) });
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.headers['x-ccr-warn'], undefined);
  return JSON.parse(reply.text).input_tokens;
}

test('count_tokens is the reference count of the text and its framing', async () => {
  for (const [model, name] of [['plain,m', 'o200k_base'], ['older,m', 'cl100k_base']]) {
    const reference = get_encoding(name);
    for (const file of listed(samples, '.txt')) {
      const text = fs.readFileSync(file, 'utf8');
      const wanted = reference.encode(text, [], []).length + FRAMING.reply + FRAMING.message;
      assert.equal(await counted(model, text), wanted, `${model}: ${file}`);
    }
    reference.free();
  }
});

test('twenty-six counts at a time are all exact', async () => {
  const text = fs.readFileSync(path.join(samples, 'code_cpp.txt'), 'utf8').repeat(7);
  const reference = get_encoding('o200k_base');
  const counts = await Promise.all(Array.from({ length: 26 }, (_, i) => counted('plain,m', `${i} ${text}`)));
  counts.forEach((count, i) => {
    assert.equal(count, reference.encode(`${i} ${text}`, [], []).length + FRAMING.reply + FRAMING.message);
  });
  reference.free();
});

test('a picture is counted by its size', async () => {
  const png = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452000002ee000001f4', 'hex'), Buffer.alloc(60_000)]);
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png.toString('base64') } };
  assert.equal(await counted('plain,m', [image]), 500 + FRAMING.reply + FRAMING.message);
});
