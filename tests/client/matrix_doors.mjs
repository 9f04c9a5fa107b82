// SPDX-License-Identifier: MIT
// The router's three doors, each with the same two abilities: to say a neutral request in the
// door's format, and to read an answer of that format back into neutral parts.
//
//   request: { system, turns: [{ role, parts }], tools, choice, effort, schema, stops }
//   parts:   { text } | { image } | { call: { id, name, input } } | { result: { id, text } }
//            | { thought } | { said }: an earlier answer in the door's own words
//   answer:  { parts, stop, sequence, turn }; `turn` is what a client puts into its next request
import assert from 'node:assert/strict';
import { assertErrorEnvelope, assertGrammar, parseSse } from './harness.mjs';
import { checkEvents, eventsOf } from './responses_events.mjs';

const only = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
const dataUrl = ({ type, data }) => `data:${type};base64,${data}`;
const dataLines = (text) => text.split('\n').filter((line) => line.startsWith('data: ')).map((line) => line.slice('data: '.length));

const messages = {
  path: '/v1/messages',
  build({ system, turns, tools, choice, effort, schema, stops }) {
    const block = (part) => {
      if (part.text !== undefined) return [{ type: 'text', text: part.text }];
      if (part.image) return [{ type: 'image', source: { type: 'base64', media_type: part.image.type, data: part.image.data } }];
      if (part.call) return [{ type: 'tool_use', ...part.call }];
      if (part.result) return [{ type: 'tool_result', tool_use_id: part.result.id, content: part.result.text }];
      return part.said;
    };
    return only({ max_tokens: 5000, system,
      messages: turns.map(({ role, parts }) => ({ role, content: parts.flatMap(block) })),
      tools: tools?.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters })),
      tool_choice: choice && { type: choice }, thinking: effort && { type: 'adaptive' },
      output_config: effort || schema ? only({ effort, format: schema && { type: 'json_schema', schema } }) : undefined,
      stop_sequences: stops });
  },
  read(reply, streamed) {
    const message = streamed ? messages.fold(reply.text) : JSON.parse(reply.text);
    const parts = message.content.map((block) => {
      if (block.type === 'tool_use') return { call: { id: block.id, name: block.name, input: block.input } };
      if (block.type === 'text') return { text: block.text };
      assert.equal(block.type, 'thinking');
      assert.ok(block.signature.length > 0, 'clients keep signed thinking only');
      return { thought: block.thinking };
    });
    assert.match(message.id, /^msg_/);
    return { parts, stop: message.stop_reason, sequence: message.stop_sequence, turn: { role: 'assistant', parts: [{ said: message.content }] } };
  },
  fold(text) {
    const events = parseSse(text);
    assertGrammar(events);
    const { message } = events.find((event) => event.event === 'message_start').data;
    const content = events.filter((event) => event.event === 'content_block_start').map((event) => ({ ...event.data.content_block, json: '' }));
    for (const { data } of events.filter((event) => event.event === 'content_block_delta')) {
      const block = content[data.index];
      const { delta } = data;
      if (delta.type === 'text_delta') block.text += delta.text;
      else if (delta.type === 'thinking_delta') block.thinking += delta.thinking;
      else if (delta.type === 'signature_delta') block.signature = delta.signature;
      else block.json += delta.partial_json;
    }
    for (const block of content) {
      if (block.type === 'tool_use') block.input = JSON.parse(block.json || '{}');
      delete block.json;
    }
    return { ...message, content, ...events.at(-2).data.delta };
  },
  // An earlier answer as clients give it back that know nothing of reasoning.
  forget: (content) => content.filter((block) => block.type !== 'thinking'),
  stops: { end: 'end_turn', tools: 'tool_use', stop: 'stop_sequence' },
  errors: { limited: [429, 'rate_limit_error'], overloaded: [529, 'overloaded_error'], long: [400, 'invalid_request_error'], broken: [502, 'api_error'] },
  assertError(reply, status, type) {
    return assertErrorEnvelope(reply, status, type);
  },
  // A stream that failed behind its first words.
  assertFailed(text) {
    const events = parseSse(text);
    assert.equal(events.at(-1).event, 'error');
    assert.match(events.at(-1).data.error.type, /_error$/);
    assert.ok(!events.some((event) => event.event === 'message_stop' || event.event === 'message_delta'), text);
  },
};

// Errors in OpenAI's words.
function assertOpenAiError(reply, status, code) {
  assert.equal(reply.status, status, reply.text);
  const { error } = JSON.parse(reply.text);
  assert.equal(error.code, code, reply.text);
  assert.ok(error.message.length > 0);
  return error;
}
const openAiErrors = { limited: [429, 'rate_limit_exceeded'], overloaded: [503, 'server_is_overloaded'], long: [400, 'context_length_exceeded'], broken: [502, null] };

