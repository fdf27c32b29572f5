import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

export const machine = (directory) => ({
  cpu: cpus()[0].model.trim(),
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  kernel: release(),
  filesystem: execFileSync('stat', ['-f', '-c', '%T', directory], { encoding: 'utf8' }).trim(),
});
