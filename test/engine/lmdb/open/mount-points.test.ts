import { expect, test } from 'vitest';
import { isMountPoint, parseMountPoints } from '../../../../src/engine/lmdb/open/resolve-data-file.ts';

/** Mounts of a container with a directory and two single files. */
const LIST = String.raw`1047 1046 0:62 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
1061 1045 254:1 /home/a/data /data rw,relatime - ext4 /dev/vda1 rw
1062 1045 254:1 /home/a/events.lmdb /srv/events.lmdb rw,relatime master:1 - ext4 /dev/vda1 rw
1063 1045 254:1 /home/a/my\040log /srv/my\040log\134\011 rw,relatime - ext4 /dev/vda1 rw
`;

test('parseMountPoints decodes spaces, tabs and backslashes in the paths of mount points', () => {
  const points = parseMountPoints(LIST);
  expect(points.filter(Boolean)).toEqual(['/proc', '/data', '/srv/events.lmdb', '/srv/my log\\\t']);
});

test('isMountPoint reads the mount points from the operating system', () => {
  expect(isMountPoint('/')).toBe(process.platform === 'linux');
  expect(isMountPoint(import.meta.filename)).toBe(false);
});
