// SPDX-License-Identifier: MIT
// Where requests go and why: the whole way from the client's words to what a provider receives.
// Each test looks at the header that tells the route and at what arrived.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { plantedSecrets, Router } from './harness.mjs';
import { MockProvider, json, sse } from './mock_provider.mjs';
import { ask, completion, textChunks } from './replies.mjs';

const secrets = plantedSecrets();
const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_reason: 'end_turn', stop_sequence: null,
  content: [{ type: 'text', text: 'hi' }], usage: { input_tokens: 3, output_tokens: 1 } };
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };
const withImage = { messages: [{ role: 'user', content: [{ type: 'text', text: 'what is it?' }, image] }] };
const tag = (target) => `<CCR-SUBAGENT-MODEL>${target}</CCR-SUBAGENT-MODEL>`;

let openai;
let anthropic;

before(async () => {
  openai = await MockProvider.start();
  anthropic = await MockProvider.start();
});
after(async () => {
  await openai.stop();
  await anthropic.stop();
});
beforeEach(() => {
  openai.reset();
  anthropic.reset();
  openai.always(json(200, completion({ content: 'hi' })));
  anthropic.always(json(200, message));
});

const providers = () => [
  { name: 'main', api_base_url: `${openai.url}/v1/chat/completions`, api_key: secrets.provider,
    models: ['alpha', 'bg', 'thinker', 'long', 'web', { name: 'eyes', vision: true }, { name: 'blind', vision: false }] },
  { name: 'anth', protocol: 'anthropic', api_base_url: `${anthropic.url}/v1/messages`, api_key: secrets.second,
    models: ['claude-x', { name: 'blind-claude', vision: false }] },
];

const routes = { default: 'main,alpha', background: 'main,bg', think: 'main,thinker', webSearch: 'main,web' };

function route(answer) {
  assert.equal(answer.status, 200, answer.text);
  const [name, ...reason] = answer.headers['x-ccr-route'].split('; ');
  assert.ok(reason.length > 0, 'a reason is given');
  return `${name} ${answer.headers['x-ccr-provider']},${answer.headers['x-ccr-model']}`;
}

describe('the decision list', () => {
  let router;
  before(async () => { router = await Router.start({ secrets, providers: providers(), config: { Router: routes } }); });
  after(() => router?.stop());

  const cases = [
    ['nothing special', {}, 'default main,alpha'],
    ['provider and model', { model: 'MAIN, alpha' }, 'explicit main,alpha'],
    ['a haiku', { model: 'claude-haiku-5-5' }, 'background main,bg'],
    ['web search', { tools: [{ type: 'web_search_20250305', name: 'web_search' }, { name: 'own', input_schema: { type: 'object' } }] }, 'webSearch main,web'],
    ['thinking', { max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1024 } }, 'think main,thinker'],
    ['adaptive, medium', { thinking: { type: 'adaptive' }, output_config: { effort: 'medium' } }, 'default main,alpha'],
    ['adaptive, high', { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }, 'think main,thinker'],
    ['a tag', { system: [{ type: 'text', text: 'a' }, { type: 'text', text: `${tag('main,bg')}b` }] }, 'subagent main,bg'],
  ];
  for (const [name, extra, expected] of cases) {
    test(name, async () => {
      const answer = await router.messages(ask('x', extra));
      assert.equal(route(answer), expected);
      assert.equal(openai.last.body.model, expected.split(',')[1]);
    });
  }

  test('what does not exist is said, with what does', async () => {
    const answer = await router.messages(ask('x', { model: 'nobody,x' }));
    assert.equal(answer.status, 404, answer.text);
    assert.match(JSON.parse(answer.text).error.message, /^model: nobody,x.*configured: main, anth/);
    assert.equal(JSON.parse(answer.text).error.type, 'not_found_error');
  });

  test('the access line tells the reason', async () => {
    await router.messages(ask('x', { model: 'claude-haiku-5-5' }));
    await router.child.waitFor(/route=background reason="the model is a small one"/);
  });

  for (const [place, extra] of [
    ['system', { system: [{ type: 'text', text: 'a' }, { type: 'text', text: `${tag('main,bg')}be brief` }] }],
    ['prompt', { messages: [{ role: 'user', content: [{ type: 'text', text: '<system-reminder>r</system-reminder>' }, { type: 'text', text: `${tag('main,bg')}go` }] }] }],
  ]) {
    test(`a tag in the ${place} reaches nobody`, async () => {
      for (const model of ['main,alpha', 'anth,claude-x', 'claude-any']) {
        const answer = await router.messages(ask('x', { model, ...extra }));
        assert.equal(answer.status, 200, answer.text);
        const got = (model.startsWith('anth') ? anthropic : openai).last.bytes.toString();
        assert.doesNotMatch(got, /SUBAGENT/);
        assert.match(got, place === 'system' ? /be brief/ : /go/);
      }
    });
  }

  test('a tag to a pass-through changes nothing else', async () => {
    const body = `{ "model":"anth,claude-x", "max_tokens":5,"n":1.0, "stream":false,"system":"${tag('main,bg')}é", "messages":[{"role":"user","content":"x"}]}`;
    await router.messages(body);
    assert.equal(anthropic.last.bytes.toString(), body.replace('anth,claude-x', 'claude-x').replace(tag('main,bg'), ''));
  });
});

