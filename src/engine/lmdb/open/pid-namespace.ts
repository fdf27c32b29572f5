import { readlinkSync } from 'node:fs';

/** Returns the pid namespace of this process; an empty string on a system without pid namespaces. */
export function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
