// SPDX-License-Identifier: MIT
// The dashboard: what a browser is told about it, and its script run against a real router, on as
// much of a document as it uses, and in a browser where there is one.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import vm from 'node:vm';
import { plantedSecrets, Router } from './harness.mjs';
import { json, MockProvider, sleep } from './mock_provider.mjs';
import { ask, completion } from './replies.mjs';

const secrets = plantedSecrets();
let mock;
let router;
let page;

before(async () => {
  mock = await MockProvider.start();
  router = await Router.start({ secrets, providers: [
    { name: 'mock', api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider, models: ['m1', '<b>m2</b>'] }] });
  mock.always(json(200, completion({ content: 'fine' })));
  page = await router.request('GET', '/ui', { key: null });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});

const between = (open, close) => page.text.slice(page.text.indexOf(open) + open.length, page.text.indexOf(close));

test('the page comes without a key, and HEAD and a slash are the same', async () => {
  assert.equal(page.status, 200);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal((await router.request('GET', '/ui/', { key: null })).text, page.text);
  const head = await router.request('HEAD', '/ui', { key: null });
  assert.equal(head.status, 200);
  assert.equal(head.body.length, 0);
  assert.equal((await router.request('GET', '/ui', { headers: { host: 'evil.example' } })).status, 403);
  assert.equal((await router.request('GET', '/v1/usage', { key: null })).status, 401);
});

test('a browser runs its own style and script, and asks nobody else', () => {
  const policy = new Map(page.headers['content-security-policy'].split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1).join(' ')]));
  const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  assert.equal(policy.get('default-src'), "'none'");
  assert.equal(policy.get('script-src'), hash(between('<script>', '</script>')));
  assert.equal(policy.get('style-src'), hash(between('<style>', '</style>')));
  assert.equal(policy.get('connect-src'), "'self'");
  assert.equal(policy.get('frame-ancestors'), "'none'");
  assert.equal(page.headers['x-content-type-options'], 'nosniff');
  // What the policy would refuse, or a page that is open to names with markup in them.
  assert.doesNotMatch(page.text, /\bstyle=|\bon[a-z]+=|innerHTML|insertAdjacentHTML|document\.write|\beval\(|localStorage|sessionStorage|document\.cookie|src=|href=/);
});

// Elements with what the script touches: children, text, attributes, listeners.
class Element {
  constructor(tag) {
    Object.assign(this, { tag, children: [], attributes: {}, listeners: {}, hidden: false, value: '', className: '' });
  }

  append(...nodes) { this.children.push(...nodes); }
  replaceChildren(...nodes) { this.children = nodes; }
  set textContent(text) { this.children = [text]; }
  get textContent() { return this.children.map((child) => (child instanceof Element ? child.textContent : String(child))).join(' '); }
  setAttribute(name, value) { this.attributes[name] = String(value); }
  addEventListener(name, listener) { this.listeners[name] = listener; }
  focus() { this.focused = true; }
}

function open() {
  const elements = new Map([...page.text.matchAll(/<([a-z]+)[^>]* id="([a-z]+)"( hidden)?/g)].map(([, tag, id, hidden]) => {
    const element = new Element(tag);
    element.hidden = page.text.match(new RegExp(`id="${id}"[^>]*`))[0].includes('hidden') || Boolean(hidden);
    return [id, element];
  }));
  elements.get('since').value = '24h';
  const asked = [];
  const timers = new Set();
  const document = { hidden: false, addEventListener() {}, createElement: (tag) => new Element(tag), createElementNS: (_, tag) => new Element(tag),
    getElementById: (id) => elements.get(id) ?? assert.fail(`no element ${id}`) };
  vm.runInNewContext(between('<script>', '</script>'), { document, clearTimeout: () => timers.clear(), setTimeout: (look) => timers.add(look),
    fetch: (target, options) => { asked.push(target); return fetch(router.url + target, options); } });
  return { at: (id) => elements.get(id), asked, timers };
}

async function until(what, message) {
  for (let i = 0; i < 1000 && !what(); i += 1) await sleep(10);
  assert.ok(what(), message());
}

