import { Random } from './random.ts';

const EXTENSIONS = ['ts', 'md', 'json', 'TXT', 'very-long-extension', ''];

/** Files of a generated repository, and commands for `git fast-import` that change them. */
export class Files {
  readonly #random: Random;
  readonly #contents = new Map<string, string>();
  /** Paths as an array, so that one can be picked at random. */
  readonly #paths: string[] = [];
  #created = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** Returns the command for a random change of one file. */
  change(): string {
    const kind = this.#random.below(100);
    if (this.#paths.length < 5 || kind < 20) return this.#write(this.#newPath('src'), this.#text());
    if (kind < 27) return this.#delete(this.#take());
    if (kind < 35) return this.#rename(this.#take());
    const path = this.#random.below(3) === 0 ? (this.#paths[0] as string) : this.#random.pick(this.#paths);
    return this.#write(path, this.#edited(path));
  }

  /** Returns the command that adds a file. A side branch and its merge use the same command. */
  add(directory: string): string {
    return this.#write(this.#newPath(directory), this.#text());
  }

  #newPath(directory: string): string {
    const extension = this.#random.pick(EXTENSIONS);
    const name = `${directory}/${this.#random.below(60)}/part ${this.#random.below(60)}/"ünï"-${this.#created++}`;
    return extension === '' ? name : `${name}.${extension}`;
  }

  #text(): string {
    return Array.from({ length: 8 }, () => `line ${this.#random.below(1e9)}\n`).join('');
  }

  #edited(path: string): string {
    const lines = (this.#contents.get(path) ?? '').split('\n');
    lines[this.#random.below(lines.length - 1)] = `edited ${this.#random.below(1e9)}`;
    return lines.join('\n');
  }

  #take(): string {
    const index = this.#random.below(this.#paths.length);
    const path = this.#paths[index] as string;
    const last = this.#paths.pop() as string;
    if (last !== path) this.#paths[index] = last;
    return path;
  }

  #write(path: string, content: string): string {
    if (!this.#contents.has(path)) this.#paths.push(path);
    this.#contents.set(path, content);
    return `M 100644 inline ${quoted(path)}\ndata ${Buffer.byteLength(content)}\n${content}\n`;
  }

  #delete(path: string): string {
    this.#contents.delete(path);
    return `D ${quoted(path)}\n`;
  }

  /**
   * Returns the commands that rename a file. The same commit also edits about half of the renamed files, so that git must
   * compare contents to detect a rename.
   */
  #rename(path: string): string {
    const content = this.#random.below(2) === 0 ? this.#edited(path) : (this.#contents.get(path) as string);
    return this.#delete(path) + this.#write(this.#newPath('moved'), content);
  }
}

const quoted = (path: string) => `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
