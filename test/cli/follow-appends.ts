import type { EventStore } from 'rx-watcher';
import { expect } from 'vitest';
import { startCommand } from './command.ts';
import { appendNumbered } from './numbered-log.ts';

/**
 * Follows a log of three numbered events with `tail`, appends the events 4 and 5, and ends the command with Ctrl-C. Expects
 * that the command ends without a message. Resolves with the numbers of the printed events.
 */
export async function followAppends(store: EventStore, args: readonly string[]): Promise<readonly number[]> {
  const tail = startCommand(['tail', ...args, '--follow']);
  await tail.printed('"n":3');
  await appendNumbered(store, 4, 5);
  await tail.printed('"n":5');
  tail.kill('SIGINT');
  const { exit, stdout, stderr } = await tail.ended;
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  return Array.from(stdout.matchAll(/"n":(\d)/g), ([, n]) => Number(n));
}
