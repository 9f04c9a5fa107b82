// SPDX-License-Identifier: MIT
// No secret in anything that a run writes: log at its most talkative, error replies, a config that
// does not load. The keys are planted; stop() greps the output, the files and every reply for them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Child, plantedSecrets, program, Router } from './harness.mjs';
import { MockProvider, broken, json, raw, sse } from './mock_provider.mjs';
import { ask, completion, textChunks, toolChunks, toolEnd } from './replies.mjs';

// A CONNECT proxy that asks for a password and tunnels every target to `to`.
async function startProxy(to, authorization) {
  const proxy = http.createServer((request, response) => response.writeHead(405).end());
  proxy.seen = [];
  proxy.on('connect', (request, socket) => {
    proxy.seen.push({ target: request.url, authorization: request.headers['proxy-authorization'] });
    socket.on('error', () => {});
    if (authorization && request.headers['proxy-authorization'] !== authorization) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const tunnel = net.connect(Number(to.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      tunnel.pipe(socket).pipe(tunnel);
    });
    tunnel.on('error', () => socket.destroy());
  });
  await new Promise((resolve) => { proxy.listen(0, '127.0.0.1', resolve); });
  proxy.origin = `127.0.0.1:${proxy.address().port}`;
  return proxy;
}

// Every kind of request that is likely to make a program talk about its keys.
async function stir(router, mock, secrets) {
  const echo = (status) => json(status, { error: { message: `key ${secrets.provider} is bad; Authorization: Bearer ${secrets.provider}` } });
  const replies = [json(200, completion({ content: 'fine' })), echo(401), echo(403), echo(400), echo(404), echo(429), echo(500), echo(200),
    raw(502, `<html>${secrets.provider}</html>`, { 'content-type': 'text/html' }), broken([], 'reset'), broken([], 'badchunk'),
    json(302, {}, { location: `http://127.0.0.1:1/?key=${secrets.provider}` }), json(500, 'x', { 'x-debug': secrets.provider, 'set-cookie': `k=${secrets.provider}` })];
  for (const stream of [true, false]) {
    for (const reply of replies) {
      mock.always(reply);
      await router.messages(ask('x', { stream }), { headers: { authorization: `Bearer ${secrets.router}` } });
    }
  }
  mock.always(sse([...textChunks(['a']).slice(0, 2), { error: { message: `bad key ${secrets.provider}` } }], { done: false }));
  await router.messages(ask('x', { stream: true }));
  for (const key of [`${secrets.router}x`, secrets.router.slice(1)]) await router.messages(ask(), { key });
  await router.messages('{"broken', {});
  await router.request('GET', `/v1/nothing?key=${secrets.router}`);
  await router.request('GET', `/health?api_key=${secrets.router}`, { headers: { cookie: `k=${secrets.router}` } });
  await router.messages(ask('x', { model: 'dead,m1' }));
}

test('requests of all kinds at debug level', async () => {
  const secrets = plantedSecrets();
  const mock = await MockProvider.start();
  const dead = await MockProvider.start();
  const engine = await MockProvider.start();
  const provider = (name, url, extra = {}) => ({ name, api_base_url: `${url}/v1/chat/completions`, api_key: secrets.provider, models: ['m1'], ...extra });
  const router = await Router.start({ secrets, config: { LOG_LEVEL: 'trace', WebSearch: { engine: 'exa', url: engine.url, api_key: secrets.engine } },
    providers: [provider('mock', mock.url), provider('dead', dead.url, { api_key: secrets.second })] });
  await dead.stop();
  await stir(router, mock, secrets);
  for (const reply of [json(401, { error: `key ${secrets.engine} is bad` }), json(200, { results: [] }), broken([], 'reset')]) {
    engine.next(reply);
    mock.next(sse([...toolChunks(0, 'c', 'web_search', { query: 'x' }), ...toolEnd()]), sse(textChunks(['fine'])));
    await router.messages(ask('x', { stream: true, tools: [{ type: 'web_search_20250305', name: 'web_search' }] }));
    assert.equal(engine.last.headers['x-api-key'], secrets.engine);
  }
  await Promise.all([mock.stop(), engine.stop()]);
  await router.stop();
});