describe('images', () => {
  test('go to the image route unless the target sees', async () => {
    const router = await Router.start({ secrets, providers: providers(), config: { Router: { ...routes, image: 'main,eyes' } } });
    try {
      assert.equal(route(await router.messages(ask('', withImage))), 'image main,eyes');
      assert.match(openai.last.bytes.toString(), /iVBORw0KGgo=/);
      assert.equal(route(await router.messages(ask('', { ...withImage, model: 'anth,claude-x' }))), 'explicit anth,claude-x');
      assert.match(anthropic.last.bytes.toString(), /iVBORw0KGgo=/);
      assert.equal(route(await router.messages(ask('x'))), 'default main,alpha');
    } finally {
      await router.stop();
    }
  });

  test('a model that cannot see gets a note, and the client is told', async () => {
    const router = await Router.start({ secrets, providers: providers(), config: { Router: routes } });
    try {
      for (const [model, mock] of [['main,blind', openai], ['anth,blind-claude', anthropic]]) {
        const answer = await router.messages(ask('', { ...withImage, model }));
        assert.equal(answer.status, 200, answer.text);
        assert.match(answer.headers['x-ccr-warn'] ?? '', /image/);
        assert.doesNotMatch(mock.last.bytes.toString(), /iVBORw0KGgo=/);
        assert.match(mock.last.bytes.toString(), /\[image omitted: image\/png, \d+ bytes; this model cannot see images\]/);
      }
      const seen = await router.messages(ask('', { ...withImage, model: 'anth,claude-x' }));
      assert.equal(seen.headers['x-ccr-warn'], undefined);
    } finally {
      await router.stop();
    }
  });
});

