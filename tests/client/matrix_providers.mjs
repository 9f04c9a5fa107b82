// SPDX-License-Identifier: MIT
// The four languages of providers, each with the same abilities: to understand a request as the
// neutral form of matrix_doors.mjs, having said what is wrong with it, and to put neutral parts into
// an answer, streamed and whole.
import assert from 'node:assert/strict';
import { anthropicFrames, message } from './door_replies.mjs';
import * as gemini from './gemini_replies.mjs';
import { json, sse } from './mock_provider.mjs';
import { lint } from './openai_linter.mjs';
import { completion, delta, toolArgs, toolStart, usageChunk, defaultUsage } from './replies.mjs';
import * as responses from './responses_replies.mjs';

const only = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
const split = (text) => text.match(/[^]{1,4}/gu);
const fromUrl = (url) => {
  const [, type, data] = /^data:([^;]+);base64,(.*)$/.exec(url);
  return { image: { type, data } };
};
// Neighbouring turns of one side are one.
function merged(turns) {
  const out = [];
  for (const turn of turns) {
    if (out.at(-1)?.role === turn.role) out.at(-1).parts.push(...turn.parts);
    else out.push({ role: turn.role, parts: [...turn.parts] });
  }
  return out;
}

// What Anthropic answers with a 400.
function lintAnthropic(body) {
  const known = new Set(['model', 'max_tokens', 'system', 'messages', 'tools', 'tool_choice', 'thinking', 'output_config', 'stop_sequences', 'stream', 'metadata', 'cache_control']);
  for (const key of Object.keys(body)) assert.ok(known.has(key), `unknown member ${key}`);
  assert.ok(body.max_tokens > 0, 'a limit is required');
  let open = [];
  body.messages.forEach(({ role, content }, index) => {
    assert.equal(role, index % 2 === 0 ? 'user' : 'assistant', 'sides take turns');
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    const results = blocks.filter((block) => block.type === 'tool_result').map((block) => block.tool_use_id);
    assert.deepEqual(results, open, 'one result for each call');
    open = blocks.filter((block) => block.type === 'tool_use').map((block) => block.id);
  });
  assert.deepEqual(open, [], 'no call is left open');
}

const anthropic = {
  config: { path: '/v1/messages', protocol: 'anthropic' },
  model: 'claude-sonnet-5',
  understand(body) {
    lintAnthropic(body);
    const part = (block) => {
      if (block.type === 'text') return { text: block.text };
      if (block.type === 'image') return { image: { type: block.source.media_type, data: block.source.data } };
      if (block.type === 'tool_use') return { call: { id: block.id, name: block.name, input: block.input } };
      if (block.type === 'thinking') return { thought: block.thinking, seal: block.signature };
      return { result: { id: block.tool_use_id, text: typeof block.content === 'string' ? block.content : block.content.map((inner) => inner.text).join('') } };
    };
    return only({ system: typeof body.system === 'string' ? body.system : body.system.map((block) => block.text).join(''),
      turns: body.messages.map(({ role, content }) => ({ role, parts: typeof content === 'string' ? [{ text: content }] : content.map(part) })),
      tools: body.tools?.map(({ name, description, input_schema: parameters }) => ({ name, description, parameters })),
      choice: body.tool_choice?.type, effort: body.output_config?.effort, schema: body.output_config?.format?.schema, stops: body.stop_sequences });
  },
  answer(parts, stop) {
    const blocks = parts.map((part) => {
      if (part.call) return { type: 'tool_use', ...part.call };
      return part.thought ? { type: 'thinking', thinking: part.thought, signature: part.seal } : { type: 'text', text: part.text };
    });
    const reason = { end: 'end_turn', tools: 'tool_use', stop: 'stop_sequence' }[stop];
    const sequence = stop === 'stop' ? '###' : null;
    const frames = anthropicFrames(blocks, reason).map((frame) => (sequence && frame.startsWith('event: message_delta') ? frame.replace('"stop_sequence":null', '"stop_sequence":"###"') : frame));
    return { frames, whole: { ...message(blocks, reason), stop_sequence: sequence } };
  },
  returned: { thought: 'Hm. So.', seal: 'U0lH' },
  overflow: 'prompt is too long: 9001 tokens > 8192 maximum',
  error: (status, text) => json(status, { type: 'error', error: { type: { 400: 'invalid_request_error', 429: 'rate_limit_error', 503: 'overloaded_error' }[status], message: text } }, status === 429 ? { 'retry-after': '7' } : {}),
  errorFrame: 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
};

