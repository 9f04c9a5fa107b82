// SPDX-License-Identifier: MIT
// The shipped alert rules and the dashboard: promtool's own tests, and every query against a real
// Prometheus that scrapes a router.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Child, dataDir, Router } from './harness.mjs';
import { MockProvider, sleep, sse } from './mock_provider.mjs';
import { ask, textChunks } from './replies.mjs';

const packaging = path.join(dataDir, '..', '..', 'packaging');
const rulesFile = path.join(packaging, 'prometheus', 'ccr.rules.yml');
const dashboard = JSON.parse(fs.readFileSync(path.join(packaging, 'grafana', 'ccr.json'), 'utf8'));
const queries = dashboard.panels.flatMap((panel) => (panel.targets ?? []).map((target) => ({ title: panel.title, expr: target.expr })));
const missing = ['promtool', 'prometheus'].filter((tool) => spawnSync(tool, ['--version']).error);
const skip = missing.length > 0 && `no ${missing.join(', ')} (Debian package prometheus): rules and dashboard are NOT tested`;
if (skip) console.log(`SKIPPED: ${skip}`);

// What a query may give nothing for, as long as nothing of the kind has happened.
const rare = /ccr_fallbacks_total|ccr_failures_total|ccr_cache_read_tokens_total/;

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => { server.on('listening', resolve); });
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

describe('rules and dashboard', { skip }, () => {
  let mock;
  let router;
  let prometheus;
  let folder;
  let url;

  const query = async (expr) => {
    const reply = await (await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`)).json();
    assert.equal(reply.status, 'success', `${expr}: ${reply.error}`);
    return reply.data.result;
  };

  before(async () => {
    mock = await MockProvider.start();
    router = await Router.start({ providers: [{ name: 'one', api_base_url: `${mock.url}/v1/chat/completions`, api_key: 'k', models: ['m1'] }] });
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ccr-prometheus-'));
    fs.writeFileSync(path.join(folder, 'prometheus.yml'), JSON.stringify({
      global: { scrape_interval: '500ms', evaluation_interval: '1s' }, rule_files: [rulesFile],
      scrape_configs: [{ job_name: 'ccr', authorization: { credentials: router.secrets.router },
        static_configs: [{ targets: [`127.0.0.1:${router.port}`] }] }] }));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    prometheus = new Child('prometheus', [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`], {});
    await prometheus.waitFor(/Server is ready to receive web requests/);
  });
  after(async () => {
    await prometheus?.stop();
    await router?.stop();
    await mock?.stop();
    if (folder) fs.rmSync(folder, { recursive: true, force: true });
  });

  test('each alert is raised by its cause, and by nothing else', () => {
    const file = path.join(dataDir, '..', 'system', 'ccr.rules.test.yml');
    const run = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stdout + run.stderr);
  });

  test('every query of the dashboard finds what it is about', async () => {
    for (let i = 0; i < 100 && Number((await query('count_over_time(up[1m])'))[0]?.value[1] ?? 0) < 3; i += 1) {
      mock.next(sse(textChunks(['hel', 'lo'])));
      assert.equal((await router.messages(ask('hello', { stream: true }))).status, 200);
      await sleep(200);
    }
    assert.ok(queries.length > 20);
    for (const { title, expr } of queries) {
      const plain = expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m');
      const result = await query(plain);
      assert.ok(result.length > 0 || rare.test(plain), `nothing for "${title}": ${plain}`);
    }
  });

  test('every metric that rules and dashboard name is one of the router', async () => {
    const page = (await router.request('GET', '/metrics')).text;
    const text = queries.map(({ expr }) => expr).join('\n') + fs.readFileSync(rulesFile, 'utf8');
    const named = new Set(text.match(/\b(ccr|process)_[a-z0-9_]+(?=[{[ ])/g));
    assert.ok(named.size > 15);
    for (const name of named) assert.ok(page.includes(`# TYPE ${name.replace(/_(bucket|count|sum)$/, '')} `), name);
  });
});
