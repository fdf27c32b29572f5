import { described } from '../../../validation/types.ts';

/** Default permissions of a file: its owner may read and write it. */
export const PRIVATE = 0o600;

/** Permissions of the files that a store creates. */
export const fileMode = described(
  'the permissions of a file, read and write for its owner and execute for no user, for example 0o600 or 0o640',
  (value): value is number =>
    Number.isInteger(value) &&
    Number(value) >= PRIVATE &&
    Number(value) <= 0o666 &&
    (Number(value) & 0o111) === 0,
);

/** Returns the permissions of a directory whose files have `mode`: a user who may read the files may enter it. */
export const directoryMode = (mode: number): number => mode | ((mode & 0o444) >> 2);
