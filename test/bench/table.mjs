import Table from 'cli-table3';
import { HEAD, shown } from './shown.mjs';

/** Returns a table of figures, with its head, for a terminal. */
export function table(figures) {
  const drawn = new Table({ head: HEAD, style: { head: [], border: [] } });
  drawn.push(...figures.map(shown));
  return drawn.toString();
}
