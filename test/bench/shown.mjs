const number = (value) =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));

const ranged = ({ median, spread: [low, high] }) => `${number(median)} (${number(low)}–${number(high)})`;

const bound = ({ atLeast, atMost }) => (atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`);

const verdict = ({ met }) => (met === undefined ? 'reported' : met ? 'met' : 'MISSED');

export const HEAD = ['scenario', 'median (quartiles)', 'compared with', 'ratio (quartiles)', 'target', ''];

/** Returns a figure as the cells of a table row under `HEAD`. */
export function shown(figure) {
  if (figure.missing !== undefined) return [figure.name, figure.missing, '', '', '', 'not run'];
  return [
    figure.name,
    `${ranged(figure)} ${figure.unit}`,
    figure.beside === undefined ? '' : `${figure.beside.name}: ${number(figure.beside.median)}`,
    figure.ratio === undefined ? '' : ranged(figure.ratio),
    figure.target === undefined ? '' : bound(figure.target),
    verdict(figure),
  ];
}
