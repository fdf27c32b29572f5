/** Where a message stands. */
export interface Places {
  /** Its number in the stream. */
  readonly seqNum: number;
  /** How many messages the consumer has delivered with it. */
  readonly delivery: number;
}

/**
 * Reads the places of a consumer's messages from their addresses for replies:
 * `$JS.ACK.stream.consumer.deliveries.seqNum.delivery.time.pending`, before the stream on some servers a domain and an
 * account. It is done for each message, so that it makes no more texts than it has to.
 *
 * @param consumer - The consumer's name.
 */
export function createPlaceParser(consumer: string): (reply: string) => Places {
  const named = `.${consumer}.`;
  let start = 0;
  return (reply) => {
    if (start === 0) start = reply.indexOf(named) + named.length;
    const deliveries = reply.indexOf('.', start);
    const seqNum = reply.indexOf('.', deliveries + 1);
    const delivery = reply.indexOf('.', seqNum + 1);
    return {
      seqNum: Number(reply.slice(deliveries + 1, seqNum)),
      delivery: Number(reply.slice(seqNum + 1, delivery)),
    };
  };
}
