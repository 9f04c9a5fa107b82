// SPDX-License-Identifier: MIT
// Makes data/tokens/*.bin, the vocabularies that the daemon maps and reads in place.
//
//   npm install --no-save js-tiktoken@1.0.21 && node tools/make_ranks.mjs data/tokens
//
// Source: the rank files of OpenAI's tiktoken (MIT, Copyright (c) 2022 OpenAI, Shantanu Jain), as
// redistributed in the MIT-licensed npm package js-tiktoken. The character classes come from node's
// own Unicode tables. Layout: daemon/tokens/vocabulary.hpp, which reads it; the hash must stay the
// same on both sides.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(process.cwd(), 'x.js'));
const HEADER = 64;
const EMPTY = 0xffffffff;
const PATTERNS = { cl100k_base: 1, o200k_base: 2 };
const MASK = (1n << 64n) - 1n;

function hash(bytes) {
  let h = (BigInt(bytes.length) * 0x9e3779b97f4a7c15n) & MASK;
  for (let at = 0; at < bytes.length; at += 8) {
    let word = 0n;
    for (let i = Math.min(8, bytes.length - at) - 1; i >= 0; --i) word = (word << 8n) | BigInt(bytes[at + i]);
    h = ((h ^ word) * 0xd6e8feb86659fd93n) & MASK;
    h ^= h >> 32n;
  }
  return h;
}

// "! 0 IQ== Ig== …": a first rank, then the tokens from it on, base64 each.
function tokensOf(ranks) {
  const tokens = [];
  for (const line of ranks.split('\n').filter(Boolean)) {
    const [, first, ...encoded] = line.split(' ');
    encoded.forEach((text, i) => { tokens[Number(first) + i] = Buffer.from(text, 'base64'); });
  }
  for (let i = 0; i < tokens.length; ++i) if (!tokens[i]) throw new Error(`rank ${i} is missing`);
  return tokens;
}

// Bits: 1 may stand among capitals, 2 may stand among small letters, 4 letter, 8 number, 16 space
// (White_Space, which is not quite JavaScript's \s).
function classOf(code) {
  if (code >= 0xd800 && code <= 0xdfff) return 0;
  const c = String.fromCodePoint(code);
  let bits = 0;
  if (/[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]/u.test(c)) bits |= 1;
  if (/[\p{Ll}\p{Lm}\p{Lo}\p{M}]/u.test(c)) bits |= 2;
  if (/\p{L}/u.test(c)) bits |= 4;
  if (/\p{N}/u.test(c)) bits |= 8;
  if (/\p{White_Space}/u.test(c)) bits |= 16;
  return bits;
}

// Two stages: a page number for each 256 code points, then the pages that differ.
function classTable() {
  const numbers = new Map();
  const pages = [];
  const index = Buffer.alloc(0x1100);
  for (let page = 0; page < 0x1100; ++page) {
    const bytes = Buffer.alloc(256);
    for (let i = 0; i < 256; ++i) bytes[i] = classOf(page * 256 + i);
    const key = bytes.toString('latin1');
    if (!numbers.has(key)) {
      numbers.set(key, pages.length);
      pages.push(bytes);
    }
    index[page] = numbers.get(key);
  }
  if (pages.length > 256) throw new Error('too many pages of character classes');
  return { index, pages };
}

function slotTable(tokens) {
  const size = Math.floor(tokens.length * 1.5);
  const slots = new Uint32Array(size).fill(EMPTY);
  tokens.forEach((bytes, rank) => {
    const h = hash(bytes);
    let at = Number(((h & 0xffffffffn) * BigInt(size)) >> 32n);
    while (slots[at] !== EMPTY) at = at + 1 === size ? 0 : at + 1;
    slots[at] = Number(((h >> 50n) << 18n) | BigInt(rank));
  });
  return Buffer.from(slots.buffer);
}

function build(name, tokens, classes) {
  if (tokens.length >= 0x3ffff) throw new Error('ranks have 18 bits');
  const offsets = new Uint32Array(tokens.length + 1);
  tokens.forEach((bytes, i) => { offsets[i + 1] = offsets[i] + bytes.length; });
  const slots = slotTable(tokens);
  const header = Buffer.alloc(HEADER);
  header.write('CCRBPE1\n', 0, 'latin1');
  [PATTERNS[name], tokens.length, slots.length / 4, offsets[tokens.length], classes.pages.length]
    .forEach((value, i) => header.writeUInt32LE(value, 8 + 4 * i));
  header.write(name, 32, 'latin1');
  return Buffer.concat([header, slots, Buffer.from(offsets.buffer), classes.index, ...classes.pages,
    ...tokens]);
}

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node tools/make_ranks.mjs FOLDER');
  process.exit(2);
}
const classes = classTable();
for (const name of Object.keys(PATTERNS)) {
  const module = require(`js-tiktoken/ranks/${name}`);
  const tokens = tokensOf((module.default ?? module).bpe_ranks);
  const file = path.join(folder, `${name}.bin`);
  fs.writeFileSync(file, build(name, tokens, classes));
  console.log(`${file}: ${tokens.length} tokens, ${fs.statSync(file).size} bytes, Unicode ${process.versions.unicode}`);
}
