// SPDX-License-Identifier: MIT
// A provider inside the test process: each request is recorded and answered by the test's own
// function. For faults it hands out the bare socket.
import http from 'node:http';
import zlib from 'node:zlib';

export class MockProvider {
  static async start() {
    const mock = new MockProvider();
    mock.requests = [];
    mock.scripts = [];
    mock.fallback = () => json(500, { error: { message: 'the test scripted no reply for this request' } });
    mock.sockets = new Set();
    mock.server = http.createServer((request, response) => mock.#serve(request, response));
    mock.server.on('connection', (socket) => {
      mock.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => mock.sockets.delete(socket));
    });
    await new Promise((resolve) => { mock.server.listen(0, '127.0.0.1', resolve); });
    mock.server.unref();  // a test that fails early must not hang
    mock.origin = `127.0.0.1:${mock.server.address().port}`;
    mock.url = `http://${mock.origin}`;
    return mock;
  }

  // The next request gets this reply; replies are used up in order. A reply is a function
  // (response, record) as the helpers below make them.
  next(...replies) {
    this.scripts.push(...replies);
    return this;
  }

  // All requests without a scripted reply get this one.
  always(reply) {
    this.fallback = () => reply;
    return this;
  }

  // Forgets what came before; between tests that share one provider.
  reset() {
    this.requests.length = 0;
    this.scripts.length = 0;
  }

  get last() {
    return this.requests.at(-1);
  }

  async stop() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => { this.server.close(resolve); });
  }

  #serve(request, response) {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('error', () => {});
    request.on('end', () => {
      const bytes = Buffer.concat(pieces);
      const record = { method: request.method, url: request.url, headers: request.headers,
        rawHeaders: request.rawHeaders, bytes, body: parsed(bytes), port: request.socket.remotePort };
      // When the connection that carries this request goes down, and whether the reply was out.
      record.closed = new Promise((resolve) => {
        request.socket.once('close', () => resolve({ at: performance.now(), finished: response.writableFinished }));
      });
      this.requests.push(record);
      response.on('error', () => {});
      const reply = this.scripts.shift() ?? this.fallback(record);
      Promise.resolve(reply(response, record)).catch((error) => {
        this.scriptError = error;
        response.destroy();
      });
    });
  }
}

function parsed(bytes) {
  try {
    return JSON.parse(bytes);
  } catch {
    return undefined;
  }
}

export const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export function json(status, body, headers = {}) {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  };
}

export function raw(status, body, headers = {}) {
  return (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

const frame = (chunk) => (typeof chunk === 'string' ? chunk : `data: ${JSON.stringify(chunk)}\n\n`);

// A stream of chat chunks (objects are framed, strings sent as they are), then [DONE]. `hold`
// keeps it open for the test to end.
export function sse(chunks, { headers = {}, done = true, gapMs = 0, hold = false } = {}) {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    response.flushHeaders();
    for (const chunk of chunks) {
      response.write(frame(chunk));
      if (gapMs) await sleep(gapMs);
    }
    if (hold) return;
    response.end(done ? 'data: [DONE]\n\n' : '');
  };
}

// Byte by byte, each in a packet of its own.
export function drip(chunks) {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.socket.setNoDelay(true);
    for (const byte of Buffer.from(`${chunks.map(frame).join('')}data: [DONE]\n\n`)) {
      response.write(Buffer.from([byte]));
      await new Promise((resolve) => { setImmediate(resolve); });
    }
    response.end();
  };
}

// Compressed as it goes: each chunk is flushed through the compressor on its own.
export function gzipped(chunks, { encoding = 'gzip', gapMs = 0 } = {}) {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': encoding });
    const squeeze = encoding === 'gzip' ? zlib.createGzip() : zlib.createDeflate();
    squeeze.pipe(response);
    for (const chunk of [...chunks, 'data: [DONE]\n\n']) {
      squeeze.write(frame(chunk));
      await new Promise((resolve) => { squeeze.flush(resolve); });
      if (gapMs) await sleep(gapMs);
    }
    squeeze.end();
  };
}

// Sends these chunks, then ends the connection the way `how` says: reset (RST), half (FIN in the
// middle of the chunked body), badchunk (a chunk size that is none).
export function broken(chunks, how, { gapMs = 30 } = {}) {
  return async (response) => {
    const { socket } = response;
    if (chunks.length > 0) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const chunk of chunks) response.write(frame(chunk));
      await sleep(gapMs);
    }
    if (how === 'reset') socket.resetAndDestroy();
    else if (how === 'half') socket.end();
    else if (how === 'badchunk') socket.write(chunks.length > 0 ? 'ZZZ\r\nnonsense\r\n' : 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZZ\r\n');
    else throw new Error(`no such fault: ${how}`);
  };
}
