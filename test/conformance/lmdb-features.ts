/** Features that stores on LMDB support, whether they open a path or use an environment of the application. */
export const lmdbFeatures = {
  reopen: true,
  deadLetters: true,
  leases: true,
  importing: true,
  sharing: true,
  reports: true,
  transactions: true,
};