const chat = {
  path: '/v1/chat/completions',
  build({ system, turns, tools, choice, effort, schema, stops }) {
    const part = (each) => (each.image ? { type: 'image_url', image_url: { url: dataUrl(each.image) } } : { type: 'text', text: each.text });
    const turn = ({ role, parts }) => {
      if (parts[0].said) return [parts[0].said];
      if (parts[0].result) return parts.map(({ result }) => ({ role: 'tool', tool_call_id: result.id, content: result.text }));
      if (!parts[0].call) return [{ role, content: parts.map(part) }];
      return [{ role, content: null, tool_calls: parts.map(({ call }) => ({ id: call.id, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.input) } })) }];
    };
    return only({ messages: [{ role: 'system', content: system }, ...turns.flatMap(turn)],
      tools: tools?.map((tool) => ({ type: 'function', function: tool })), tool_choice: choice === 'any' ? 'required' : undefined, reasoning_effort: effort,
      response_format: schema && { type: 'json_schema', json_schema: { name: 'out', strict: true, schema } }, stop: stops });
  },
  read(reply, streamed) {
    const choice = streamed ? chat.fold(reply.text) : JSON.parse(reply.text).choices[0];
    const { message } = choice;
    const parts = [];
    if (message.reasoning_content) parts.push({ thought: message.reasoning_content });
    if (message.content) parts.push({ text: message.content });
    for (const { id, type, function: call } of message.tool_calls ?? []) {
      assert.equal(type, 'function');
      parts.push({ call: { id, name: call.name, input: JSON.parse(call.arguments) } });
    }
    return { parts, stop: choice.finish_reason, turn: { role: 'assistant', parts: [{ said: message }] } };
  },
  fold(text) {
    const data = dataLines(text);
    assert.equal(data.pop(), '[DONE]');
    const chunks = data.map((line) => JSON.parse(line));
    assert.equal(chunks[0].choices[0].delta.role, 'assistant');
    const message = { role: 'assistant', content: null };
    const ends = [];
    for (const { choices: [{ index, delta, finish_reason: finish }], error } of chunks) {
      assert.equal(error, undefined);
      assert.equal(index, 0);
      if (finish) ends.push(finish);
      if (delta.content) message.content = (message.content ?? '') + delta.content;
      if (delta.reasoning_content) message.reasoning_content = (message.reasoning_content ?? '') + delta.reasoning_content;
      if (delta.reasoning_details) message.reasoning_details = [...(message.reasoning_details ?? []), ...delta.reasoning_details];
      for (const piece of delta.tool_calls ?? []) {
        message.tool_calls ??= [];
        if (piece.id) message.tool_calls[piece.index] = { id: piece.id, type: piece.type, function: { name: piece.function.name, arguments: '' } };
        message.tool_calls[piece.index].function.arguments += piece.function.arguments ?? '';
      }
    }
    assert.equal(ends.length, 1, 'one end');
    return { message, finish_reason: ends[0] };
  },
  forget: ({ role, content, tool_calls }) => ({ role, content, tool_calls }),
  stops: { end: 'stop', tools: 'tool_calls', stop: 'stop' },
  errors: openAiErrors,
  assertError: assertOpenAiError,
  assertFailed(text) {
    const data = dataLines(text);
    assert.ok(JSON.parse(data.at(-1)).error.message.length > 0);
    assert.doesNotMatch(text, /\[DONE\]|finish_reason":"/);
  },
};

const responses = {
  path: '/v1/responses',
  build({ system, turns, tools, choice, effort, schema, stops }) {
    const item = ({ role, parts }) => {
      if (parts[0].said) return parts[0].said;
      if (parts[0].result) return parts.map(({ result }) => ({ type: 'function_call_output', call_id: result.id, output: result.text }));
      if (parts[0].call) return parts.map(({ call }) => ({ type: 'function_call', call_id: call.id, name: call.name, arguments: JSON.stringify(call.input) }));
      return [{ type: 'message', role, content: parts.map((part) => (part.image ? { type: 'input_image', detail: 'auto', image_url: dataUrl(part.image) } : { type: 'input_text', text: part.text })) }];
    };
    return only({ instructions: system, store: false, input: turns.flatMap(item), include: effort && ['reasoning.encrypted_content'],
      tools: tools?.map((tool) => ({ type: 'function', strict: false, ...tool })), tool_choice: choice === 'any' ? 'required' : undefined,
      reasoning: effort && { effort, summary: 'auto' }, text: schema && { format: { type: 'json_schema', name: 'out', strict: true, schema } }, stop: stops });
  },
  read(reply, streamed) {
    const response = streamed ? checkEvents(eventsOf(reply.text)) : JSON.parse(reply.text);
    assert.match(response.id, /^resp_/);
    const parts = response.output.map((item) => {
      if (item.type === 'function_call') return { call: { id: item.call_id, name: item.name, input: JSON.parse(item.arguments) } };
      if (item.type === 'message') return { text: item.content[0].text };
      assert.equal(item.type, 'reasoning');
      assert.ok(item.encrypted_content.length > 0, 'without it there is no way back');
      return { thought: item.summary.map((part) => part.text).join('\n\n') };
    });
    return { parts, stop: response.status, turn: { role: 'assistant', parts: [{ said: response.output }] } };
  },
  forget: (output) => output.filter((item) => item.type !== 'reasoning'),
  stops: { end: 'completed', tools: 'completed', stop: 'completed' },
  errors: openAiErrors,
  assertError: assertOpenAiError,
  assertFailed(text) {
    const events = eventsOf(text);
    assert.equal(events.at(-1).type, 'response.failed');
    assert.ok(events.at(-1).response.error.code.length > 0);
    assert.ok(!events.some((event) => event.type === 'response.completed'), text);
    events.forEach((event, index) => assert.equal(event.sequence_number, index, 'numbers without a gap'));
  },
};

export const doors = { messages, chat, responses };
