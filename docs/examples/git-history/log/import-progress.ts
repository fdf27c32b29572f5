import type { StatusedFileChange } from '../git/file-change.ts';

/** What an import has done so far in this run; it is filled in while the import runs. */
export class ImportProgress {
  /** Commits there are to read. */
  totalCommits = 0;
  /** Commits that were read, those whose events were stored by an earlier run included. */
  commits = 0;
  /** Events stored. */
  stored = 0;
  /** How long it took, in milliseconds, once it has ended. */
  duration: number | undefined;

  /** Passes changes on, and counts the commits that they are of: those of one commit come one after the other. */
  async *counting(
    changes: AsyncIterable<StatusedFileChange>,
  ): AsyncGenerator<StatusedFileChange, void, undefined> {
    let commit: string | undefined;
    for await (const next of changes) {
      if (next.change.commit !== commit) this.commits++;
      commit = next.change.commit;
      yield next;
    }
  }
}