test('a proxy with a password', async () => {
  const secrets = plantedSecrets();
  const mock = await MockProvider.start();
  const right = `Basic ${Buffer.from(`me:${secrets.proxy}`).toString('base64')}`;
  const proxy = await startProxy(mock.origin, right);
  const router = await Router.start({ secrets, config: { LOG_LEVEL: 'trace', PROXY_URL: `http://me:${secrets.proxy}@${proxy.origin}` }, providers: [
    { name: 'far', api_base_url: 'http://provider.test/v1/chat/completions', api_key: secrets.provider, models: ['m1'] },
    { name: 'near', api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.second, models: ['m1'] }] });
  mock.always(json(200, completion({ content: 'fine' })));
  const far = await router.messages(ask());
  assert.equal(far.status, 200, far.text);
  assert.deepEqual(proxy.seen, [{ target: 'provider.test:80', authorization: right }]);
  assert.equal(mock.last.headers.host, 'provider.test');
  assert.equal(mock.last.headers['proxy-authorization'], undefined, 'the proxy\'s password is the proxy\'s');
  assert.equal((await router.messages(ask('x', { model: 'near,m1' }))).status, 200);
  assert.equal(proxy.seen.length, 1, 'loopback is never proxied');
  proxy.closeAllConnections?.();
  await new Promise((resolve) => { proxy.close(resolve); proxy.closeAllConnections?.(); });
  await mock.stop();
  const refused = await router.messages(ask());
  assert.equal(refused.status, 502, refused.text);
  await router.stop();
});

test('a proxy that refuses the password', async () => {
  const secrets = plantedSecrets();
  const proxy = await startProxy('127.0.0.1:1', 'Basic other');
  const router = await Router.start({ secrets, config: { LOG_LEVEL: 'trace', PROXY_URL: `http://me:${secrets.proxy}@${proxy.origin}` },
    providers: [{ name: 'far', api_base_url: 'https://provider.test/v1/chat/completions', api_key: secrets.provider, models: ['m1'] }] });
  const reply = await router.messages(ask());
  assert.equal(reply.status, 502, reply.text);
  assert.match(reply.text, /407|proxy/i);
  await router.stop();
  await new Promise((resolve) => { proxy.close(resolve); proxy.closeAllConnections?.(); });
});

// [what is wrong with the config, the text of the file]
const broken_configs = (s) => [
  ['a syntax error behind the keys', `{"APIKEY": "${s.router}", "Providers": [{"name":"a","api_key":"${s.provider}" "models":[]}]}`],
  ['a key of the wrong type', `{"APIKEY": ["${s.router}"], "Providers": [{"name":"a","api_base_url":"http://a.test/v1/chat/completions","api_key":{"k":"${s.provider}"},"models":["m"]}],"Router":{"default":"a,m"}}`],
  ['a bad URL with a password', `{"APIKEY": "${s.router}", "PROXY_URL": "ht!tp://me:${s.proxy}@[", "Providers": [{"name":"a","api_base_url":"::${s.second}::","api_key":"${s.provider}","models":["m"]}],"Router":{"default":"a,m"}}`],
  ['a search engine that is none', `{"APIKEY": "${s.router}", "WebSearch": {"engine": "${s.engine}x", "api_key": "${s.engine}", "url": "http://me:${s.engine}@x"}}`],
  ['an unknown target', `{"APIKEY": "${s.router}", "Providers": [{"name":"a","api_base_url":"http://a.test/v1/chat/completions","api_key":"${s.provider}","models":["m"]}],"Router":{"default":"b,m"}}`],
];

test('configs that do not load', async (t) => {
  for (const [what, text] of broken_configs(plantedSecrets())) {
    await t.test(what, async () => {
      const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ccrd-config-'));
      const file = path.join(home, 'config.json');
      fs.writeFileSync(file, text, { mode: 0o600 });
      const child = new Child(program('CCRD'), ['--config', file], { env: { ...process.env, HOME: home } });
      const { code } = await child.exited;
      fs.rmSync(home, { recursive: true });
      assert.equal(code, 78, child.output);
      assert.match(child.output, /config\.json:\d+:\d+: error: /);
      assert.doesNotMatch(child.output, /canary/, child.output);
    });
  }
});
