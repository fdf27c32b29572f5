import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Returns an unused port of this machine. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Starts a server on an unused port.
 *
 * @param args - Returns the arguments for a port.
 * @throws Error if the command is not installed.
 */
export async function startServer(command, args) {
  const port = await freePort();
  const child = spawn(command, args(String(port)), { stdio: 'ignore' });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new Error(`${command} is not installed`, { cause });
  }
  const end = () => child.kill();
  process.once('exit', end); // A run that crashes must not leave a server.
  const stop = async () => {
    const gone = once(child, 'exit');
    end();
    await gone;
    process.off('exit', end);
  };
  return { port, stop };
}
