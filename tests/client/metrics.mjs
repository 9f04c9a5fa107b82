// SPDX-License-Identifier: MIT
// GET /metrics as numbers.
import assert from 'node:assert/strict';
import { sleep } from './mock_provider.mjs';

// {'ccr_requests_total{tier="tier-1"}': 3, …}
export function parseMetrics(text) {
  const samples = {};
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const at = line.lastIndexOf(' ');
    assert.ok(at > 0, `not a sample: ${line}`);
    assert.ok(!(line.slice(0, at) in samples), `twice: ${line}`);
    samples[line.slice(0, at)] = Number(line.slice(at + 1));
  }
  return samples;
}

export async function metricsOf(router) {
  const reply = await router.request('GET', '/metrics');
  assert.equal(reply.status, 200, reply.text);
  return parseMetrics(reply.text);
}

// The sum of all samples of a family whose labels contain `part`.
export function total(samples, name, part = '') {
  return Object.entries(samples)
    .filter(([key]) => (key === name || key.startsWith(`${name}{`)) && key.includes(part))
    .reduce((sum, [, value]) => sum + value, 0);
}

// Waits until the condition holds for what the router counts.
export async function counted(router, condition, what) {
  let samples;
  for (let i = 0; i < 500; i += 1) {
    samples = await metricsOf(router);
    if (condition(samples)) return samples;
    await sleep(10);
  }
  return assert.fail(`not within 5 s: ${what}\n${JSON.stringify(samples, null, 1)}`);
}
