import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Waits until no other run of this machine uses a store, then claims the store until this process ends. Two imports must never
 * run at the same time. For example, an earlier demo can still run because only its parent process, npm, was killed.
 *
 * The claim is a listening socket. The kernel closes it when the process ends, even after `kill -9`, and that ends the
 * connections of the runs that wait.
 *
 * @param onWait - Called once if another run uses the store.
 */
export async function claimStore(name: string, onWait: () => void): Promise<void> {
  const address = addressOf(name);
  for (let waited = false; !(await listen(address)); waited = true) {
    if (!waited) onWait();
    const wasAlive = await disconnected(address);
    // On macOS, a killed process leaves the file of its socket.
    if (!wasAlive && process.platform === 'darwin') rmSync(address, { force: true });
  }
}

function addressOf(store: string): string {
  const name = `rx-watcher-demo-${createHash('sha256').update(store).digest('hex').slice(0, 16)}`;
  if (process.platform === 'linux') return `\0${name}`; // an abstract address, without a file
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
}

/** Listens at an address. Returns `false` if another process listens there. */
async function listen(address: string): Promise<boolean> {
  const server = createServer((socket) => socket.on('error', () => {}).unref()).unref();
  try {
    await once(server.listen(address), 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}

/** Waits until the process that listens has ended. Returns `false` if no process listens. */
async function disconnected(address: string): Promise<boolean> {
  const socket = connect(address).resume();
  let wasAlive = false;
  socket.on('connect', () => {
    wasAlive = true;
  });
  socket.on('error', () => {}); // a killed process resets the connection, which then closes
  await new Promise((resolve) => socket.on('close', resolve));
  return wasAlive;
}