describe('long context', () => {
  let router;
  const session = (id) => ({ headers: { 'x-claude-code-session-id': id } });
  const long = 'word '.repeat(25_000);  // over the 20 000 tokens below which no session counts as long
  before(async () => {
    router = await Router.start({ secrets, providers: providers(),
      config: { Router: { ...routes, longContext: 'main,long', longContextThreshold: 60_000 } } });
  });
  after(() => router?.stop());

  test('by the size of the request', async () => {
    assert.equal(route(await router.messages(ask('word '.repeat(100_000)))), 'longContext main,long');
    assert.equal(route(await router.messages(ask('word '))), 'default main,alpha');
    assert.equal(route(await router.messages(ask('word '.repeat(100_000), { model: 'main,bg' }))), 'explicit main,bg');
  });

  const usage = { prompt_tokens: 70_000, completion_tokens: 1, total_tokens: 70_001, prompt_tokens_details: { cached_tokens: 65_000 } };
  const big = { ...message, usage: { input_tokens: 1_000, cache_read_input_tokens: 65_000, cache_creation_input_tokens: 4_000, output_tokens: 1 } };
  for (const [how, prepare, extra] of [
    ['whole', () => openai.next(json(200, completion({ content: 'hi' }, { usage }))), {}],
    ['streamed', () => openai.next(sse(textChunks(['hi'], { usage }))), { stream: true }],
    ['passed through', () => anthropic.next(json(200, big)), { model: 'anth,claude-x' }],
  ]) {
    test(`by what the session had before (${how})`, async () => {
      const id = `s-${how.replace(' ', '-')}`;
      assert.equal(route(await router.messages(ask(long), session(id))), 'default main,alpha');
      prepare();
      const first = await router.messages(ask('short', extra), session(id));
      assert.equal(first.status, 200, first.text);
      assert.equal(route(await router.messages(ask(long), session(id))), 'longContext main,long');
      assert.equal(route(await router.messages(ask('short'), session(id))), 'default main,alpha');
      assert.equal(route(await router.messages(ask(long), session('another'))), 'default main,alpha');
    });
  }
});

describe('projects and sessions', () => {
  const body = (id) => ask('x', { metadata: { user_id: JSON.stringify({ device_id: 'd', session_id: id }) } });
  test('have routes of their own', async () => {
    const router = await Router.start({ secrets, providers: providers(), config: { Router: routes },
      files: { '.claude/projects/-home-me-proj/s1.jsonl': '{}', '.claude/projects/-home-me-proj/s2.jsonl': '{}',
        '.claude/projects/-home-me-other/s3.jsonl': '{}',
        '.claude-code-router/-home-me-proj/config.json': { Router: { default: 'main,bg' } },
        '.claude-code-router/-home-me-proj/s2.json': { Router: { default: 'main,thinker', background: 'main,web' } } } });
    try {
      assert.equal(route(await router.messages(body('s1'))), 'default main,bg');
      assert.equal(route(await router.messages({ ...body('s1'), model: 'claude-haiku-5-5' })), 'default main,bg', 'the whole Router is replaced');
      assert.equal(route(await router.messages(body('s2'))), 'default main,thinker');
      assert.equal(route(await router.messages({ ...body('s2'), model: 'claude-haiku-5-5' })), 'background main,web');
      assert.equal(route(await router.messages(body('s3'))), 'default main,alpha');
      assert.equal(route(await router.messages(body('../s1'))), 'default main,alpha');
      assert.equal(route(await router.messages(ask('x'))), 'default main,alpha');

      const file = path.join(router.home, '.claude-code-router/-home-me-proj/config.json');
      fs.writeFileSync(file, '{"Router": {"default": "main,web", }, /* JSON5 */ }');
      assert.equal(route(await router.messages(body('s1'))), 'default main,web', 'a change is seen at once');
      fs.writeFileSync(file, '{"Router": {"default": "nobody,x"}}');
      assert.equal(route(await router.messages(body('s1'))), 'default main,alpha', 'one with errors does not count');
      assert.match(router.child.output, /config\.json does not count/);
      fs.rmSync(file);
      assert.equal(route(await router.messages(body('s1'))), 'default main,alpha');
    } finally {
      await router.stop();
    }
  });
});

