import Table from 'cli-table3';
import { HEAD, shown } from './shown.mjs';

/** Figures for people, under their head. */
export function table(figures) {
  const drawn = new Table({ head: HEAD, style: { head: [], border: [] } });
  drawn.push(...figures.map(shown));
  return drawn.toString();
}
