import { readSync } from 'node:fs';
import { KIND, LARGE_VALUE, NO_ROOT, NODE, PAGE, readWord, TREE } from './lmdb-file-layout.ts';

/** Pages, in a row, that something in the file refers to. */
interface Reference {
  readonly first: number;
  readonly count: number;
  /** Whether it is a page of a tree, which refers to others. */
  readonly isNode: boolean;
}

const treePage = (first: number): Reference => ({ first, count: 1, isNode: true });
const tree = (root: number): readonly Reference[] => (root === NO_ROOT ? [] : [treePage(root)]);

function leafReferences(page: Buffer, node: number): readonly Reference[] {
  const flags = page.readUInt16LE(node + NODE.flagsAt);
  const data = node + NODE.keyAt + page.readUInt16LE(node + NODE.keyLengthAt);
  if (flags & NODE.hasTree) return tree(readWord(page, data + TREE.rootAt));
  if ((flags & NODE.hasLargeValue) === 0) return [];
  const first = readWord(page, data + LARGE_VALUE.pageAt);
  return [{ first, count: readWord(page, data + LARGE_VALUE.pagesAt), isNode: false }];
}

function* references(page: Buffer): Generator<Reference> {
  const kind = page.readUInt16LE(PAGE.flagsAt);
  if (kind & KIND.plainValues) return;
  const listEnd = PAGE.headBytes + page.readUInt16LE(PAGE.listLengthAt);
  for (let at: number = PAGE.headBytes; at < listEnd; at += 2) {
    const node = PAGE.headBytes + page.readUInt16LE(at);
    if (kind & KIND.branch) yield treePage(page.readUIntLE(node, 6));
    else yield* leafReferences(page, node);
  }
}

/** Whether a page of a tree is at its place: what was cut and grew again is full of zeros. */
const isNodePage = (page: Buffer, number: number): boolean =>
  readWord(page, PAGE.numberAt) === number &&
  (page.readUInt16LE(PAGE.flagsAt) & (KIND.branch | KIND.leaf)) !== 0;

function walk(fd: number, roots: readonly number[], pageSize: number, pages: number): string | undefined {
  const page = Buffer.alloc(pageSize);
  const pending = roots.flatMap(tree);
  // Each page is referred to once: more visits than there are pages would be a circle.
  let visits = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { first, count, isNode } = next;
    const last = first + count - 1;
    if (last >= pages) return `it is cut short: page ${last} is missing`;
    if (!isNode) continue;
    readSync(fd, page, 0, pageSize, first * pageSize);
    if (!isNodePage(page, first) || ++visits > pages) return `its page ${first} is damaged`;
    pending.push(...references(page));
  }
  return undefined;
}

/**
 * Follows the trees of an LMDB file, by plain reads, to every page that they refer to.
 *
 * @param pages - How many whole pages the file has.
 * @returns What is wrong: a page that the file has not, or that is none; `undefined` if nothing is.
 */
export function reachableFault(
  fd: number,
  roots: readonly number[],
  pageSize: number,
  pages: number,
): string | undefined {
  try {
    return walk(fd, roots, pageSize, pages);
  } catch (cause) {
    if (cause instanceof RangeError) return 'a page is damaged'; // it points outside of itself
    throw cause;
  }
}