describe('the script', () => {
  test('asks for the key, says when it is wrong, and then shows what there is', async () => {
    assert.equal((await router.messages(ask())).status, 200);
    mock.next(json(400, { error: { message: 'no such thing' } }));
    assert.equal((await router.messages(ask())).status, 400);
    const { at, asked, timers } = open();
    await until(() => !at('ask').hidden, () => at('state').textContent);
    assert.ok(at('page').hidden && at('key').focused);
    const type = (key) => {
      at('key').value = key;
      at('ask').listeners.submit({ preventDefault() {} });
      assert.equal(at('key').value, '');
    };
    type('wrong');
    await until(() => at('refused').textContent === 'That is not the key.', () => at('refused').textContent);
    type(secrets.router);
    await until(() => !at('page').hidden, () => `${at('state').textContent} ${at('refused').textContent}`);
    assert.ok(at('ask').hidden);
    assert.equal(at('state').textContent, 'ok');
    assert.equal(at('requests').textContent, '1');
    assert.equal(at('failures').textContent, '1');
    assert.equal(at('streams').textContent, '0');
    assert.match(at('tokens').textContent, /^\d+ \/ \d+$/);
    assert.match(at('targets').textContent, /^tier-1 mock,m1 unknown closed – .* \d+ ms .* 1$/);
    assert.match(at('served').textContent, /mock,m1 1 1 0 /);
    assert.match(at('routes').textContent, /default 1 1 /);
    assert.match(at('days').textContent, /^\d{4}-\d\d-\d\d .* 1 /);
    for (const id of ['targets', 'served', 'routes', 'days']) assert.doesNotMatch(at(id).textContent, /undefined|NaN|\[object/, id);
    assert.ok(asked.every((target) => /^\/(health|v1\/(usage|latencies))(\?|$)/.test(target)), asked.join(' '));
    assert.equal(timers.size, 1);
  });

  test('says so when the router is gone, and looks again', async () => {
    const { at, timers } = open();
    await until(() => !at('ask').hidden, () => at('state').textContent);
    const url = router.url;
    router.url = 'http://127.0.0.1:1';
    at('key').value = secrets.router;
    at('ask').listeners.submit({ preventDefault() {} });
    await until(() => at('state').textContent.startsWith('no answer: '), () => at('state').textContent);
    assert.equal(timers.size, 1);
    router.url = url;
    for (const look of timers) look();
    await until(() => at('state').textContent === 'ok', () => at('state').textContent);
  });
});

const browser = ['chromium', 'chromium-browser', 'google-chrome'].find((name) => !spawnSync(name, ['--version']).error);
const skip = !browser && 'no chromium (Debian package chromium): the dashboard is NOT tested in a browser';
if (skip) console.log(`SKIPPED: ${skip}`);

test('a real browser takes the policy and draws the page', { skip }, async () => {
  const open = await Router.start({ config: { APIKEY: '' }, providers: [
    { name: 'mock', api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider, models: ['m1'] }] });
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'ccr-browser-'));
  try {
    assert.equal((await open.messages(ask())).status, 200);
    const run = await new Promise((resolve) => {
      execFile(browser, ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', `--user-data-dir=${profile}`,
        '--no-proxy-server', '--enable-logging=stderr', '--timeout=20000', '--virtual-time-budget=20000', '--dump-dom', `${open.url}/ui`],
      { timeout: 120_000, maxBuffer: 1 << 24 }, (error, out, err) => resolve({ error, out, err }));
    });
    assert.ifError(run.error);
    assert.match(run.out, /<span id="state"[^>]* class="good">ok<\/span>/, run.err);
    assert.match(run.out, /<main id="page">/);
    assert.match(run.out, /<tbody id="targets"><tr><td>tier-1<\/td><td>mock,m1<\/td>/);
    assert.match(run.out, /<tbody id="served"><tr><td>tier-1<\/td><td>mock,m1<\/td><td class="number">1<\/td>/);
    assert.doesNotMatch(run.err, /Content Security Policy|Uncaught|CONSOLE.*rror/);
  } finally {
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    await open.stop();
  }
});
