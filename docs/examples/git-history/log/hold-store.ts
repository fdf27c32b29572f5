import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Keeps a store for this process alone, so that no two imports ever run at the same time: who kills `npm` may leave the
 * demo itself running, and start a second one.
 *
 * The hold is a listening socket, because the kernel ends it however the process ends, kill -9 included, and tells
 * everybody who is connected to it. It is of this machine alone.
 *
 * @param name - The store's.
 * @param onWait - Called when another process has the store; we go on once it has ended.
 */
export async function holdStore(name: string, onWait: () => void): Promise<void> {
  const address = addressOf(name);
  for (let waited = false; !(await listening(address)); waited = true) {
    if (!waited) onWait();
    const found = await disconnected(address);
    if (!found && process.platform === 'darwin') rmSync(address, { force: true }); // left behind by one that was killed
  }
}

function addressOf(store: string): string {
  const name = `rx-watcher-demo-${createHash('sha256').update(store).digest('hex').slice(0, 16)}`;
  if (process.platform === 'linux') return `\0${name}`; // an abstract address, which leaves no file behind
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
}

/** Whether nobody else listens at the address; then we do, for as long as the process lives. */
async function listening(address: string): Promise<boolean> {
  const server = createServer((socket) => socket.on('error', () => {}).unref()).unref();
  try {
    await once(server.listen(address), 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}

/** Waits until the process that listens has ended; `false` if there was none. */
function disconnected(address: string): Promise<boolean> {
  const socket = connect(address);
  let found = false;
  socket.on('connect', () => {
    found = true;
  });
  socket.on('error', () => {}); // a process that is killed resets the connection: that is its end, too
  return new Promise((resolve) => socket.resume().on('close', () => resolve(found)));
}
