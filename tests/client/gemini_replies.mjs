// SPDX-License-Identifier: MIT
// Replies of generateContent as Google sends them, small enough to read in a test, and what is
// wrong with a request in its eyes.
import assert from 'node:assert/strict';

const base = { modelVersion: 'gemini-upstream', responseId: 'resp-upstream1' };

export const defaultUsage = { promptTokenCount: 100, cachedContentTokenCount: 60, candidatesTokenCount: 7, thoughtsTokenCount: 5, totalTokenCount: 112 };
export const chunk = (parts, finishReason, usageMetadata) => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0, ...(finishReason ? { finishReason } : {}) }],
  ...(usageMetadata ? { usageMetadata } : {}), ...base,
});
export const text = (said) => ({ text: said });
export const thought = (said) => ({ text: said, thought: true });
export const call = (name, args, signature, id) => ({
  functionCall: { name, args, ...(id ? { id } : {}) }, ...(signature ? { thoughtSignature: signature } : {}),
});
export const last = (finishReason = 'STOP', usage = defaultUsage) => chunk([text('')], finishReason, usage);
export const streamOf = (...parts) => [...parts.map((part) => chunk([part])), last()];
export const bodyOf = (...parts) => chunk(parts, 'STOP', defaultUsage);
export const googleError = (code, status, message, details = []) => ({ error: { code, message, status, details } });

// The rules that Google enforces with a 400 and no helpful word.
export function lintGemini(body) {
  const known = new Set(['contents', 'systemInstruction', 'tools', 'toolConfig', 'generationConfig', 'safetySettings', 'cachedContent', 'labels']);
  for (const key of Object.keys(body)) assert.ok(known.has(key), `unknown member ${key}`);
  assert.ok(body.contents.length > 0);
  assert.equal(body.contents[0].role, 'user', 'the conversation begins with the user');
  assert.equal(body.contents.at(-1).role, 'user', 'and ends there');
  let calls = [];
  for (const { role, parts } of body.contents) {
    assert.ok(role === 'user' || role === 'model', role);
    assert.ok(parts.length > 0, 'no content is empty');
    const responses = parts.filter((part) => part.functionResponse);
    assert.deepEqual(responses.map((part) => part.functionResponse.name), calls, 'one response for each call, in order');
    if (role === 'model') assert.equal(responses.length, 0);
    calls = parts.filter((part) => part.functionCall).map((part) => part.functionCall.name);
    for (const part of parts) {
      const kinds = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse'].filter((kind) => kind in part);
      assert.equal(kinds.length, 1, JSON.stringify(part));
      if ('text' in part) assert.notEqual(part.text, '');
    }
  }
  assert.deepEqual(calls, [], 'no call is left open');
  for (const tool of body.tools ?? []) {
    for (const declared of tool.functionDeclarations ?? []) assert.match(declared.name, /^[A-Za-z_][\w.:-]{0,63}$/);
  }
  if (body.toolConfig) assert.ok(body.tools?.some((tool) => tool.functionDeclarations), 'toolConfig only beside functions');
}
