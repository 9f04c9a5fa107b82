// SPDX-License-Identifier: MIT
// The linter must take good requests and refuse each kind of bad one: else the fixture test that
// leans on it proves nothing.
import assert from 'node:assert/strict';
import test from 'node:test';
import { lint } from './openai_linter.mjs';

const call = (id, name = 'Bash', args = '{"command":"ls"}') => ({ id, type: 'function', function: { name, arguments: args } });
const tool = (name = 'Bash', parameters = { type: 'object', properties: {} }) => ({ type: 'function', function: { name, description: 'd', parameters } });
const good = () => ({
  model: 'm', stream: true, stream_options: { include_usage: true }, max_tokens: 32000,
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: 'look' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw==' } }] },
    { role: 'assistant', content: null, tool_calls: [call('c1'), call('c2')] },
    { role: 'tool', tool_call_id: 'c1', content: 'one' },
    { role: 'tool', tool_call_id: 'c2', content: 'two' },
    { role: 'user', content: 'go on' },
  ],
  tools: [tool()], tool_choice: 'auto',
});

test('a good request passes', () => {
  assert.deepEqual(lint(good()), []);
  const plain = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
  assert.deepEqual(lint(plain), []);
});

test('a good request that ends in tool results passes', () => {
  const body = good();
  body.messages.pop();
  assert.deepEqual(lint(body), []);
});

test('a vendor\'s fields pass only where they are expected', () => {
  const body = good();
  body.enable_thinking = true;
  body.messages[2].reasoning_content = 'hm';
  assert.equal(lint(body).length, 2);
  assert.deepEqual(lint(body, ['enable_thinking', 'reasoning_content']), []);
});

// [what is wrong, how to break a good request, what the finding must say]
const breaks = [
  ['no messages', (b) => { b.messages = []; }, /missing or empty/],
  ['unknown role', (b) => { b.messages[0].role = 'human'; }, /no role/],
  ['unanswered call', (b) => { b.messages.splice(4, 1); }, /before the calls c2/],
  ['calls never answered', (b) => { b.messages.length = 3; }, /never answered/],
  ['text between call and result', (b) => { b.messages.splice(3, 0, { role: 'user', content: 'x' }); }, /before the calls/],
  ['result for no call', (b) => { b.messages[3].tool_call_id = 'zz'; }, /answers no open call/],
  ['result twice', (b) => { b.messages.splice(5, 0, { role: 'tool', tool_call_id: 'c2', content: 'x' }); }, /answers no open call/],
  ['repeated id', (b) => { b.messages[2].tool_calls[1].id = 'c1'; }, /twice in the conversation/],
  ['arguments as object', (b) => { b.messages[2].tool_calls[0].function.arguments = {}; }, /not JSON text/],
  ['arguments cut', (b) => { b.messages[2].tool_calls[0].function.arguments = '{"a":'; }, /not JSON text/],
  ['empty tool_calls', (b) => { b.messages[2].tool_calls = []; }, /empty list/],
  ['empty content', (b) => { b.messages[1].content = ''; }, /empty/],
  ['empty text part', (b) => { b.messages[1].content[0].text = ''; }, /empty text part/],
  ['no parts', (b) => { b.messages[1].content = []; }, /no parts/],
  ['empty tool result', (b) => { b.messages[3].content = ''; }, /empty/],
  ['null content without calls', (b) => { delete b.messages[2].tool_calls; }, /missing/],
  ['last message is the assistant\'s', (b) => { b.messages.push({ role: 'assistant', content: 'x' }); }, /last message/],
  ['last message is a system one', (b) => { b.messages.push({ role: 'system', content: 'x' }); }, /last message/],
  ['cache_control', (b) => { b.messages[1].content[0].cache_control = { type: 'ephemeral' }; }, /cache_control/],
  ['top-level system', (b) => { b.system = 'x'; }, /no such parameter/],
  ['metadata', (b) => { b.metadata = { user_id: 'x' }; }, /metadata/],
  ['context_management', (b) => { b.context_management = {}; }, /context_management/],
  ['output_config', (b) => { b.output_config = { effort: 'high' }; }, /output_config/],
  ['adaptive thinking', (b) => { b.thinking = { type: 'adaptive' }; }, /adaptive/],
  ['tool_use block', (b) => { b.messages[1].content.push({ type: 'tool_use', id: 'x' }); }, /tool_use/],
  ['tool_result block', (b) => { b.messages[1].content.push({ type: 'tool_result', tool_use_id: 'x' }); }, /tool_result/],
  ['Anthropic image', (b) => { b.messages[1].content[1] = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: '' } }; }, /'image'/],
  ['input_schema', (b) => { b.tools[0] = { name: 'Bash', input_schema: { type: 'object' } }; }, /type:"function"/],
  ['defer_loading', (b) => { b.tools[0].defer_loading = true; }, /unknown key/],
  ['tool name too long', (b) => { b.tools[0].function.name = 'x'.repeat(65); }, /1-64/],
  ['tool name with a dot', (b) => { b.tools[0].function.name = 'a.b'; }, /1-64/],
  ['tool twice', (b) => { b.tools.push(tool()); }, /twice/],
  ['parameters without type', (b) => { b.tools[0].function.parameters = { properties: {} }; }, /root must be/],
  ['parameters without properties', (b) => { b.tools[0].function.parameters = { type: 'object' }; }, /root must be/],
  ['parameters missing', (b) => { delete b.tools[0].function.parameters; }, /root must be/],
  ['$schema left in', (b) => { b.tools[0].function.parameters.$schema = 'x'; }, /\$schema/],
  ['empty tools', (b) => { b.tools = []; }, /empty list/],
  ['tool_choice without tools', (b) => { delete b.tools; }, /without tools/],
  ['tool_choice for another tool', (b) => { b.tool_choice = { type: 'function', function: { name: 'No' } }; }, /no offered function/],
  ['Anthropic tool_choice', (b) => { b.tool_choice = { type: 'any' }; }, /tool_choice/],
  ['billing header', (b) => { b.messages[0].content = 'x-anthropic-billing-header: cc_version=1;'; }, /billing/],
  ['billing header on a later line', (b) => { b.messages[0].content = 'a\nx-anthropic-billing-header: cc_version=1;'; }, /billing/],
  ['image in a tool message', (b) => { b.messages[3].content = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw==' } }]; }, /image in a tool/],
  ['broken image', (b) => { b.messages[1].content[1].image_url.url = 'iVBORw=='; }, /neither a data: URL/],
  ['cut base64', (b) => { b.messages[1].content[1].image_url.url = 'data:image/png;base64,iVB'; }, /cut/],
  ['max_tokens 0', (b) => { b.max_tokens = 0; }, /positive/],
  ['both spellings of max_tokens', (b) => { b.max_completion_tokens = 5; }, /both spellings/],
  ['stream_options without stream', (b) => { b.stream = false; }, /only allowed when streaming/],
  ['five stops', (b) => { b.stop = ['a', 'b', 'c', 'd', 'e']; }, /stop/],
  ['stop_sequences', (b) => { b.stop_sequences = ['a']; }, /stop_sequences/],
  ['unknown parameter', (b) => { b.betas = []; }, /no such parameter/],
  ['signature on a message', (b) => { b.messages[2].signature = 'x'; }, /not a key/],
  ['json_schema without a name', (b) => { b.response_format = { type: 'json_schema', json_schema: { schema: {} } }; }, /name and schema/],
];

for (const [what, spoil, expected] of breaks) {
  test(`refuses: ${what}`, () => {
    const body = good();
    spoil(body);
    assert.match(lint(body).join('\n'), expected);
  });
}
