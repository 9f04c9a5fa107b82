// SPDX-License-Identifier: MIT
// What tests of the control channel share.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { Router } from './harness.mjs';
import { sleep } from './mock_provider.mjs';

// Without a runtime directory the socket is in the state home.
export const socketOf = (router) => path.join(router.home, '.local/state/ccr/control.sock');

// One request over the socket. Gives {status, headers, text, json()}.
export function call(socketPath, method, target, { headers = {}, body, router, onData } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath, method, path: target, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (data) => {
        text += data;
        onData?.(data, request);
      });
      response.on('error', reject);
      response.on('close', () => {
        router?.received.push(text);
        resolve({ status: response.statusCode, headers: response.headers, text, json: () => JSON.parse(text) });
      });
    });
    request.setTimeout(20_000, () => request.destroy(new Error('not a byte for 20 s')));
    request.on('error', reject);
    request.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
  });
}

// A router with router.call() for its control channel, and router.end().
export async function withControl(options, run) {
  const router = await Router.start(options);
  router.call = (method, target, more = {}) => call(socketOf(router), method, target, { router, ...more });
  let stopped = false;
  router.end = async () => {
    stopped = true;
    await router.stop();
  };
  try {
    await run(router);
  } finally {
    if (!stopped) await router.stop();
  }
}

export async function until(what, limit = 10_000) {
  const from = performance.now();
  for (;;) {
    const got = await what();
    if (got) return got;
    assert.ok(performance.now() - from < limit, `${what} within ${limit} ms`);
    await sleep(10);
  }
}
