// SPDX-License-Identifier: MIT
// Replies of the Responses API as OpenAI sends them, small enough to read in a test, and what is
// wrong with a request in its eyes.
import assert from 'node:assert/strict';

export const defaultUsage = { input_tokens: 100, input_tokens_details: { cached_tokens: 60 }, output_tokens: 12, output_tokens_details: { reasoning_tokens: 5 }, total_tokens: 112 };

// Output items.
export const text = (said) => ({ id: 'msg_up', type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: said, annotations: [], logprobs: [] }] });
export const refusal = (said) => ({ ...text(''), content: [{ type: 'refusal', refusal: said }] });
export const thought = (parts, encrypted, id = 'rs_up') => ({ id, type: 'reasoning', summary: parts.map((said) => ({ type: 'summary_text', text: said })), encrypted_content: encrypted });
export const call = (name, args, id) => ({ id: `fc_${id}`, type: 'function_call', status: 'completed', call_id: id, name, arguments: JSON.stringify(args) });

export const response = (output, more = {}) => ({ id: 'resp_up', object: 'response', created_at: 1, status: 'completed', error: null, incomplete_details: null, model: 'gpt-upstream', output, usage: defaultUsage, ...more });
export const openaiError = (code, message, param = null) => ({ error: { message, type: 'invalid_request_error', param, code } });

const pieces = (said, size = 4) => said.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? [];

// The events of one output item.
function eventsOf(item, output_index) {
  const at = { output_index, item_id: item.id };
  const delta = (type, place, said) => pieces(said).map((piece) => ({ type: `response.${type}.delta`, ...at, ...place, delta: piece }));
  const frame = (inner) => [{ type: 'response.output_item.added', output_index, item: { ...item, arguments: '', content: [], summary: [] } }, ...inner,
    { type: 'response.output_item.done', output_index, item }];
  if (item.type === 'reasoning') {
    return frame(item.summary.flatMap((part, summary_index) => [{ type: 'response.reasoning_summary_part.added', ...at, summary_index, part: { type: 'summary_text', text: '' } },
      ...delta('reasoning_summary_text', { summary_index }, part.text), { type: 'response.reasoning_summary_text.done', ...at, summary_index, text: part.text },
      { type: 'response.reasoning_summary_part.done', ...at, summary_index, part }]));
  }
  if (item.type === 'function_call') {
    return frame([...delta('function_call_arguments', {}, item.arguments), { type: 'response.function_call_arguments.done', ...at, arguments: item.arguments }]);
  }
  return frame(item.content.flatMap((part, content_index) => {
    const [kind, member] = part.type === 'refusal' ? ['refusal', 'refusal'] : ['output_text', 'text'];
    const place = { content_index };
    return [{ type: 'response.content_part.added', ...at, ...place, part: { ...part, [member]: '' } }, ...delta(kind, place, part[member]),
      { type: `response.${kind}.done`, ...at, ...place, [member]: part[member] }, { type: 'response.content_part.done', ...at, ...place, part }];
  }));
}

// Frames of a stream, numbered and named as the API does it.
export const frames = (events) => events.map((event, sequence_number) => `event: ${event.type}\ndata: ${JSON.stringify({ sequence_number, ...event })}\n\n`);
export const begun = { type: 'response.created', response: response([], { status: 'in_progress', usage: null }) };
export const over = (output, more = {}) => ({ type: `response.${more.status ?? 'completed'}`, response: response(output, more) });
export const streamOf = (output, more) => frames([begun, ...output.flatMap(eventsOf), over(output, more)]);
export const unfinished = (output) => frames([begun, ...output.flatMap(eventsOf)]);

// The rules that OpenAI enforces with a 400.
export function lintResponses(body) {
  const known = new Set(['model', 'input', 'tools', 'tool_choice', 'parallel_tool_calls', 'max_output_tokens', 'reasoning', 'temperature', 'top_p', 'text', 'user',
    'safety_identifier', 'prompt_cache_key', 'service_tier', 'store', 'include', 'stream']);
  for (const key of Object.keys(body)) assert.ok(known.has(key), `unknown member ${key}`);
  assert.equal(body.store, false, 'nothing is kept');
  if ('max_output_tokens' in body) assert.ok(body.max_output_tokens >= 16);
  const open = new Set();
  let reasoned = false;
  assert.ok(body.input.length > 0);
  for (const item of body.input) {
    const output = item.type === 'function_call' || item.role === 'assistant';
    if (reasoned) assert.ok(output || item.type === 'reasoning', 'reasoning leads to something');
    reasoned = item.type === 'reasoning';
    if (item.type === 'reasoning') {
      assert.ok(Array.isArray(item.summary));
      assert.ok(item.encrypted_content);
    } else if (item.type === 'function_call') {
      JSON.parse(item.arguments);
      open.add(item.call_id);
    } else if (item.type === 'function_call_output') {
      assert.ok(open.delete(item.call_id), 'an output has its call');
    } else {
      assert.equal(item.type, 'message');
      assert.equal(open.size, 0, 'outputs follow their calls');
      assert.ok(item.content.length > 0);
      for (const part of item.content) {
        if (item.role === 'assistant') assert.equal(part.type, 'output_text');
        else assert.match(part.type, /^input_(text|image|file)$/);
      }
    }
  }
  assert.equal(open.size, 0, 'no call is left open');
  assert.ok(!reasoned);
  for (const tool of body.tools ?? []) {
    if (tool.type === 'web_search') continue;
    assert.equal(tool.type, 'function');
    assert.equal(typeof tool.strict, 'boolean', 'strict is said');
    assert.match(tool.name, /^[\w-]{1,64}$/);
  }
}
