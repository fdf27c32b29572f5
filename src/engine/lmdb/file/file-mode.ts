import { described } from '../../../validation/types.ts';

/** Default permissions of a file: only its owner can read and write it. */
export const PRIVATE = 0o600;

/** Codec of the permissions of files that a store creates. */
export const fileMode = described(
  'file permissions that let the owner read and write and let no user execute, for example 0o600 or 0o640',
  (value): value is number =>
    Number.isInteger(value) &&
    Number(value) >= PRIVATE &&
    Number(value) <= 0o666 &&
    (Number(value) & 0o111) === 0,
);

/**
 * Returns the permissions of a directory for files with `mode`. A user with read access to the files can enter the
 * directory.
 */
export const directoryMode = (mode: number): number => mode | ((mode & 0o444) >> 2);
