import { Files } from './files.ts';
import { Random } from './random.ts';

const AUTHORS = ['Ada', 'Grace H.', 'Lin "quoted"', 'Zoë', '李', 'Bot', 'Ada L.', 'Émile', 'N/A', 'Olga'];
const START = 1_500_000_000;
const MAIN = 'refs/heads/main';
const SIDE = 'refs/heads/side';

/**
 * Generates a history for `git fast-import`, the same for the same seed: files that are added, changed, renamed and
 * deleted, and side branches that are merged.
 */
export class HistoryScript {
  readonly #random: Random;
  readonly #files: Files;
  #commits = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#files = new Files(seed + 1);
  }

  /** Generates the next part of the history, of about `changes` file changes. */
  *write(changes: number): Generator<string, void, undefined> {
    if (this.#commits > 0) yield `reset ${MAIN}\nfrom ${MAIN}^0\n\n`; // an earlier run of git fast-import has created the branch
    for (let left = changes; left > 0; ) {
      const count = Math.min(left, 1 + this.#random.below(6));
      left -= count;
      yield this.#commit(MAIN, this.#changes(count));
      if (this.#commits % 20 === 0) {
        left -= 3;
        yield* this.#sideBranch();
      }
    }
  }

  #changes(count: number): string {
    return Array.from({ length: count }, () => this.#files.change()).join('');
  }

  *#sideBranch(): Generator<string, void, undefined> {
    const added = [this.#files.add('side'), this.#files.add('side')];
    yield `reset ${SIDE}\nfrom ${MAIN}\n\n`;
    for (const file of added) yield this.#commit(SIDE, file);
    yield this.#commit(MAIN, this.#changes(1));
    yield this.#commit(MAIN, `merge ${SIDE}\n${added.join('')}`);
  }

  #commit(branch: string, body: string): string {
    const author = AUTHORS[Math.min(this.#random.below(20), this.#random.below(AUTHORS.length))] ?? 'Nobody';
    const message = `Commit ${++this.#commits}: änderung\n\nwith a body`;
    const who = `${author} <${this.#commits % 7}@example.org> ${START + this.#commits * 3600} +0200`;
    const head = `commit ${branch}\nauthor ${who}\ncommitter ${who}\n`;
    return `${head}data ${Buffer.byteLength(message)}\n${message}\n${body}\n`;
  }
}
