/** An object with a `then`, be it what a Promise has or not: here one is meant, and not made by mistake. */
export const thenable = <T>(then: T): { readonly then: T } =>
  Object.fromEntries([['then', then]]) as unknown as { readonly then: T };
