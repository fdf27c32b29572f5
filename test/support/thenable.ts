/** Returns an object with the given `then` member, which need not be a function. */
export const thenable = <T>(then: T): { readonly then: T } =>
  Object.fromEntries([['then', then]]) as unknown as { readonly then: T };
