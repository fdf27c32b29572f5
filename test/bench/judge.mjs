/** Returns a figure with its target, and with the result whether it meets the target. */
export function judge(figure, target) {
  if (target === undefined) return figure;
  const value = figure.ratio?.median ?? figure.median;
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = target;
  return { ...figure, target, met: value >= atLeast && value <= atMost };
}
