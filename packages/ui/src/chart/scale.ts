// Where values stand on an axis.

/**
 * Round steps from zero to at least `most`, about `count` of them; just zero and one for nothing.
 * What is counted has no step below one.
 */
export function ticks(most: number, whole = false, count = 4): number[] {
  if (!(most > 0) || !Number.isFinite(most)) return [0, 1];
  const rough = whole ? Math.max(1, most / count) : most / count;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step =
    ([1, 2, 2.5, 5, 10].find((one) => one * size >= rough && !(whole && (one * size) % 1)) ?? 10) *
    size;
  const steps = Math.ceil(most / step - 1e-9);
  return Array.from({ length: steps + 1 }, (_, at) => Number((at * step).toPrecision(12)));
}

/** The corners of a line through values, in a box of that size; the largest value is at the top. */
export function sparkPoints(values: readonly number[], width: number, height: number): string {
  const most = Math.max(...values, 0) || 1;
  const gap = values.length > 1 ? width / (values.length - 1) : 0;
  return values
    .map((value, at) => `${(at * gap).toFixed(1)},${(height - (value / most) * height).toFixed(1)}`)
    .join(" ");
}
