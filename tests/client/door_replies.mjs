// SPDX-License-Identifier: MIT
// The same replies from providers of three formats, for the tests of OpenAI's clients.
import * as gemini from './gemini_replies.mjs';
import { json, sse } from './mock_provider.mjs';
import { completion, delta, textChunks, toolChunks, toolEnd } from './replies.mjs';

// Replies of an Anthropic provider: blocks of [type, text] or {name, input}.
export const frames = (events) => events.map((data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
export const usage = { input_tokens: 40, cache_read_input_tokens: 60, cache_creation_input_tokens: 0, output_tokens: 7 };
export const message = (content, stop) => ({ id: 'msg_up', type: 'message', role: 'assistant', model: 'up', content, stop_reason: stop, stop_sequence: null, usage });

export function anthropicFrames(blocks, stop) {
  const events = [{ type: 'message_start', message: message([], null) }];
  blocks.forEach((block, index) => {
    const start = { ...block };
    const pieces = [];
    if (block.type === 'text') pieces.push(...block.text.match(/[^]{1,4}/gu).map((text) => ({ type: 'text_delta', text })));
    if (block.type === 'thinking') pieces.push({ type: 'thinking_delta', thinking: block.thinking }, { type: 'signature_delta', signature: block.signature });
    if (block.type === 'tool_use') pieces.push(...JSON.stringify(block.input).match(/[^]{1,5}/gu).map((partial_json) => ({ type: 'input_json_delta', partial_json })));
    if (block.type === 'text') start.text = '';
    if (block.type === 'thinking') Object.assign(start, { thinking: '', signature: '' });
    if (block.type === 'tool_use') start.input = {};
    events.push({ type: 'content_block_start', index, content_block: start });
    events.push(...pieces.map((piece) => ({ type: 'content_block_delta', index, delta: piece })));
    events.push({ type: 'content_block_stop', index });
  });
  events.push({ type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage }, { type: 'message_stop' });
  return frames(events);
}

export const said = 'Hello "wörld" 🌦';
export const calls = [{ place: 'Paris', days: 2 }, { place: 'Rom"é' }];
export const use = (input, index) => ({ type: 'tool_use', id: `toolu_${index}`, name: 'get_weather', input });

// One row for each provider: its replies as [streamed, whole].
export const providers = {
  openai: {
    text: [() => sse(textChunks(['Hello', ' "wörld"', ' 🌦'])), () => json(200, completion({ content: said }))],
    tools: [() => sse([...toolChunks(0, 'call_a', 'get_weather', calls[0]), ...toolChunks(1, 'call_b', 'get_weather', calls[1]), ...toolEnd()]),
      () => json(200, completion({ content: null, tool_calls: calls.map((input, index) => ({ id: `call_${index}`, type: 'function',
        function: { name: 'get_weather', arguments: JSON.stringify(input) } })) }, { finish: 'tool_calls' }))],
    reasoning: [() => sse([delta({ role: 'assistant', reasoning_content: 'Hm. ' }), delta({ reasoning_content: 'So.' }), ...textChunks([said]).slice(1)]),
      () => json(200, completion({ content: said, reasoning_content: 'Hm. So.' }))],
  },
  anthropic: {
    text: [() => sse(anthropicFrames([{ type: 'text', text: said }], 'end_turn'), { done: false }), () => json(200, message([{ type: 'text', text: said }], 'end_turn'))],
    tools: [() => sse(anthropicFrames(calls.map(use), 'tool_use'), { done: false }), () => json(200, message(calls.map(use), 'tool_use'))],
    reasoning: [() => sse(anthropicFrames([{ type: 'thinking', thinking: 'Hm. So.', signature: 'U0lH' }, { type: 'text', text: said }], 'end_turn'), { done: false }),
      () => json(200, message([{ type: 'thinking', thinking: 'Hm. So.', signature: 'U0lH' }, { type: 'text', text: said }], 'end_turn'))],
  },
  gemini: {
    text: [() => sse(gemini.streamOf(gemini.text('Hello'), gemini.text(' "wörld" 🌦')), { done: false }), () => json(200, gemini.bodyOf(gemini.text(said)))],
    tools: [() => sse(gemini.streamOf(...calls.map((input) => gemini.call('get_weather', input))), { done: false }),
      () => json(200, gemini.bodyOf(...calls.map((input) => gemini.call('get_weather', input))))],
    reasoning: [() => sse(gemini.streamOf(gemini.thought('Hm. '), gemini.thought('So.'), gemini.text(said)), { done: false }),
      () => json(200, gemini.bodyOf(gemini.thought('Hm. So.'), gemini.text(said)))],
  },
};