describe('the custom router', () => {
  let folder;
  before(() => { folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ccrd-hook-')); });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  const file = (name, text, mode = 0o755) => {
    const to = path.join(folder, name);
    fs.writeFileSync(to, text, { mode });
    return to;
  };
  async function withHook(hook, use, more = {}) {
    const router = await Router.start({ secrets, providers: providers(),
      config: { Router: routes, CUSTOM_ROUTER: hook, customRouterTimeoutMs: 4000, ...more } });
    try {
      await use(router);
    } finally {
      await router.stop();
    }
  }

  test('as a program', async () => {
    const seen = path.join(folder, 'seen.json');
    const program = file('hook.sh', `#!/bin/sh\ncat > '${seen}.new' && mv '${seen}.new' '${seen}'\ncase $(cat '${seen}') in *pick-me*) echo '{"target": "anth,claude-x"}';; *bare*) echo main,bg;; *) ;; esac\n`);
    await withHook(program, async (router) => {
      const answer = await router.messages(ask('pick-me', { model: 'main,alpha', tools: [{ name: 't', input_schema: { type: 'object' } }] }),
        { headers: { 'x-claude-code-session-id': 's-9', authorization: 'Bearer planted-token', 'x-app': 'cli' } });
      assert.equal(route(answer), 'custom anth,claude-x');
      const told = JSON.parse(fs.readFileSync(seen));
      assert.equal(told.model, 'main,alpha');
      assert.equal(told.session_id, 's-9');
      assert.ok(told.tokens > 0);
      assert.equal(told.last_user_text, 'pick-me');
      assert.deepEqual(told.tools, [{ name: 't' }]);
      assert.equal(told.headers['x-app'], 'cli');
      assert.doesNotMatch(JSON.stringify(told), /planted-token/);
      assert.ok(!JSON.stringify(told).includes(secrets.router));
      assert.equal(route(await router.messages(ask('bare'))), 'custom main,bg');
      assert.equal(route(await router.messages(ask('neither'))), 'default main,alpha', 'no opinion');
    });
  });

  test('that fails is ignored, and said once', async () => {
    await withHook(file('bad.sh', '#!/bin/sh\necho nobody,x\n'), async (router) => {
      for (let i = 0; i < 3; i += 1) assert.equal(route(await router.messages(ask('x'))), 'default main,alpha');
      const lines = router.child.output.match(/custom router is ignored: it named "nobody,x"/g);
      assert.equal(lines.length, 1, router.child.output);
    });
    await withHook(file('loud.sh', '#!/bin/sh\nhead -c 200000 /dev/zero | tr "\\0" x\n'), async (router) => {
      assert.equal(route(await router.messages(ask('x'))), 'default main,alpha');
      assert.match(router.child.output, /custom router is ignored: too much output/);
    });
  });

  test('that is late is not waited for', async () => {
    const pids = path.join(folder, 'pid');
    await withHook(file('late.sh', `#!/bin/sh\necho $$ > '${pids}'\nexec sleep 300\n`), async (router) => {
      const start = performance.now();
      assert.equal(route(await router.messages(ask('x'))), 'default main,alpha');
      assert.ok(performance.now() - start < 20_000);
      assert.match(router.child.output, /custom router is ignored: no answer in time/);
      const pid = Number(fs.readFileSync(pids));
      while (running(pid)) await new Promise((resolve) => { setTimeout(resolve, 10); });
    }, { customRouterTimeoutMs: 1000 });
  });

  const running = (pid) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  for (const kind of ['a Unix socket', 'a TCP port']) {
    test(`behind ${kind}`, async () => {
      const asked = [];
      const server = http.createServer((request, response) => {
        let text = '';
        request.on('data', (piece) => { text += piece; });
        request.on('end', () => {
          asked.push({ url: request.url, told: JSON.parse(text) });
          const wanted = asked.at(-1).told.last_user_text;
          if (wanted === 'fail') response.writeHead(500).end('no');
          else if (wanted === 'none') response.writeHead(204).end();
          else if (wanted === 'plain') response.end('main,thinker\n');
          else response.writeHead(200, { 'content-type': 'application/json' }).end('{"target":"main,bg"}');
        });
      });
      const socket = path.join(folder, 'hook.sock');
      await new Promise((resolve) => { kind.includes('Unix') ? server.listen(socket, resolve) : server.listen(0, '127.0.0.1', resolve); });
      try {
        const hook = kind.includes('Unix') ? `unix:${socket}` : `http://127.0.0.1:${server.address().port}/route?a=1`;
        await withHook(hook, async (router) => {
          assert.equal(route(await router.messages(ask('json'))), 'custom main,bg');
          assert.equal(route(await router.messages(ask('plain'))), 'custom main,thinker');
          assert.equal(route(await router.messages(ask('none'))), 'default main,alpha');
          assert.equal(route(await router.messages(ask('fail'))), 'default main,alpha');
          assert.match(router.child.output, /custom router is ignored: it answered with status 500/);
          assert.equal(asked[0].url, kind.includes('Unix') ? '/' : '/route?a=1');
          server.closeAllConnections();
          await new Promise((resolve) => { server.close(resolve); });
          assert.equal(route(await router.messages(ask('json'))), 'default main,alpha', 'nobody listens');
        });
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });
  }

  test('as a module in the Node form', async () => {
    const module = file('router.js', `
      let calls = 0;
      module.exports = async (req, config, { event }) => {
        calls += 1;
        console.log('this must not disturb');
        const text = req.body.messages[0].content;
        if (text === 'throw') throw new Error('on purpose');
        if (text === 'die') process.exit(3);
        if (text === 'slow') return new Promise(() => {});
        if (text === 'facts') {
          const ok = req.sessionId === 's-1' && req.tokenCount > 0 && req.headers['x-app'] === 'cli' && !req.headers.authorization
            && !req.headers['x-api-key'] && config.Router.default === 'main,alpha' && config.Providers[0].name === 'main'
            && !JSON.stringify(config).includes('canary') && typeof event.on === 'function';
          return ok ? 'main,bg' : 'main,web';
        }
        return text === 'count' && calls > 1 ? 'main,thinker' : null;
      };`, 0o644);
    await withHook(module, async (router) => {
      assert.equal(route(await router.messages(ask('none'))), 'default main,alpha');
      assert.equal(route(await router.messages(ask('count'))), 'custom main,thinker', 'one process lives on');
      assert.equal(route(await router.messages(ask('facts'), { headers: { 'x-claude-code-session-id': 's-1', 'x-app': 'cli', authorization: 'Bearer x' } })), 'custom main,bg');
      const spread = JSON.stringify(ask('count'), null, 2);
      assert.equal(route(await router.messages(spread)), 'custom main,thinker', 'lines in the body');
      const many = await Promise.all(Array.from({ length: 12 }, () => router.messages(ask('count'))));
      assert.ok(many.every((answer) => route(answer) === 'custom main,thinker'));
      assert.equal(route(await router.messages(ask('throw'))), 'default main,alpha');
      assert.match(router.child.output, /custom router is ignored: on purpose/);
      assert.equal(route(await router.messages(ask('die'))), 'default main,alpha');
      // It is started again, after its pause.
      const limit = Date.now() + 20_000;
      let last;
      do {
        await router.messages(ask('none'));
        last = route(await router.messages(ask('count')));
      } while (last !== 'custom main,thinker' && Date.now() < limit);
      assert.equal(last, 'custom main,thinker');
    }, { threads: 1 });
  });

  test('a module that cannot be loaded', async () => {
    await withHook(file('broken.js', 'module.exports = 7;', 0o644), async (router) => {
      assert.equal(route(await router.messages(ask('x'))), 'default main,alpha');
      assert.match(router.child.output, /the module exports no function/);
    });
  });

  test('ccrd leaves no process behind', async () => {
    const pids = path.join(folder, 'pid');
    const module = file('pid.js', `require('fs').writeFileSync(${JSON.stringify(pids)}, String(process.pid)); module.exports = () => 'main,bg';`, 0o644);
    await withHook(module, async (router) => {
      assert.equal(route(await router.messages(ask('x'))), 'custom main,bg');
    });
    const pid = Number(fs.readFileSync(pids));
    const limit = Date.now() + 10_000;
    while (running(pid) && Date.now() < limit) execFileSync('sleep', ['0.05']);
    assert.ok(!running(pid));
  });
});
