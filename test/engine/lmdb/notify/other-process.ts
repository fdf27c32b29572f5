import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../../crash/append-on-request.mjs', import.meta.url));

/** A process that has a log open. */
export interface OtherProcess {
  /** Has it append; gives the number of the last event, once that is durable. */
  append(count: number): Promise<number>;
  /** Lets it close the log and end. */
  end(): Promise<void>;
}

/** Starts one. */
export async function otherProcess(path: string): Promise<OtherProcess> {
  const child = spawn(process.execPath, [script, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  await lines.next();
  return {
    async append(count) {
      child.stdin.write(`${count}\n`);
      return Number((await lines.next()).value);
    },
    async end() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
