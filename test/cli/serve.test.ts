import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as E from 'fp-ts/lib/Either.js';
import { messagePackSerializer, type Serializer } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { testFile, testStore } from '../support/lmdb/test-store.ts';
import { expectFailure, runCommand, startCommand } from './command.ts';
import { appendNumbered, numberedLog } from './numbered-log.ts';

/** Starts the command on a free port. Returns it with its address, which ends with a slash. */
async function startServe(store: string) {
  const command = startCommand(['serve', store, '--port', '0']);
  return { command, address: await command.firstLine() };
}

const jsonOf = async (url: string) => (await fetch(url)).json();

/** Sends a request with a `Host` header, which `fetch` does not permit. Returns the status. */
async function statusFor(address: string, path: string, host: string): Promise<number | undefined> {
  const [response] = await once(request(`${address}${path}`, { headers: { host } }).end(), 'response');
  (response as IncomingMessage).resume();
  return (response as IncomingMessage).statusCode;
}

/** Stores objects with a serializer. Returns the path of the file. */
async function logOf(serializer: Serializer, ...objects: readonly unknown[]): Promise<string> {
  const path = testFile();
  const store = openLmdbStore({ path, serializer });
  await store.storeEvents(objects.map((object) => ({ operation: 'CREATE', objectType: 'Job', object })));
  await store.close();
  return path;
}

describe('the command serve', () => {
  it('the command serve prints its address, and serves the page of the inspector and its data there', async () => {
    const { address } = await startServe(await numberedLog(12));
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const page = await fetch(address);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toMatch(/^<!doctype html>/);
    for (const file of ['app.js', 'app.css', 'icon.svg'])
      expect((await fetch(address + file)).status).toBe(200);
    expect(await jsonOf(`${address}api/overview`)).toMatchObject({
      engine: 'lmdb',
      latestSeqNum: 12,
      canAct: false,
    });
    expect(await jsonOf(`${address}api/events/3`)).toMatchObject({ seqNum: 3, object: { n: 3 } });
  });

  it('the command serve sends new events of an application that has the same file open', async () => {
    const path = await numberedLog(1);
    const { address } = await startServe(path);
    const store = testStore({ path });
    const { body } = await fetch(`${address}api/events/follow?from=2`);
    const reader = (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    await appendNumbered(store, 2, 2);
    let text = '';
    while (!text.includes('"seqNum":2')) text += (await reader.read()).value;
    await reader.cancel();
    expect(text).toContain('id: 2\n');
  });

  it('the command serve offers the feed of the events', async () => {
    const { address } = await startServe(await numberedLog(3));
    const lines = await (await fetch(`${address}events?from=2`)).text();
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { seqNum: 2, object: { n: 2 } },
      { seqNum: 3, object: { n: 3 } },
    ]);
    const cloud = await fetch(`${address}events?limit=1`, {
      headers: { accept: 'application/cloudevents+json' },
    });
    expect(await cloud.json()).toMatchObject([
      { specversion: '1.0', source: expect.stringMatching(/events\.lmdb$/) },
    ]);
    expect((await fetch(`${address}stream?offset=-1`)).status).toBe(200);
    const post = await fetch(`${address}stream`, { method: 'POST', body: '{}' });
    expect(post.status).toBe(405);
  });

  it('the command serve rejects every action', async () => {
    const { address } = await startServe(await numberedLog(1));
    const response = await fetch(`${address}api/watchers/w/start`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 403,
      body: { code: 'ERR_READ_ONLY' },
    });
  });

  it('the command serve rejects all requests to the name of another host', async () => {
    const { address } = await startServe(await numberedLog(1));
    for (const host of [
      'evil.test',
      'evil.test:7070',
      '127.0.0.1.evil.test',
      '127.0.0.2',
      'user@localhost',
    ]) {
      for (const path of ['', 'app.js', 'api/overview', 'api/live', 'events', 'stream?offset=-1']) {
        const status = await statusFor(address, path, host);
        expect({ host, path, status }).toEqual({ host, path, status: 421 });
      }
    }
  });

  it('the command serve accepts a request to a name of this machine with any port, because a tunnel has another port', async () => {
    const { address } = await startServe(await numberedLog(1));
    for (const host of ['localhost', 'LOCALHOST:80', '127.0.0.1', '[::1]:9000']) {
      expect({ host, status: await statusFor(address, 'api/overview', host) }).toEqual({ host, status: 200 });
    }
  });

  it('the command serve shows objects of MessagePack as JSON', async () => {
    const { address } = await startServe(await logOf(messagePackSerializer(), { name: 'ann', list: [1, 2] }));
    expect(await jsonOf(`${address}api/events/1`)).toMatchObject({ object: { name: 'ann', list: [1, 2] } });
  });

  it('the command serve shows objects in an unknown format as base64', async () => {
    const raw: Serializer = {
      encode: (object) => E.right(object as Uint8Array),
      decode: (bytes) => E.right(Uint8Array.from(bytes)),
    };
    const { address } = await startServe(await logOf(raw, Uint8Array.of(0x7b, 0x21)));
    expect(await jsonOf(`${address}api/events/1`)).toMatchObject({ object: 'eyE=' });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'the command serve ends on %s without an error message, and completes the open streams',
    async (signal) => {
      const { address, command } = await startServe(await numberedLog(1));
      const live = await fetch(`${address}api/live`);
      const reader = (live.body as ReadableStream<Uint8Array>).getReader();
      await reader.read();
      command.kill(signal);
      // If the server closed the connection without completing the stream, the read would be rejected.
      while (!(await reader.read()).done);
      expect(await command.ended).toEqual({
        exit: 0,
        stdout: `${address}\n`,
        stderr: 'rx-watcher: the feed is at /events and /stream; Ctrl-C ends the server\n',
      });
    },
  );

  it('the command serve ends even if a client does not read its response', async () => {
    const { address, command } = await startServe(await numberedLog(1));
    const client = request(`${address}api/live`).end();
    client.on('error', () => undefined);
    const [response] = await once(client, 'response');
    (response as IncomingMessage).pause();
    command.kill('SIGINT');
    expect(await command.ended).toMatchObject({ exit: 0 });
  });

  it('the command serve reports in one line that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const end = await runCommand(['serve', await numberedLog(1), '--port', String(port)]);
    expectFailure(
      end,
      1,
      new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}: the port is in use; choose another`),
    );
  });

  it.each(['x', '-1', '65536', '1.5'])('the command serve rejects the port %s', async (port) => {
    expectFailure(await runCommand(['serve', 'events.lmdb', `--port=${port}`]), 2, /--port/);
  });

  it('the command serve reports that the file does not exist, and does not listen', async () => {
    expectFailure(await runCommand(['serve', testFile(), '--port', '0']), 1, /the file does not exist/);
  });
});
