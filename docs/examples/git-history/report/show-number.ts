const format = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A number for people to read, the same on every machine: `12,345`. */
export const showNumber = (value: number): string => format.format(value);
