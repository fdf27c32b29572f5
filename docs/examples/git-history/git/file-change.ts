/** One file that one commit touched. Plain JSON, as it goes into the log. */
export interface FileChange {
  readonly path: string;
  /** Where the file was before, if the commit renamed it. */
  readonly oldPath?: string;
  /** The commit's hash. */
  readonly commit: string;
  readonly author: string;
  /** When the commit was written, as an ISO string in UTC. */
  readonly date: string;
  /** The first line of the commit's message. */
  readonly subject: string;
}

/** The letter that git gives a change: added, deleted, modified, renamed, type changed. */
export type ChangeStatus = 'A' | 'D' | 'M' | 'R' | 'T';

export interface StatusedFileChange {
  readonly status: ChangeStatus;
  readonly change: FileChange;
}
