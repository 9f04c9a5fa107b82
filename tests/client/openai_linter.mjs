// SPDX-License-Identifier: MIT
// Says what is wrong with a Chat Completions request, as the strictest of the real providers would:
// lint(body) returns a list of `path: message`, empty for a good request. What only some providers
// take (reasoning fields, vendors' parameters and tool types, 'tool media': images in tool messages)
// is refused unless its name is in `extensions`.

const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const TOP_LEVEL = new Set(['model', 'messages', 'stream', 'stream_options', 'max_tokens', 'max_completion_tokens', 'tools',
  'tool_choice', 'parallel_tool_calls', 'stop', 'temperature', 'top_p', 'reasoning_effort', 'response_format', 'user',
  'safety_identifier', 'prompt_cache_key', 'service_tier']);
// Names that only the Anthropic format has.
const ANTHROPIC_KEYS = new Set(['cache_control', 'input_schema', 'tool_use_id', 'defer_loading', 'context_management',
  'output_config', 'metadata', 'anthropic_version', 'betas', 'stop_sequences', 'system', 'media_type', 'safeguards',
  'signature', 'citations', 'is_error', 'container', 'mcp_servers', 'eager_input_streaming', 'display']);
const ANTHROPIC_TYPES = new Set(['tool_use', 'tool_result', 'thinking', 'redacted_thinking', 'tool_reference', 'base64',
  'ephemeral', 'adaptive', 'server_tool_use', 'image', 'document', 'custom', 'web_search_20250305']);
const MESSAGE_KEYS = {
  system: ['role', 'content', 'name'], developer: ['role', 'content', 'name'], user: ['role', 'content', 'name'],
  assistant: ['role', 'content', 'name', 'tool_calls', 'refusal'],
  tool: ['role', 'content', 'tool_call_id', 'name'],
};
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const isText = (value) => typeof value === 'string' && value.length > 0;

export function lint(body, extensions = []) {
  const found = [];
  const say = (path, message) => found.push(`${path}: ${message}`);
  if (!isObject(body)) return ['$: not an object'];
  for (const key of Object.keys(body)) if (!TOP_LEVEL.has(key) && !extensions.includes(key)) say(key, 'no such parameter');
  if (!isText(body.model)) say('model', 'missing');
  lintLimits(body, say);
  lintTools(body, extensions, say);
  lintMessages(body.messages, extensions, say);
  // Schemas may use any words; so may a vendor's own parameters.
  lintForeign(body, '$', new Set(['tools', 'response_format', ...extensions]), say);
  return found;
}

function lintLimits(body, say) {
  for (const key of ['max_tokens', 'max_completion_tokens']) {
    if (key in body && !(Number.isInteger(body[key]) && body[key] > 0)) say(key, 'not a positive integer');
  }
  if ('max_tokens' in body && 'max_completion_tokens' in body) say('max_tokens', 'both spellings at once');
  if ('stream' in body && typeof body.stream !== 'boolean') say('stream', 'not a boolean');
  if ('stream_options' in body && body.stream !== true) say('stream_options', 'only allowed when streaming');
  if ('stop' in body) {
    const stops = Array.isArray(body.stop) ? body.stop : [body.stop];
    if (stops.length === 0 || stops.length > 4 || !stops.every(isText)) say('stop', 'one to four non-empty strings');
  }
  const format = body.response_format;
  if (format !== undefined) {
    if (!['text', 'json_object', 'json_schema'].includes(format?.type)) say('response_format', 'unknown type');
    if (format?.type === 'json_schema' && !(isText(format.json_schema?.name) && isObject(format.json_schema?.schema))) {
      say('response_format', 'json_schema needs name and schema');
    }
  }
}

function lintTools(body, extensions, say) {
  const names = new Set();
  if ('tools' in body) {
    if (!Array.isArray(body.tools) || body.tools.length === 0) say('tools', 'an empty list is refused');
    if (body.tools?.length > 128) say('tools', 'more than 128');
    (Array.isArray(body.tools) ? body.tools : []).forEach((tool, i) => {
      if (!extensions.includes(tool?.type)) lintTool(tool, `tools[${i}]`, names, say);
    });
  }
  const choice = body.tool_choice;
  if (choice === undefined) return;
  if (!('tools' in body)) say('tool_choice', 'without tools');
  if (isObject(choice)) {
    if (choice.type !== 'function' || !names.has(choice.function?.name)) say('tool_choice', 'names no offered function');
  } else if (!['auto', 'none', 'required'].includes(choice)) {
    say('tool_choice', 'unknown value');
  }
}

function lintTool(tool, path, names, say) {
  if (tool?.type !== 'function' || !isObject(tool.function)) return say(path, 'not {type:"function", function:{…}}');
  for (const key of Object.keys(tool)) if (!['type', 'function'].includes(key)) say(`${path}.${key}`, 'unknown key');
  const { name, parameters } = tool.function;
  for (const key of Object.keys(tool.function)) {
    if (!['name', 'description', 'parameters', 'strict'].includes(key)) say(`${path}.function.${key}`, 'unknown key');
  }
  if (typeof name !== 'string' || !TOOL_NAME.test(name)) say(`${path}.function.name`, `'${name}' is not 1-64 of A-Za-z0-9_-`);
  if (names.has(name)) say(`${path}.function.name`, `'${name}' twice`);
  names.add(name);
  if (!isObject(parameters) || parameters.type !== 'object' || !isObject(parameters.properties)) {
    say(`${path}.function.parameters`, 'root must be {type:"object", properties:{…}}');
  }
  if (parameters && '$schema' in parameters) say(`${path}.function.parameters.$schema`, 'refused by several providers');
  return undefined;
}

