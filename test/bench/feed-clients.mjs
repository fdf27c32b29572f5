// Runs in a separate process: opens many streams of server-sent events of a feed. Reports when all
// streams have begun, and when all of them have received all events.
// It reads bytes from sockets, because an HTTP client would need more time than the server.
import { connect } from 'node:net';

/** Number of connections that are opened at the same time. */
const CONCURRENT = 100;

const [port, count, events] = process.argv.slice(2).map(Number);
const MARK = Buffer.from('\nid: ');
let begun = 0;
let finished = 0;
let opened = 0;

/**
 * Returns the number of marks in a chunk. The chunk begins with the end of the previous chunk, so that a mark that is split
 * between two chunks is found.
 */
function countMarks(chunk) {
  let marks = 0;
  for (let at = chunk.indexOf(MARK); at !== -1; at = chunk.indexOf(MARK, at + MARK.length)) marks++;
  return marks;
}

function open() {
  if (opened === count) return;
  opened++;
  let rest = Buffer.alloc(0);
  let received = -1; // The stream begins with an id that belongs to no event.
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /events?from=latest HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n');
  socket.on('data', (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const wasBegun = received >= 0;
    received += countMarks(bytes);
    const tail = bytes.subarray(-(MARK.length - 1));
    rest = Buffer.from(tail);
    if (!wasBegun && received >= 0) {
      if (++begun === count) process.send('begun');
      open();
    }
    if (events > 0 && received === events && ++finished === count) process.send('finished');
  });
  socket.on('error', (error) => {
    throw error;
  });
}

for (let n = 0; n < CONCURRENT; n++) open();
process.once('disconnect', () => process.exit());
