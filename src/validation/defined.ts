type Defined<O> = { [K in keyof O]: Exclude<O[K], undefined> };

/** The options that were really given: one that is `undefined` leaves the default as it is. */
export const defined = <O extends object>(options: O): Defined<O> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Defined<O>;
