import { DemoError } from '../demo-error.ts';
import { printable } from '../printable.ts';

/** Tells that a store cannot be opened, and why. */
export function cannotOpen(name: string, cause: unknown): DemoError {
  if (cause instanceof DemoError) return cause;
  const reason = printable((cause as Error).message);
  return new DemoError(`${printable(name)} cannot be opened: ${reason}; name another with --store`, {
    cause,
  });
}
