/** A gap longer than this is told in numbers. */
const LONGEST_GAP = 24;

const gap = (frames: number): string =>
  frames > LONGEST_GAP || !Number.isInteger(frames) ? ` ${frames}ms ` : '-'.repeat(frames);

/**
 * Marks at their moments, as one writes them in run mode: a group takes the time of its parentheses. What comes within
 * that time cannot be written so, and has its moment before it.
 *
 * @param marks - One character each, in order of time.
 */
export function drawMarbles(marks: readonly (readonly [frame: number, mark: string])[]): string {
  const frames = new Map<number, string>();
  for (const [frame, mark] of marks) frames.set(frame, (frames.get(frame) ?? '') + mark);
  let drawn = '';
  let position = 0;
  for (const [frame, marked] of frames) {
    const group = marked.length > 1 ? `(${marked})` : marked;
    drawn += (frame < position ? ` at ${frame}ms ` : gap(frame - position)) + group;
    position = frame + group.length;
  }
  return drawn === '' ? '(nothing)' : drawn.trim();
}
