/** The codes of the server's errors for a message that expects another last id, or number, than there is. */
export const WRONG_LAST: readonly number[] = [10070, 10071];

/** A message was refused because it does not follow on what it expects. */
export class SequenceConflict extends Error {
  /** The last number by the server's own count; `undefined` if it tells an id, or nothing. */
  readonly last: number | undefined;

  constructor(description: string) {
    super(description);
    const [, last] = /^wrong last sequence: (\d+)$/.exec(description) ?? [];
    this.last = last === undefined ? undefined : Number(last);
  }
}