const openai = {
  config: { path: '/v1/chat/completions', profile: { base: 'openai', thinking: 'reasoning_effort', reasoning_field: 'reasoning_content', reasoning_return: 'always', responses_api: false } },
  model: 'm',
  understand(body) {
    assert.deepEqual(lint(body, ['reasoning_content', 'reasoning_details']), []);
    const [first, ...rest] = body.messages;
    assert.match(first.role, /^(system|developer)$/);
    const part = (each) => (each.type === 'image_url' ? fromUrl(each.image_url.url) : { text: each.text });
    const turn = ({ role, content, reasoning_content: thought, tool_calls: calls = [], tool_call_id: id }) => {
      if (role === 'tool') return { role: 'user', parts: [{ result: { id, text: content } }] };
      const said = typeof content === 'string' ? [{ text: content }] : (content ?? []).map(part);
      const made = calls.map((call) => ({ call: { id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) } }));
      return { role, parts: [...(thought ? [{ thought }] : []), ...said, ...made] };
    };
    return only({ system: first.content, turns: merged(rest.map(turn)),
      tools: body.tools?.map(({ function: { name, description, parameters } }) => ({ name, description, parameters })),
      choice: body.tool_choice === 'required' ? 'any' : body.tool_choice, effort: body.reasoning_effort, schema: body.response_format?.json_schema.schema,
      stops: body.stop && [body.stop].flat() });
  },
  answer(parts, stop) {
    const text = parts.find((part) => part.text)?.text;
    const thought = parts.find((part) => part.thought)?.thought;
    const calls = parts.filter((part) => part.call).map((part) => part.call);
    const finish = stop === 'tools' ? 'tool_calls' : 'stop';
    // vLLM and its like tell which sequence it was.
    const matched = stop === 'stop' ? { stop_reason: '###' } : {};
    const end = delta({}, finish);
    Object.assign(end.choices[0], matched);
    const pieces = [...(thought ? split(thought).map((piece) => delta({ reasoning_content: piece })) : []), ...(text ? split(text).map((content) => delta({ content })) : []),
      ...calls.flatMap((call, index) => [toolStart(index, call.id, call.name), ...split(JSON.stringify(call.input)).map((piece) => toolArgs(index, piece))])];
    const whole = completion(only({ content: text ?? null, reasoning_content: thought,
      tool_calls: calls.length > 0 ? calls.map(({ id, name, input }) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(input) } })) : undefined }), { finish });
    Object.assign(whole.choices[0], matched);
    return { frames: [delta({ role: 'assistant', content: '' }), ...pieces, end, usageChunk(defaultUsage)].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).concat('data: [DONE]\n\n'), whole };
  },
  returned: { thought: 'Hm. So.' },
  overflow: "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
  error: (status, text) => json(status, { error: { message: text, type: 'invalid_request_error', param: null, code: { 400: 'context_length_exceeded', 429: 'rate_limit_exceeded', 503: 'server_is_overloaded' }[status] } }, status === 429 ? { 'retry-after': '7' } : {}),
  errorFrame: 'data: {"error":{"message":"Overloaded","type":"server_error","code":"server_is_overloaded"}}\n\n',
};

