// SPDX-License-Identifier: MIT
// The Codex CLI through /v1/responses: a turn with words, and one with a command that it runs. The
// provider speaks Chat Completions, so that everything is translated.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { plantedSecrets, Router } from '../client/harness.mjs';
import { MockProvider, json, sse } from '../client/mock_provider.mjs';
import { textChunks, toolChunks, toolEnd } from '../client/replies.mjs';

const program = path.join(import.meta.dirname, 'node_modules/.bin/codex');
if (!existsSync(program)) {
  console.error('SKIPPED: the Codex CLI is not installed; ./dev codex installs it');
  process.exit(77);
}

// Of the models that this version of Codex knows, one to which it offers its tool for patches.
const patcher = 'gpt-5.6-luna';
const secrets = plantedSecrets();
let mock;
let router;
let room;

before(async () => {
  mock = await MockProvider.start();
  router = await Router.start({ secrets, providers: [{ name: 'local', api_base_url: `${mock.url}/v1/chat/completions`, api_key: secrets.provider, models: ['m', patcher] }] });
  room = mkdtempSync(path.join(tmpdir(), 'ccr-codex-'));
  writeFileSync(path.join(room, 'config.toml'), `model = "local,m"
model_provider = "ccr"
approval_policy = "never"
sandbox_mode = "danger-full-access"
[model_providers.ccr]
name = "ccr"
base_url = "${router.url}/v1"
wire_api = "responses"
env_key = "CCR_KEY"
request_max_retries = 0
stream_max_retries = 0
`);
});
after(async () => {
  await router?.stop();
  await mock?.stop();
  if (room) rmSync(room, { recursive: true, force: true });
});
beforeEach(() => mock.reset());

const codex = (question, ...options) => new Promise((resolve) => {
  const child = execFile(program, ['exec', '--skip-git-repo-check', '--json', ...options, question],
    { cwd: room, timeout: 60_000, env: { PATH: process.env.PATH, HOME: room, CODEX_HOME: room, CCR_KEY: secrets.router } },
    (error, stdout, stderr) => resolve({ error, stderr, events: stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)) }));
  child.stdin.end();
});
const said = (run) => run.events.filter((event) => event.item?.type === 'agent_message').map((event) => event.item.text);

test('words', async () => {
  mock.next(sse(textChunks(['Hello', ' there'])));
  const run = await codex('Say hello.');
  assert.equal(run.error, null, run.stderr);
  assert.deepEqual(said(run), ['Hello there']);
  assert.equal(run.events.at(-1).type, 'turn.completed');
  assert.equal(run.events.at(-1).usage.cached_input_tokens, 60);
});

// A command for whichever tool this version runs commands with.
function command(tools, line) {
  const tool = tools.map((each) => each.function).find((each) => /shell|exec/.test(each.name)) ?? assert.fail('no tool runs commands');
  const known = tool.parameters.properties;
  if (known.cmd) return [tool.name, { cmd: line }];
  return [tool.name, { command: known.command.type === 'array' ? ['bash', '-lc', line] : line }];
}

test('a command, and its output with the next request', async () => {
  mock.next((response, record) => sse([...toolChunks(0, 'call_1', ...command(record.body.tools, 'printf made > made.txt; echo done-42')), ...toolEnd()])(response, record),
    sse(textChunks(['It', ' is done'])));
  const run = await codex('Make a file.');
  assert.equal(run.error, null, run.stderr);
  assert.deepEqual(said(run), ['It is done']);
  assert.equal(readFileSync(path.join(room, 'made.txt'), 'utf8'), 'made');
  const [call, output] = mock.last.body.messages.slice(-2);
  assert.equal(call.tool_calls[0].id, 'call_1');
  assert.equal(output.tool_call_id, 'call_1');
  assert.match(output.content, /done-42/);
});

// A tool of a namespace that takes no JSON: a program, which applies a patch. To the provider it is a
// function with one argument; the client is told the program itself.
test('a patch, and its outcome with the next request', async () => {
  const patch = '*** Begin Patch\n*** Add File: patched.txt\n+"quoted" 🌦\n*** End Patch\n';
  const input = `// patches\ntext(await tools.apply_patch(${JSON.stringify(patch)}));\n`;
  mock.next(sse([...toolChunks(0, 'call_1', 'functions__exec', { input }, 7), ...toolEnd()]), sse(textChunks(['It', ' is done'])));
  const run = await codex('Patch a file.', '--model', patcher);
  assert.equal(run.error, null, run.stderr);
  assert.deepEqual(said(run), ['It is done']);
  const { function: tool } = mock.requests[0].body.tools.find((each) => each.function.name === 'functions__exec') ?? assert.fail('no tool runs programs');
  assert.deepEqual(tool.parameters.required, ['input']);
  const [call, output] = mock.last.body.messages.slice(-2);
  assert.equal(JSON.parse(call.tool_calls[0].function.arguments).input, input);
  assert.equal(output.tool_call_id, 'call_1');
  assert.equal(readFileSync(path.join(room, 'patched.txt'), 'utf8'), '"quoted" 🌦\n', output.content);
});

test('a failure in words', async () => {
  mock.always(json(400, { error: { message: 'This model does not exist', code: 'model_not_found' } }));
  const run = await codex('Say hello.');
  assert.notEqual(run.error, null);
  assert.match(JSON.stringify(run.events), /model/);
});
