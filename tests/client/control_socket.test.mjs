// SPDX-License-Identifier: MIT
// The socket of the control channel: whose it is, how it comes and goes, and what is refused on it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { call, socketOf, withControl } from './control.mjs';
import { assertErrorEnvelope, Child, plantedSecrets, program } from './harness.mjs';
import { MockProvider } from './mock_provider.mjs';
import { ask } from './replies.mjs';

const secrets = plantedSecrets();
let mock;

before(async () => { mock = await MockProvider.start(); });
after(async () => { await mock?.stop(); });
beforeEach(() => mock.reset());

const provider = (name, extra = {}) => ({ name, api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider,
  models: ['m1', 'm2'], ...extra });
const withRouter = (options, run) => withControl({ secrets, providers: [provider('mock')], ...options }, run);

describe('what is refused', () => {
  test('wrong methods, unknown verbs, web pages, huge bodies, garbage', async () => {
    await withRouter({ config: { bodyLimitBytes: 4096 } }, async (router) => {
      const get = await router.call('GET', '/v1/reload');
      assertErrorEnvelope(get, 405);
      assert.equal(get.headers.allow, 'POST');
      assertErrorEnvelope(await router.call('POST', '/v1/status'), 405);
      assertErrorEnvelope(await router.call('POST', '/v1/messages', { body: ask('x') }), 404);
      assertErrorEnvelope(await router.call('GET', '/etc/passwd'), 404);
      assertErrorEnvelope(await router.call('POST', '/v1/stop', { headers: { origin: 'http://localhost' } }), 403);
      assertErrorEnvelope(await router.call('GET', '/v1/status', { headers: { origin: 'null' } }), 403);
      assert.equal((await router.call('GET', '/v1/status', { headers: { host: 'anything.example:99' } })).status, 200);
      const huge = ' '.repeat(100_000);
      assertErrorEnvelope(await router.call('POST', '/v1/explain', { body: huge }), 413);
      const raw = net.connect(socketOf(router));
      raw.write('\x16\x03\x01 nonsense');
      assert.match(String(await new Promise((resolve) => { raw.once('data', resolve); })), /^HTTP\/1\.1 400 /);
      raw.destroy();
      assert.equal((await router.call('GET', '/v1/status')).json().state, 'serving');
    });
  });

  test('the API port does not offer the verbs', async () => {
    await withRouter({}, async (router) => {
      for (const [method, target] of [['GET', '/v1/status'], ['GET', '/v1/config'], ['GET', '/v1/events'],
        ['POST', '/v1/reload'], ['POST', '/v1/stop'], ['POST', '/v1/drain'], ['POST', '/v1/explain']]) {
        assert.equal((await router.request(method, target)).status, 404, target);
      }
    });
  });
});

describe('the socket', () => {
  const start = (router, args) => new Child(program('CCRD'), ['--config', router.configFile, ...args],
    { env: { PATH: process.env.PATH, HOME: router.home }, cwd: router.home });

  test('is the user\'s own, and a second daemon leaves it alone', async () => {
    await withRouter({}, async (router) => {
      assert.equal(fs.statSync(socketOf(router)).mode & 0o777, 0o600);
      const second = start(router, []);
      const how = await second.exited;
      assert.equal(how.code, 69, second.output);
      assert.match(second.output, new RegExp(`another ccrd is running \\(pid ${router.child.process.pid}\\)`));
      assert.equal((await router.call('GET', '/v1/status')).status, 200);
      const elsewhere = path.join(router.home, 'second.sock');
      const third = start(router, ['--control', elsewhere]);
      await third.waitFor(/listening on/);
      assert.equal((await call(elsewhere, 'GET', '/v1/status')).json().pid, third.process.pid);
      assert.deepEqual(await third.stop(), { code: 0, signal: null });
      assert.ok(!fs.existsSync(elsewhere));
      const none = start(router, ['--control', 'none']);
      await none.waitFor(/listening on/);
      assert.deepEqual(await none.stop(), { code: 0, signal: null });
    });
  });

  test('of a daemon that was killed is taken over', async () => {
    await withRouter({}, async (router) => {
      const place = path.join(router.home, 'killed.sock');
      const killed = start(router, ['--control', place]);
      await killed.waitFor(/listening on/);
      killed.process.kill('SIGKILL');
      await killed.exited;
      assert.ok(fs.existsSync(place));
      const next = start(router, ['--control', place]);
      await next.waitFor(/listening on/);
      assert.equal((await call(place, 'GET', '/v1/status')).json().pid, next.process.pid);
      await next.stop();
    });
  });

  test('that cannot be had is an error only where it was asked for', async () => {
    await withRouter({}, async (router) => {
      const asked = start(router, ['--control', '/proc/no/such.sock']);
      assert.equal((await asked.exited).code, 1, asked.output);
      assert.match(asked.output, /cannot listen on \/proc\/no\/such\.sock/);
      const taken = start(router, ['--control', 'none']);
      await taken.waitFor(/listening on/);
      await taken.stop();
    });
  });

  test('handed over by name, in any order; unknown ones are closed', async () => {
    await withRouter({}, async (router) => {
      const place = path.join(router.home, 'activated.sock');
      const script = 'import os,socket,sys\n'
        + 'http=socket.socket();http.bind(("127.0.0.1",0));http.listen(9)\n'
        + 'ctl=socket.socket(socket.AF_UNIX);ctl.bind(sys.argv[1]);ctl.listen(9)\n'
        + 'odd=socket.socket();odd.bind(("127.0.0.1",0));odd.listen(9)\n'
        + 'port=http.getsockname()[1]\n'
        + 'fds=[os.dup(s.fileno()) for s in (ctl,odd,http)]\n'
        + 'fds=[__import__("fcntl").fcntl(f,0,40) for f in fds]\n'
        + 'for i,f in enumerate(fds): os.dup2(f,3+i)\n'
        + 'os.environ.update(LISTEN_PID=str(os.getpid()),LISTEN_FDS="3",LISTEN_FDNAMES="control:odd:http")\n'
        + 'print("port",port,flush=True)\nos.execv(sys.argv[2],sys.argv[2:])\n';
      const child = new Child('python3', ['-c', script, place, program('CCRD'), '--config', router.configFile],
        { env: { PATH: process.env.PATH, HOME: router.home }, cwd: router.home });
      const port = Number((await child.waitFor(/port (\d+)/))[1]);
      await child.waitFor(/listening on/);
      const status = (await call(place, 'GET', '/v1/status')).json();
      assert.deepEqual(status.listeners, [{ name: 'http', address: `http://127.0.0.1:${port}`, inherited: true },
        { name: 'control', address: place, inherited: true }]);
      assert.match(child.output, /a socket named "odd" was handed over and is not used/);
      assert.deepEqual(await child.stop(), { code: 0, signal: null });
      assert.ok(fs.existsSync(place), 'a socket of the service manager stays');
    });
  });

  test('a taken port is told with what to do', async () => {
    await withRouter({}, async (router) => {
      const file = path.join(router.home, 'taken.json');
      fs.writeFileSync(file, JSON.stringify({ ...router.config, PORT: router.port }), { mode: 0o600 });
      const child = new Child(program('CCRD'), ['--config', file, '--control', 'none'],
        { env: { PATH: process.env.PATH, HOME: router.home }, cwd: router.home });
      assert.equal((await child.exited).code, 1);
      assert.match(child.output, /another ccrd running\?.*set another PORT.*ss -ltnp/);
      fs.rmSync(file);
    });
  });
});