function lintMessages(messages, extensions, say) {
  if (!Array.isArray(messages) || messages.length === 0) return say('messages', 'missing or empty');
  const answered = new Set();
  let waiting = [];
  messages.forEach((message, i) => {
    const path = `messages[${i}]`;
    const known = MESSAGE_KEYS[message?.role];
    if (!known) return say(`${path}.role`, `'${message?.role}' is no role`);
    for (const key of Object.keys(message)) {
      if (!known.includes(key) && !extensions.includes(key)) say(`${path}.${key}`, `not a key of a ${message.role} message`);
    }
    if (message.role === 'tool') {
      const at = waiting.indexOf(message.tool_call_id);
      if (at < 0) say(`${path}.tool_call_id`, `'${message.tool_call_id}' answers no open call`);
      else waiting.splice(at, 1);
    } else if (waiting.length > 0) {
      say(path, `a ${message.role} message before the calls ${waiting.join(', ')} are answered`);
      waiting = [];
    }
    lintContent(message, path, extensions, say);
    if (message.role === 'assistant') waiting = lintCalls(message, path, answered, say);
    return undefined;
  });
  if (waiting.length > 0) say('messages', `the calls ${waiting.join(', ')} are never answered`);
  if (!['user', 'tool'].includes(messages.at(-1)?.role)) say('messages', `the last message is of role ${messages.at(-1)?.role}`);
  if (!messages.some((message) => message?.role === 'user')) say('messages', 'no user message');
  return undefined;
}

// The ids that this message opens; each may occur once in a conversation.
function lintCalls(message, path, seen, say) {
  const calls = message.tool_calls;
  if (calls === undefined) return [];
  if (!Array.isArray(calls) || calls.length === 0) {
    say(`${path}.tool_calls`, 'an empty list is refused');
    return [];
  }
  calls.forEach((call, i) => {
    const at = `${path}.tool_calls[${i}]`;
    if (call?.type !== 'function' || !isText(call.id)) say(at, 'needs id and type:"function"');
    if (seen.has(call?.id)) say(`${at}.id`, `'${call.id}' twice in the conversation`);
    seen.add(call?.id);
    if (!TOOL_NAME.test(call?.function?.name ?? '')) say(`${at}.function.name`, 'not a function name');
    try {
      if (!isObject(JSON.parse(call.function.arguments))) say(`${at}.function.arguments`, 'not the text of an object');
    } catch {
      say(`${at}.function.arguments`, 'not JSON text');
    }
  });
  return calls.map((call) => call?.id);
}

function lintContent(message, path, extensions, say) {
  const { role, content } = message;
  const at = `${path}.content`;
  if (typeof content === 'string') {
    if (content === '' && !(role === 'assistant' && message.tool_calls)) say(at, 'empty');
    if (/^x-anthropic-billing-header:/m.test(content)) say(at, 'holds the billing header');
    return;
  }
  if (content === null || content === undefined) {
    if (role !== 'assistant' || !message.tool_calls) say(at, 'missing');
    return;
  }
  if (!Array.isArray(content)) return void say(at, 'neither text nor parts');
  if (content.length === 0) say(at, 'no parts');
  content.forEach((part, i) => lintPart(part, role, `${at}[${i}]`, extensions, say));
}

function lintPart(part, role, at, extensions, say) {
  if (part?.type === 'text') {
    if (!isText(part.text)) say(at, 'empty text part');
    if (/^x-anthropic-billing-header:/m.test(part.text ?? '')) say(at, 'holds the billing header');
    if (Object.keys(part).some((key) => !['type', 'text', ...extensions].includes(key))) say(at, `keys ${Object.keys(part)}`);
  } else if (part?.type === 'image_url') {
    if (role !== 'user' && !(role === 'tool' && extensions.includes('tool media'))) say(at, `an image in a ${role} message`);
    const url = part.image_url?.url ?? '';
    const data = /^data:image\/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/]+={0,2})$/.exec(url);
    if (!data && !/^https?:\/\/\S+$/.test(url)) say(at, 'neither a data: URL of an image nor a link');
    if (data && data[2].length % 4 !== 0) say(at, 'base64 is cut');
  } else if (part?.type === 'file') {
    if (role !== 'user') say(at, `a file in a ${role} message`);
    if (!isText(part.file?.filename) || !/^data:[\w.+/-]+;base64,[A-Za-z0-9+/]+={0,2}$/.test(part.file?.file_data ?? '')) {
      say(at, 'a file needs filename and file_data');
    }
  } else {
    say(at, `'${part?.type}' is no part of a ${role} message`);
  }
}

// Anthropic-only keys and types anywhere but below the keys in `opaque`.
function lintForeign(value, path, opaque, say) {
  if (Array.isArray(value)) value.forEach((item, i) => lintForeign(item, `${path}[${i}]`, opaque, say));
  if (!isObject(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (opaque.has(key)) continue;
    if (ANTHROPIC_KEYS.has(key)) say(`${path}.${key}`, 'exists in the Anthropic format only');
    if (key === 'type' && ANTHROPIC_TYPES.has(inner)) say(`${path}.type`, `'${inner}' exists in the Anthropic format only`);
    lintForeign(inner, `${path}.${key}`, opaque, say);
  }
}
