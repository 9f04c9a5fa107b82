// SPDX-License-Identifier: MIT
// Chat completions as providers send them, small enough to read in a test.
const base = { id: 'chatcmpl-upstream1', object: 'chat.completion.chunk', created: 1700000000, model: 'upstream-model' };

export const delta = (fields, finish = null) => ({ ...base, choices: [{ index: 0, delta: fields, finish_reason: finish }] });
export const usageChunk = (usage) => ({ ...base, choices: [], usage });
export const defaultUsage = { prompt_tokens: 100, completion_tokens: 7, total_tokens: 107, prompt_tokens_details: { cached_tokens: 60 } };

export function textChunks(pieces, { finish = 'stop', usage = defaultUsage } = {}) {
  return [delta({ role: 'assistant', content: '' }), ...pieces.map((content) => delta({ content })), delta({}, finish),
    ...(usage ? [usageChunk(usage)] : [])];
}

export const toolStart = (index, id, name, args = '') => delta({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: args } }] });
export const toolArgs = (index, args) => delta({ tool_calls: [{ index, function: { arguments: args } }] });

// A call with its arguments cut into pieces of `size` characters.
export function toolChunks(index, id, name, input, size = 3) {
  const pieces = JSON.stringify(input).match(new RegExp(`[^]{1,${size}}`, 'g'));
  return [toolStart(index, id, name), ...pieces.map((piece) => toolArgs(index, piece))];
}

export const toolEnd = (usage = defaultUsage) => [delta({}, 'tool_calls'), usageChunk(usage)];

export function completion(message, { finish = 'stop', usage = defaultUsage } = {}) {
  return { id: 'chatcmpl-upstream1', object: 'chat.completion', created: 1700000000, model: 'upstream-model',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }], usage };
}

export const weatherTool = {
  name: 'get_weather', description: 'Weather of a place',
  input_schema: { type: 'object', properties: { place: { type: 'string' }, days: { type: 'integer' } }, required: ['place'] },
};

export const ask = (text = 'Hello?', extra = {}) => ({
  model: 'claude-sonnet-5-5', max_tokens: 500, messages: [{ role: 'user', content: text }], ...extra,
});
