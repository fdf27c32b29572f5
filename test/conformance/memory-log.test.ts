import { createMemoryEventLog } from '../../src/stores/memory/memory-event-log.ts';
import { describeEventLog } from './describe-event-log.ts';

describeEventLog('the engine in memory', () => ({ open: createMemoryEventLog, cleanup() {} }), {
  lasts: false,
});
