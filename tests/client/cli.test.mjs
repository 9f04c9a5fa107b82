// SPDX-License-Identifier: MIT
// The commands of ccr around the service: clients, configuration, keys, presets, looking about.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { plantedSecrets, program } from './harness.mjs';
import { MockProvider } from './mock_provider.mjs';

const ccr = program('CCR');
const secrets = plantedSecrets();
let mock;
let home;
let port;

before(async () => { mock = await MockProvider.start(); });
after(async () => { await mock?.stop(); });

const freePort = () => new Promise((resolve) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const free = server.address().port;
    server.close(() => resolve(free));
  });
});
const file = (...parts) => path.join(home, ...parts);
const read = (...parts) => fs.readFileSync(file(...parts), 'utf8');
const configText = () => `{
  // the one and only
  PORT: ${port},
  APIKEY: "${secrets.router}",
  Providers: [
    { name: "mock", api_base_url: "${mock.url}/v1/chat/completions", // here
      api_key: "${secrets.provider}", models: ["m1", "m2"] },
  ],
  Router: { default: "mock,m1" /* best */ },
}
`;

beforeEach(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'ccr-cli-'));
  port = await freePort();
  fs.writeFileSync(file('config.json'), configText(), { mode: 0o600 });
  fs.mkdirSync(file('bin'));
});

afterEach(async () => {
  await run(['stop']);
  fs.rmSync(home, { recursive: true, force: true });
});

function environment(extra = {}) {
  const kept = {};
  for (const name of ['LANG', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS']) {
    if (process.env[name] !== undefined) kept[name] = process.env[name];
  }
  return { ...kept, PATH: `${file('bin')}:${process.env.PATH}`, CCRD: program('CCRD'), HOME: home, TMPDIR: home,
    XDG_RUNTIME_DIR: home, XDG_STATE_HOME: home, CCR_CONTROL: file('control.sock'), CCR_CONFIG: file('config.json'), ...extra };
}

// Runs ccr to its end: {code, out, err}. What it prints may hold no secret unless `secret` says so.
function run(args, { env = {}, input = '', cwd = home, secret = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(ccr, args, { env: environment(env), cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    const result = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => { result.out += text; });
    child.stderr.setEncoding('utf8').on('data', (text) => { result.err += text; });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (code) => {
      if (!secret) {
        for (const value of Object.values(secrets)) {
          if (typeof value === 'string' && value !== '') assert.ok(!(result.out + result.err).includes(value), `${args}: a secret is shown`);
        }
      }
      resolve({ ...result, code });
    });
  });
}

async function good(args, options) {
  const result = await run(args, options);
  assert.equal(result.code, 0, `${args.join(' ')}: ${result.code}\n${result.out}${result.err}`);
  return result;
}

// A client that writes down what it was given.
function fakeClaude(name = 'bin/claude') {
  fs.writeFileSync(file(name), `#!${process.execPath}
const fs = require('node:fs');
fs.writeFileSync(${JSON.stringify(file('seen.json'))}, JSON.stringify({
  args: process.argv.slice(2), cwd: process.cwd(), env: process.env, input: fs.readFileSync(0, 'utf8') }));
process.exit(7);
`, { mode: 0o755 });
}
const seen = () => JSON.parse(read('seen.json'));

