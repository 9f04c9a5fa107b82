// SPDX-License-Identifier: MIT
// What a Responses stream has to look like, and what it says.
import assert from 'node:assert/strict';

export function eventsOf(text) {
  return text.split('\n\n').filter((frame) => frame.startsWith('event: ')).map((frame) => {
    const [, name, data] = /^event: (\S+)\ndata: (.*)$/.exec(frame) ?? assert.fail(`no event: ${frame}`);
    const event = JSON.parse(data);
    assert.equal(event.type, name);
    return event;
  });
}

const closing = { message: 'response.content_part', reasoning: 'response.reasoning_summary_part' };
const texts = { 'response.output_text': 'text', 'response.refusal': 'refusal', 'response.reasoning_summary_text': 'text',
  'response.function_call_arguments': 'arguments', 'response.custom_tool_call_input': 'input' };

// Throws where the grammar is broken; returns the last event's response.
export function checkEvents(events) {
  events.forEach((event, index) => assert.equal(event.sequence_number, index, 'numbers without a gap'));
  assert.equal(events[0].type, 'response.created');
  const last = events.at(-1);
  assert.match(last.type, /^response\.(completed|incomplete|failed)$/);
  assert.equal(last.response.status, last.type.slice('response.'.length));
  let open = null;
  const done = [];
  for (const event of events.slice(1, -1)) {
    if (event.type === 'response.in_progress') continue;
    if (event.type === 'response.output_item.added') {
      assert.equal(open, null, 'one item at a time');
      assert.equal(event.output_index, done.length);
      open = { item: event.item, part: false, text: '', told: null, annotations: [] };
      continue;
    }
    assert.ok(open, `${event.type} outside of an item`);
    assert.equal(event.output_index, done.length);
    if (event.type === 'response.output_item.done') {
      assert.equal(event.item.id, open.item.id);
      assert.equal(event.item.type, open.item.type);
      assert.equal(open.part, false, 'its part is closed');
      if (event.item.type === 'message' && open.annotations.length > 0) assert.deepEqual(event.item.content[0].annotations, open.annotations);
      if (open.told !== null) assert.ok(JSON.stringify(event.item).includes(JSON.stringify(open.text)), 'the item holds what was said');
      done.push(event.item);
      open = null;
      continue;
    }
    assert.equal(event.item_id, open.item.id);
    if (event.type.startsWith('response.web_search_call.')) {
      assert.equal(open.item.type, 'web_search_call');
      continue;
    }
    if (event.type === 'response.output_text.annotation.added') {
      assert.ok(open.part, 'an annotation of a part that is open');
      assert.equal(event.annotation_index, open.annotations.length);
      open.annotations.push(event.annotation);
      continue;
    }
    const part = closing[open.item.type];
    if (event.type === `${part}.added`) {
      assert.equal(open.part, false);
      open.part = true;
    } else if (event.type === `${part}.done`) {
      assert.ok(open.part && open.told !== null);
      open.part = false;
    } else if (event.type.endsWith('.delta')) {
      assert.ok(!part || open.part, 'a part before its text');
      assert.ok(texts[event.type.slice(0, -'.delta'.length)], event.type);
      open.text += event.delta;
    } else {
      const member = texts[event.type.slice(0, -'.done'.length)] ?? assert.fail(event.type);
      assert.equal(event[member], open.text);
      open.told = open.text;
    }
  }
  if (last.type !== 'response.failed') {
    assert.equal(open, null);
    assert.deepEqual(last.response.output, done);
  }
  return last.response;
}
