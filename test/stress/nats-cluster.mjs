import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Starts a cluster of servers with JetStream, with their data in a directory. `NATS_SERVER_PATH` is the path of the server;
 * by default, the server is searched in `PATH`.
 */
export async function startCluster(directory, size) {
  const nodes = [];
  for (let n = 0; n < size; n++) nodes.push({ port: await freePort(), clusterPort: await freePort() });
  const routes = nodes.map(({ clusterPort }) => `nats://127.0.0.1:${clusterPort}`).join(', ');
  const children = nodes.map(({ port, clusterPort }, n) => {
    const data = join(directory, `server-${n}`);
    mkdirSync(data, { recursive: true });
    const config = join(directory, `server-${n}.conf`);
    writeFileSync(
      config,
      `server_name: s${n}\nlisten: "127.0.0.1:${port}"\njetstream { store_dir: "${data}" }\n` +
        `cluster { name: stress, listen: "127.0.0.1:${clusterPort}", routes: [${routes}] }\n`,
    );
    return spawn(process.env.NATS_SERVER_PATH ?? 'nats-server', ['-c', config], { stdio: 'ignore' });
  });
  process.once('exit', () => {
    for (const child of children) child.kill('SIGKILL');
  });
  return {
    servers: nodes.map(({ port }) => `127.0.0.1:${port}`),
    stop() {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}
