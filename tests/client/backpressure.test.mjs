// SPDX-License-Identifier: MIT
// A client that reads 1 KB/s of a fast answer of 100 MB: its provider is slowed down, the router's
// memory stays flat, translated as well as passed through.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { plantedSecrets, Router } from './harness.mjs';
import { MockProvider, sleep } from './mock_provider.mjs';
import { ask, delta } from './replies.mjs';

const secrets = plantedSecrets();
const total = 100 * 1024 * 1024;
// What the kernel may keep of it in the buffers of two connections, generously.
const inKernel = 64 * 1024 * 1024;
const seconds = 6;
const memoryCounts = !process.env.CCR_SANITIZED;
let mock;
let router;

before(async () => {
  mock = await MockProvider.start();
  router = await Router.start({ secrets, config: { LOG_LEVEL: 'info' }, providers: [
    { name: 'chat', api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider, models: ['m'] },
    { name: 'anth', protocol: 'anthropic', api_base_url: `${mock.url}/v1/messages`, api_key: secrets.provider, models: ['m'] }] });
});
after(async () => {
  await router?.stop();
  await mock?.stop();
});

const residentKb = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${router.child.process.pid}/status`))[1]);
const text = 'x'.repeat(8 * 1024);
const named = (data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const shapes = {
  translated: { model: 'chat,m', first: '', frame: `data: ${JSON.stringify(delta({ content: text }))}\n\n` },
  'passed through': { model: 'anth,m',
    first: named({ type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], usage: {} } })
      + named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    frame: named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }) },
};

// Writes all of it as fast as it is taken; `progress` counts.
const flood = ({ first, frame }, progress) => async (response) => {
  response.setMaxListeners(0);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(first);
  while (progress.written < total && !response.destroyed) {
    const ready = response.write(frame);
    progress.written += frame.length;
    if (!ready) await new Promise((resolve) => { response.once('drain', resolve); response.once('close', resolve); });
  }
  response.end();
};

describe('1 KB/s of 100 MB', () => {
  for (const [name, shape] of Object.entries(shapes)) {
    test(name, async (t) => {
      const progress = { written: 0 };
      mock.next(flood(shape, progress));
      const memory = residentKb();
      const client = router.openStream(ask('x', { model: shape.model, stream: true }), { highWaterMark: 1024 });
      client.pause();
      let read = 0;
      let most = 0;
      for (let i = 0; i < seconds; i += 1) {
        await sleep(1000);
        read += client.read(1024)?.length ?? client.read()?.length ?? 0;
        most = Math.max(most, residentKb() - memory);
      }
      client.destroy();
      t.diagnostic(`read ${read} bytes; the provider could write ${(progress.written / 1024).toFixed(0)} kB; memory grew by ${most} kB`);
      assert.ok(read >= 2048, `the client could read ${read} bytes`);
      assert.ok(progress.written < inKernel, `${progress.written} bytes taken from the provider`);
      if (memoryCounts) assert.ok(most < 2048, `${most} kB more`);
    });
  }
});
