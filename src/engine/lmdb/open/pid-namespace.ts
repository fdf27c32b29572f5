import { readlinkSync } from 'node:fs';

/** Returns the pid namespace of this process; empty on a system that has none. */
export function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