const openaiResponses = {
  config: { path: '/v1/responses', protocol: 'openai-responses' },
  model: 'gpt-5.4',
  understand(body) {
    const passed = 'instructions' in body;
    if (!passed) responses.lintResponses(body);
    const part = (each) => (each.type === 'input_image' ? fromUrl(each.image_url) : { text: each.text });
    const turn = (item) => {
      if (item.type === 'function_call') return { role: 'assistant', parts: [{ call: { id: item.call_id, name: item.name, input: JSON.parse(item.arguments) } }] };
      if (item.type === 'function_call_output') return { role: 'user', parts: [{ result: { id: item.call_id, text: item.output } }] };
      if (item.type === 'reasoning') return { role: 'assistant', parts: [{ thought: item.summary.map((each) => each.text).join(''), seal: item.encrypted_content }] };
      return { role: item.role, parts: item.content.map(part) };
    };
    const [first, ...rest] = passed ? [{ content: [{ text: body.instructions }] }, ...body.input] : body.input;
    return only({ system: first.content.map((each) => each.text).join(''), turns: merged(rest.map(turn)),
      tools: body.tools?.map(({ name, description, parameters }) => ({ name, description, parameters })),
      choice: body.tool_choice === 'required' ? 'any' : body.tool_choice, effort: body.reasoning?.effort, schema: body.text?.format.schema, stops: body.stop });
  },
  answer(parts, stop) {
    // It cannot be told where to stop: it goes on.
    const output = parts.map((part) => {
      if (part.call) return responses.call(part.call.name, part.call.input, part.call.id);
      return part.thought ? responses.thought([part.thought], part.seal) : responses.text(part.text + (stop === 'stop' ? '### two' : ''));
    });
    return { frames: responses.streamOf(output), whole: responses.response(output) };
  },
  takesStops: false,
  keeps: { thought: '', seal: 'U0lH' },  // what is left of reasoning that the client has lost
  returned: { thought: 'Hm. So.', seal: 'U0lH' },
  overflow: 'Your input exceeds the context window of this model.',
  error: (status, text) => json(status, { error: { message: text, type: 'invalid_request_error', param: null, code: { 400: 'context_length_exceeded', 429: 'rate_limit_exceeded', 503: 'server_is_overloaded' }[status] } }, status === 429 ? { 'retry-after': '7' } : {}),
  errorFrame: responses.frames([responses.begun, { type: 'response.failed', response: responses.response([], { status: 'failed', error: { code: 'server_is_overloaded', message: 'Overloaded' } }) }]).join(''),
};

const geminiNative = {
  config: { path: '/v1beta/models/', protocol: 'gemini' },
  model: 'gemini-3-pro-preview',
  understand(body) {
    gemini.lintGemini(body);
    // Gemini 3 refuses a turn of calls whose first has no signature; there is a word for a lost one.
    const lost = 'skip_thought_signature_validator';
    for (const { parts } of body.contents) {
      const first = parts.find((each) => each.functionCall);
      if (first) assert.ok(first.thoughtSignature, 'the first call is signed');
    }
    const part = (each) => {
      if (each.inlineData) return { image: { type: each.inlineData.mimeType, data: each.inlineData.data } };
      if (each.functionCall) return only({ call: { name: each.functionCall.name, input: each.functionCall.args }, seal: each.thoughtSignature === lost ? undefined : each.thoughtSignature });
      if (each.functionResponse) return { result: { text: each.functionResponse.response.output } };
      return { text: each.text };
    };
    const { generationConfig: settings = {}, toolConfig } = body;
    return only({ system: body.systemInstruction.parts.map((each) => each.text).join(''),
      turns: body.contents.map(({ role, parts }) => ({ role: role === 'model' ? 'assistant' : role, parts: parts.map(part) })),
      tools: body.tools?.flatMap((tool) => tool.functionDeclarations.map(({ name, description, parametersJsonSchema: parameters }) => ({ name, description, parameters }))),
      choice: toolConfig?.functionCallingConfig.mode.toLowerCase(), effort: settings.thinkingConfig?.thinkingLevel?.toLowerCase(),
      schema: settings.responseJsonSchema, stops: settings.stopSequences });
  },
  answer(parts) {
    const { seal } = parts.find((part) => part.seal) ?? {};
    const made = parts.map((part) => {
      if (part.call) return gemini.call(part.call.name, part.call.input, seal);
      return part.thought ? gemini.thought(part.thought) : gemini.text(part.text);
    });
    return { frames: gemini.streamOf(...made).map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), whole: gemini.bodyOf(...made) };
  },
  namesCalls: false,
  keeps: { seal: 'U0lH' },
  returned: { seal: 'U0lH' },  // on the call; its thoughts are not wanted back
  overflow: 'The input token count (9001) exceeds the maximum number of tokens allowed (8192).',
  error: (status, text) => json(status, gemini.googleError(status, { 400: 'INVALID_ARGUMENT', 429: 'RESOURCE_EXHAUSTED', 503: 'UNAVAILABLE' }[status], text,
    status === 429 ? [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' }] : [])),
  errorFrame: `data: ${JSON.stringify(gemini.googleError(503, 'UNAVAILABLE', 'Overloaded'))}\n\n`,
};

export const providers = { anthropic, openai, 'openai-responses': openaiResponses, gemini: geminiNative };
export const streamed = (frames) => sse(frames, { done: false });
