import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = `${root}build/guides/`;

/** The code of a guide, each line where it stands there, so that what fails is found. */
function codeOf(guide: string): string {
  let isCode = false;
  const lines = readFileSync(`${root}docs/guides/${guide}.md`, 'utf8').split('\n');
  return lines
    .map((line) => {
      const isFence = line.startsWith('```');
      if (isFence) isCode = line === '```ts';
      return isCode && !isFence ? line : '';
    })
    .join('\n');
}

/** Writes the code of a guide down, behind it what it takes for granted. */
function writeCode(guide: string, granted = ''): string {
  const file = `${built}${guide}.ts`;
  mkdirSync(built, { recursive: true });
  writeFileSync(file, `${codeOf(guide)}${granted}`);
  return file;
}

const testing = writeCode('testing-your-watchers');
writeCode('moving-a-log');
writeCode(
  'one-active-watcher',
  `
  import type { EventHandler, EventStore } from 'rx-watcher';

  declare const store: EventStore;
  declare const sendMail: EventHandler;
`,
);
writeCode(
  'several-processes-on-one-file',
  `
  import type { EventHandler } from 'rx-watcher';

  declare const sendMail: EventHandler;
`,
);
writeCode(
  'handling-events',
  `
  import { lastValueFrom } from 'rxjs';
  import { type Event, type EventStore, type Manager, type StoreEventRequest, watch, type Watcher } from 'rx-watcher';

  interface Booking { readonly account: string }
  declare const store: EventStore<Event<Booking>>;
  declare const manager: Manager<Event<Booking>>;
  declare const watcher: Watcher<Event<Booking>>;
  declare const order: StoreEventRequest<Booking>;
  declare const sendMail: (event: Event) => Promise<void>;
  declare const book: (booking: Booking) => Promise<void>;
  declare const index: (bookings: readonly Booking[]) => Promise<void>;
  declare const report: (...parts: readonly unknown[]) => void;
  `,
);

writeCode(
  'from-one-process-to-a-cluster',
  `
  import type { Event } from 'rx-watcher';

  declare const secret: string;
  declare const sendMail: (event: Event) => Promise<void>;
  declare const health: Map<string, string>;
  `,
);

describe('the code of the guides', () => {
  it('is right by its types', () => {
    const compilerOptions = { noUnusedLocals: false };
    writeFileSync(
      `${built}tsconfig.json`,
      JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['*.ts'] }),
    );
    const { status, stdout } = spawnSync(`${root}node_modules/.bin/tsc`, ['-p', built, '--pretty', 'false'], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});

describe('testing-your-watchers.md', async () => {
  await import(/* @vite-ignore */ testing);
});
