import { expect, test } from 'vitest';
import { createPositionParser } from '../../../../src/engine/jetstream/read/cursor.ts';

test.each([
  ['as servers put it', '$JS.ACK.events.c1.1.700.12.1795631611122749884.29'],
  ['with a domain and an account', '$JS.ACK.hub.ACC.events.c1.1.700.12.1795631611122749884.29.x7Gh'],
])('the places of a message, %s', (_how, reply) => {
  const placesOf = createPositionParser('c1');

  expect(placesOf(reply)).toEqual({ seqNum: 700, delivery: 12 });
  expect(placesOf(reply.replace('.1.700.12.', '.1.701.13.'))).toEqual({ seqNum: 701, delivery: 13 });
});
