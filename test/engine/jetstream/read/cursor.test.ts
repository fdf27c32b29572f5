import { expect, test } from 'vitest';
import { createPositionParser } from '../../../../src/engine/jetstream/read/cursor.ts';

test.each([
  ['without a domain', '$JS.ACK.events.c1.1.700.12.1795631611122749884.29'],
  ['with a domain and an account', '$JS.ACK.hub.ACC.events.c1.1.700.12.1795631611122749884.29.x7Gh'],
])('a position parser reads the position of a message from a reply subject %s', (_name, reply) => {
  const parsePosition = createPositionParser('c1');

  expect(parsePosition(reply)).toEqual({ seqNum: 700, delivery: 12 });
  expect(parsePosition(reply.replace('.1.700.12.', '.1.701.13.'))).toEqual({ seqNum: 701, delivery: 13 });
});