describe('ccr code', () => {
  test('passes every argument on as it is, and is the client', async () => {
    fakeClaude();
    const args = ['--', '-v', '-h', '--json', '', ' two  words ', '"quoted"', "it's", '$HOME `x` \\', '*', 'ünï\n', '--model=x', 'stop', '--system'];
    const result = await run(['code', ...args], { input: 'typed', env: { CLAUDE_CODE_USE_BEDROCK: '1', NO_PROXY: 'corp' } });
    assert.equal(result.code, 7, result.err);
    const found = seen();
    assert.deepEqual(found.args, args);
    assert.equal(found.input, 'typed');
    assert.equal(fs.realpathSync(found.cwd), fs.realpathSync(home));
    assert.equal(found.env.ANTHROPIC_BASE_URL, `http://127.0.0.1:${port}`);
    assert.equal(found.env.ANTHROPIC_AUTH_TOKEN, secrets.router);
    assert.equal(found.env.NO_PROXY, 'corp,127.0.0.1,localhost');
    assert.equal(found.env.CLAUDE_CODE_USE_BEDROCK, undefined);
    assert.equal(found.env.DISABLE_TELEMETRY, 'true');
    assert.equal((await run(['status'])).code, 0, 'the router was not started');
    assert.match(result.err, /not running; starting it/);
  });

  test('says how to get a client that is not there, and why the router does not start', async () => {
    const none = await run(['code'], { env: { PATH: file('bin') } });
    assert.equal(none.code, 69);
    assert.match(none.err, /npm install -g @anthropic-ai\/claude-code/);
    fakeClaude();
    fs.writeFileSync(file('config.json'), '{ PORT: "x" }', { mode: 0o600 });
    const bad = await run(['code', '-p', 'hi']);
    assert.equal(bad.code, 78);
    assert.match(bad.err, /PORT: expected a whole number/);
    assert.ok(!fs.existsSync(file('seen.json')));
  });

  test('takes CLAUDE_PATH, the status line and a preset from the configuration', async () => {
    fakeClaude('other client');
    await good(['config', 'set', 'CLAUDE_PATH', file('other client')]);
    await good(['config', 'set', 'StatusLine', '{"enabled": true}']);
    await good(['preset', 'export', 'mine']);
    await run(['code', 'mcp', 'list']);
    let found = seen();
    assert.equal(found.args[0], '--settings');
    assert.match(JSON.parse(found.args[1]).statusLine.command, /ccr' statusline$/);
    assert.deepEqual(found.args.slice(2), ['mcp', 'list']);
    await run(['code', '--settings', '{}']);
    assert.deepEqual(seen().args, ['--settings', '{}']);
    await run(['mine', '-p', 'x']);
    found = seen();
    assert.equal(found.env.ANTHROPIC_BASE_URL, `http://127.0.0.1:${port}/preset/mine`);
    assert.deepEqual(found.args.slice(-2), ['-p', 'x']);
  });

  test('a preset with noServer goes to its first provider, and no router is started', async () => {
    fakeClaude();
    const preset = (provider, more = {}) => {
      fs.mkdirSync(file('presets', 'straight'), { recursive: true });
      fs.writeFileSync(file('presets', 'straight', 'manifest.json'), JSON.stringify({ name: 'straight', noServer: true,
        Providers: [{ name: 'own', api_key: '${OWN_KEY}', models: ['m'], ...provider }], Router: { default: 'own,m' }, ...more }));
    };
    preset({ api_base_url: 'https://llm.example/anthropic/v1/messages', protocol: 'anthropic' });
    assert.equal((await run(['straight', '-p', 'x'], { env: { OWN_KEY: 'a-key' } })).code, 7);
    const found = seen();
    assert.equal(found.env.ANTHROPIC_BASE_URL, 'https://llm.example/anthropic');
    assert.equal(found.env.ANTHROPIC_AUTH_TOKEN, 'a-key');
    assert.deepEqual(found.args, ['-p', 'x']);
    assert.equal((await run(['status'])).code, 3);
    const none = await run(['straight']);
    assert.equal(none.code, 78);
    assert.match(none.err, /the key of own comes from a variable without a value here/);
    preset({ api_base_url: 'https://llm.example/v1/chat/completions' });
    const foreign = await run(['straight'], { env: { OWN_KEY: 'a-key' } });
    assert.equal(foreign.code, 78);
    assert.match(foreign.err, /cannot talk to own by itself: that needs Anthropic's format/);
  });
});

test('activate speaks the language of the shell', async () => {
  const sh = await good(['activate'], { secret: true });
  assert.match(sh.out, new RegExp(`^export ANTHROPIC_BASE_URL='http://127.0.0.1:${port}'$`, 'm'));
  assert.match(sh.out, /^unset CLAUDE_CODE_USE_BEDROCK CLAUDE_CODE_USE_VERTEX$/m);
  const fish = await good(['env', '--shell', 'fish'], { secret: true });
  assert.match(fish.out, /^set -gx ANTHROPIC_BASE_URL 'http/m);
  const data = JSON.parse((await good(['activate', '--json'], { secret: true })).out);
  assert.equal(data.set.ANTHROPIC_AUTH_TOKEN, secrets.router);
  assert.equal((await run(['activate', '--shell', 'csh'])).code, 2);
});

describe('ccr config', () => {
  test('set and unset change one value and keep all else', async () => {
    const before = read('config.json');
    await good(['config', 'set', 'Router.think', 'mock,m2']);
    assert.equal(read('config.json'), before.replace('"mock,m1" /* best */', '"mock,m1", think: "mock,m2" /* best */'));
    await good(['config', 'set', 'Providers[mock].models', '["m1","m2","m3"]']);
    assert.match(read('config.json'), /models: \["m1","m2","m3"\]/);
    await good(['config', 'unset', 'Router.think']);
    assert.match(read('config.json'), /\/\/ the one and only/);
    assert.equal(fs.statSync(file('config.json')).mode & 0o777, 0o600);
    assert.deepEqual(fs.readdirSync(home).filter((name) => name.startsWith('config.json.')), []);
  });

  test('set refuses what would not load, and secrets on the command line', async () => {
    const before = read('config.json');
    const bad = await run(['config', 'set', 'PORT', 'many']);
    assert.equal(bad.code, 78);
    assert.match(bad.err, /PORT: expected a whole number.*\n.*was not changed/s);
    assert.equal((await run(['config', 'set', 'Providers[nobody].name', 'x'])).code, 78);
    const secret = await run(['config', 'set', 'APIKEY', 'sk-visible']);
    assert.equal(secret.code, 2);
    assert.match(secret.err, /ccr key add/);
    assert.equal(read('config.json'), before);
    await good(['config', 'set', 'APIKEY', '-'], { input: 'sk-piped\n' });
    assert.match(read('config.json'), /APIKEY: "sk-piped"/);
  });

  test('set replaces the file behind a link', async () => {
    fs.renameSync(file('config.json'), file('real.json'));
    fs.symlinkSync(file('real.json'), file('config.json'));
    await good(['config', 'set', 'threads', '2']);
    assert.ok(fs.lstatSync(file('config.json')).isSymbolicLink());
    assert.match(read('real.json'), /threads: 2/);
  });

  test('show masks secrets', async () => {
    assert.match((await good(['config', 'show'])).out, /"api_key": "\*\*\*"/);
    assert.equal((await good(['config', 'show', 'Router.default'])).out, 'mock,m1\n');
    assert.equal(JSON.parse((await good(['config', 'show', '--json'])).out).APIKEY, '***');
    assert.equal((await run(['config', 'show', 'Router.image'])).code, 1);
  });

  test('migrate names what it could not carry', async () => {
    fs.writeFileSync(file('old.json'), `{Providers:[{name:'mock',api_base_url:'${mock.url}',api_key:'k',models:['m']}],
      Router:{default:'mock,m'}, NO_SUCH_KEY: 1, transformers: [{path:'x.js'}]}`);
    const result = await good(['config', 'migrate', 'old.json', '-o', 'new.json']);
    assert.match(result.err, /old\.json:2:\d+: dropped: NO_SUCH_KEY: no key of this program/);
    assert.match(result.err, /dropped: transformers\[0\]: JavaScript/);
    assert.equal(fs.statSync(file('new.json')).mode & 0o777, 0o600);
    await good(['check', 'new.json']);
    assert.equal((await run(['config', 'migrate', 'old.json', '-o', 'new.json'])).code, 1);
    const old = `// by hand\n${read('old.json').replace('Router', '/* mine */ Router')}`;
    fs.writeFileSync(file('old.json'), old);
    const over = await good(['config', 'migrate', 'old.json', '-o', 'old.json', '--force']);
    assert.match(over.err, /old\.json:1:1: comment left out: /);
    assert.match(over.err, /old\.json:3:7: comment left out: /);
    assert.match(over.err, /is kept as .*old\.json\.old$/m);
    assert.doesNotMatch(over.err, /by hand|mine/);
    assert.equal(read('old.json.old'), old);
    assert.equal(read('old.json'), read('new.json'));
    fs.renameSync(file('old.json.old'), file('old.json'));
    const data = JSON.parse((await good(['config', 'migrate', 'old.json', '--json'])).out);
    assert.equal(data.notes.filter((note) => note.what === 'dropped').length, 2);
    assert.equal((await run(['config', 'migrate', 'none.json'])).code, 1);
  });
});

test('model shows, chooses and reloads', async () => {
  await good(['start']);
  assert.equal(JSON.parse((await good(['model', '--json'])).out).routes.default, 'mock,m1');
  await good(['model', 'MOCK,M2', '--route', 'think']);
  assert.match(read('config.json'), /think: "mock,m2" \/\* best \*\//);
  assert.equal((await good(['model', '--route', 'think'])).out, 'mock,m2\n');
  const explained = JSON.parse((await good(['explain', '--model', 'claude-opus', '--json'])).out);
  assert.equal(explained.ok, true);
  await good(['model', '--unset', '--route', 'think']);
  assert.ok(!read('config.json').includes('think'));
  const wrong = await run(['model', 'mok,m1']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /did you mean mock\?/);
  assert.match((await run(['model', 'm2'])).err, /did you mean mock,m2\?/);
});

test('explain wants a running router', async () => {
  const none = await run(['explain', '--model', 'x']);
  assert.equal(none.code, 3);
  assert.match(none.err, /ccr start/);
  assert.equal((await run(['explain'])).code, 2);
  await good(['start']);
  const body = JSON.stringify({ model: 'mock,m2', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] });
  const result = JSON.parse((await good(['explain', '-', '--json'], { input: body })).out);
  assert.equal(result.candidates[0].model, 'm2');
  assert.match((await good(['explain', '-'], { input: body })).out, /^route +/m);
  assert.notEqual((await run(['explain', '-'], { input: '{' })).code, 0);
});

describe('ccr key', () => {
  test('keeps a key that the router finds, and never shows it', async () => {
    const key = secrets.provider;
    await good(['key', 'add', 'MY_KEY'], { input: `${key}\n` });
    const stored = file('.config', 'ccr', 'credentials', 'MY_KEY');
    assert.equal(fs.readFileSync(stored, 'utf8'), key);
    assert.equal(fs.statSync(stored).mode & 0o777, 0o600);
    assert.equal(fs.statSync(path.dirname(stored)).mode & 0o777, 0o700);
    assert.deepEqual(JSON.parse((await good(['key', 'list', '--json'])).out).keys, [{ name: 'MY_KEY', encrypted: false }]);
    await good(['config', 'set', 'Providers[mock].api_key', '${MY_KEY}']);
    await good(['check']);
    await good(['key', 'remove', 'MY_KEY']);
    assert.equal((await run(['key', 'remove', 'MY_KEY'])).code, 1);
    assert.equal((await run(['check'])).code, 78);
  });

  test('refuses names and values that cannot be', async () => {
    for (const name of ['../x', 'a/b', '.x', '', 'x.cred', '1x']) assert.equal((await run(['key', 'add', name], { input: 'k' })).code, 2, name);
    assert.equal((await run(['key', 'add', 'X'], { input: '' })).code, 2);
    assert.equal((await run(['key', 'add', 'X'], { input: 'a\nb' })).code, 2);
    assert.notEqual((await run(['key', 'add', 'X', 'value'])).code, 0);
  });

  test('gives the system\'s keys to its unit', async () => {
    await good(['key', 'add', '--root', file('root'), 'A_KEY'], { input: 'x' });
    await good(['key', 'add', '--root', file('root'), 'B_KEY'], { input: 'y' });
    const dropIn = ['root', 'etc', 'systemd', 'system', 'ccrd.service.d', '50-credentials.conf'];
    assert.match(read(...dropIn), /^LoadCredential=A_KEY:\/etc\/ccr\/credentials\/A_KEY\nLoadCredential=B_KEY:/m);
    await good(['key', 'remove', '--root', file('root'), 'A_KEY']);
    await good(['key', 'remove', '--root', file('root'), 'B_KEY']);
    assert.ok(!fs.existsSync(file(...dropIn)));
  });
});

describe('ccr preset', () => {
  test('exports without secrets, installs with values, deletes', async () => {
    await good(['preset', 'export', 'team', '-o', 'team.zip', '--description', '[our, own]']);
    assert.ok(!fs.readFileSync(file('team.zip')).includes(secrets.provider));
    const asked = await run(['preset', 'install', 'team.zip']);
    assert.equal(asked.code, 2);
    assert.match(asked.err, /needs more: MOCK_API_KEY/);
    assert.equal((await run(['preset', 'install', 'team.zip', '--set', 'MOCK_API_KEY=plain'])).code, 2);
    await good(['preset', 'install', 'team.zip', '--set', 'MOCK_API_KEY=${TEAM_KEY}']);
    assert.equal(fs.statSync(file('presets', 'team', 'manifest.json')).mode & 0o777, 0o600);
    assert.equal((await run(['preset', 'install', 'team.zip', '--set', 'MOCK_API_KEY=${X}'])).code, 1);
    await good(['preset', 'install', 'team', '--set', 'MOCK_API_KEY=${OTHER}']);
    const [preset] = JSON.parse((await good(['preset', 'list', '--json'])).out).presets;
    assert.equal(preset.id, 'team');
    assert.equal(preset.default, 'mock,m1');
    assert.equal(preset.description, '[our, own]');
    assert.match((await good(['preset', 'show', 'team'])).out, /"\$\{OTHER\}"/);
    await good(['preset', 'delete', 'team']);
    assert.equal((await run(['preset', 'delete', 'team'])).code, 1);
    assert.equal((await run(['preset', 'delete', '../config.json'])).code, 1);
    assert.deepEqual(fs.readdirSync(home).filter((name) => name.startsWith('.preset')), []);
  });

  test('refuses what is no preset', async () => {
    fs.mkdirSync(file('empty'));
    assert.equal((await run(['preset', 'install', 'empty'])).code, 78);
    fs.mkdirSync(file('bad'));
    fs.writeFileSync(file('bad', 'manifest.json'), '{Providers: 3}');
    assert.equal((await run(['preset', 'install', 'bad'])).code, 78);
    assert.equal((await run(['preset', 'install', 'https://example.com/p.zip'])).code, 2);
    assert.equal((await run(['preset', 'list'])).out, '');
  });
});

test('statusline prints one line whatever it gets, quickly', async () => {
  const input = JSON.stringify({ model: { id: 'mock,m2', display_name: 'x' }, workspace: { current_dir: home }, cost: { total_cost_usd: 1.5 } });
  const result = await good(['statusline'], { input, env: { NO_COLOR: '1' } });
  assert.equal(result.out, `${path.basename(home)} mock,m2 $1.50\n`);
  for (const bad of ['', '{', '[]', '{"transcript_path":"/dev/zero","cwd":"/"}']) {
    const line = await good(['statusline'], { input: bad });
    assert.equal(line.out.split('\n').length, 2);
  }
});

describe('ccr doctor', () => {
  test('tests the keys of the providers', async () => {
    const provider = http.createServer((request, response) => {
      const known = request.headers.authorization === `Bearer ${secrets.provider}`;
      response.writeHead(request.url === '/v1/models' && known ? 200 : 401).end('{}');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => { provider.once('listening', resolve); });
    const url = `http://127.0.0.1:${provider.address().port}/v1/chat/completions`;
    try {
      await good(['config', 'set', 'Providers[mock].api_base_url', url]);
      const fine = JSON.parse((await good(['doctor', '--json'])).out);
      assert.match(fine.findings.find((each) => each.name === 'provider mock').text, /accepts the key/);
      await good(['config', 'set', 'Providers[mock].api_key', '-'], { input: 'wrong' });
      const refused = await run(['doctor']);
      assert.equal(refused.code, 1);
      assert.match(refused.out, /^fail +provider mock: .*refuses the key \(401\)$/m);
    } finally {
      provider.close();
    }
    const gone = await run(['doctor']);
    assert.match(gone.out, /^fail +provider mock: no connection to/m);
  });

  test('offline it asks nobody and looks at the rest', async () => {
    await good(['start']);
    const { out } = await good(['doctor', '--offline']);
    for (const line of [/^ok +config: /m, /^ok +permissions: /m, /^ok +router: ccrd /m, /^ok +port: /m, /^skipped +providers: /m]) assert.match(out, line);
    fs.chmodSync(file('config.json'), 0o644);
    assert.match((await run(['doctor', '--offline'])).out, /can be read by every user\n +-> chmod 6[04]0 /);
    fs.writeFileSync(file('config.json'), '{', { mode: 0o600 });
    assert.equal((await run(['doctor', '--offline'])).code, 1);
  });
});

test('ui prints the address of a page that is there', async () => {
  assert.equal((await run(['ui'])).code, 3);
  await good(['start']);
  assert.equal((await good(['ui'])).out, `http://127.0.0.1:${port}/ui/\n`);
  assert.match(await (await fetch(`http://127.0.0.1:${port}/ui/`)).text(), /^<!doctype html>/);
});
