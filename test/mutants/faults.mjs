/** Returns the faults to plant in a file. Each fault replaces a text, which must occur exactly once in the file. */
const inFile = (file, faults) => faults.map(([name, find, replace]) => ({ name, file, find, replace }));

const engines = [
  ...inFile('src/engine/memory/memory-event-log.ts', [
    ['numbers are off by one', 'latest + added.length + 1;', 'latest + added.length;'],
    [
      'timestamps can decrease',
      'Math.max(now, lastTimestamp, added.at(-1)?.timestamp ?? lastTimestamp)',
      'now',
    ],
    ['an append wakes no reader', 'appended$.next(undefined);', ''],
    ['a page exceeds its limit by one event', 'matching.length >= limit', 'matching.length > limit'],
    [
      'the filter has no effect',
      'if (!matches(filter, record.operation, record.objectType, record.key)) continue;',
      '',
    ],
    [
      'numbers are assigned again after all events are trimmed',
      'latest + 1, latest });',
      'latest + 1, latest: (latest = records.at(-1)?.seqNum ?? 0) });',
    ],
    ['GC ignores checkpoints', 'respectCheckpoints ? lowestOf(checkpoints.values(), bound) : bound', 'bound'],
    ['GC ignores the age', ' || timestamp > maxTimestamp', ''],
    ['the map of checkpoints is not a copy', 'of(new Map(checkpoints))', 'of(checkpoints)'],
  ]),
  ...inFile('src/engine/memory/memory-tables.ts', [
    [
      'a dead letter does not move the checkpoint',
      'if (checkpoint !== undefined) setCheckpoint(partitionId, checkpoint);',
      '',
    ],
  ]),
  ...inFile('src/engine/lmdb/lmdb-event-log.ts', [
    ['GC ignores checkpoints', 'respectCheckpoints ? checkpoints.lowestUpTo(bound) : bound', 'bound'],
    ['GC ignores running watchers', 'lowWatermark?.() ?? maxSeqNum', 'maxSeqNum'],
    [
      'close waits for no write',
      'await appender.settled();\n      await Promise.allSettled([writes.settled(), ...backups]);',
      '',
    ],
    ['a dead letter does not move the checkpoint', 'void write?.put();', ''],
  ]),
  ...inFile('src/engine/lmdb/tables/lowest-checkpoint.ts', [
    ['GC does not notice a checkpoint that goes back', 'cached.version !== version || ', ''],
  ]),
  ...inFile('src/engine/lmdb/tables/events-table.ts', [
    ['ids remain in the index after a trim', 'removeIds(metadata.trimPosition, trimPosition);', ''],
    [
      'the ids of imported events are forgotten',
      'for (const { id, seqNum } of records) if (id !== undefined) ids.put(id, seqNum);',
      '',
    ],
    [
      'numbers are assigned again after all events are trimmed',
      'lastKey() || readMetadata(events).trimPosition;',
      'lastKey();',
    ],
    [
      'timestamps can decrease after all events are trimmed',
      'trimTimestamp: timestampOf(trimPosition, 0)',
      'trimTimestamp: 0',
    ],
    ['a position by timestamp is off by one', 'low = middle + 1;', 'low = middle + 2;'],
  ]),
  ...inFile('src/engine/lmdb/append/append-batch.ts', [
    [
      'an append of a stored event returns the object of the request',
      'duplicates.set(index, held);',
      'duplicates.set(index, { ...record, seqNum: held.seqNum, timestamp: held.timestamp });',
    ],
    ['an id is unknown until its event is durable', 'recordById.get(record.id) ?? ', ''],
    ['timestamps can decrease', 'timestamp = Math.max(timestamp, now);', 'timestamp = now;'],
  ]),
  ...inFile('src/engine/lmdb/chunks/chunk-matcher.ts', [
    ['a chunk of several types is skipped', 'types.some(', 'types.every('],
    [
      'a key with the CRC-32 of a wanted key matches',
      '(keys.length === 0 || isWantedKey(view.contexts?.key(index)))',
      'true',
    ],
    [
      'the partition of a key is off by one',
      'partitionOfHash(hash, partition.count) === partition.index',
      '(partitionOfHash(hash, partition.count) + 1) % partition.count === partition.index',
    ],
  ]),
  ...inFile('src/engine/lmdb/chunks/scan-chunks.ts', [
    ['a page exceeds its limit by one event', 'scan.records.length >= limit', 'scan.records.length > limit'],
  ]),
  ...inFile('src/engine/lmdb/append/group-commit.ts', [
    [
      'a differing event rejects the appends of its group',
      'if (error instanceof DuplicateIdError || error instanceof DeserializationError) return left(error);',
      '',
    ],
    ['a group of appends is committed in reverse', 'group = waiting;', 'group = waiting.reverse();'],
  ]),
  ...inFile('src/engine/jetstream/append/context-format.ts', [
    ['a blank at the end of a field is trimmed', '[\\p{Cc}\\s%&=]', '[\\p{Cc}%&=]'],
    ['a line break ends a header', '[\\p{Cc}\\s%&=]', '[ %&=]'],
    ['metadata of an event can be changed', 'Object.freeze(', 'Object.assign('],
    [
      'metadata exceed the headers of a message',
      'const MAX_PLAIN_METADATA = 48',
      'const MAX_PLAIN_METADATA = 96',
    ],
    [
      'a damaged header is accepted',
      'if (parse === undefined) throw',
      'if (parse === undefined) continue; if (false) throw',
    ],
  ]),
  ...inFile('src/engine/jetstream/append/publisher.ts', [
    ['an id is not the id of the message', ': messageIdOf(id);', ': idPrefix + counter;'],
    [
      'a message that is sent again counts as sent once',
      'sent.sentAt !== undefined;\n    sent',
      'false;\n    sent',
    ],
  ]),
  ...inFile('src/engine/jetstream/append/append-record.ts', [
    ['a duplicate is returned as new', 'if (!isDuplicate) return', 'if (true) return'],
    ['a duplicate can be a different event', 'assertDuplicate(stored.record, record, seqNum);', ''],
    ['a lost acknowledgement makes a duplicate', 'if (isResent && stored', 'if (false && stored'],
    [
      'a deleted event counts as new',
      'return { seqNum, isDuplicate: true };',
      'return { seqNum, isDuplicate: false };',
    ],
  ]),
  ...inFile('src/engine/jetstream/read/snapshot-bounds.ts', [
    ['a duplicate moves the end of the log back', 'result.value.filter(isNew)', 'result.value'],
  ]),
  ...inFile('src/engine/jetstream/jetstream-event-log.ts', [
    [
      'close does not wait for the reads of duplicates',
      'firstValueFrom(calls.count(defer(() => appendAll(records, timestamp))))',
      'appendAll(records, timestamp)',
    ],
  ]),
  ...inFile('src/engine/jetstream/read/single-flight.ts', [
    [
      'readers with different keys share a page',
      'operations, keys, partition?.index',
      'operations, partition?.index',
    ],
    ['readers of different partitions share a page', 'partition?.index, ', ''],
  ]),
  ...inFile('src/engine/jetstream/open-jetstream-store.ts', [
    ['the largest event with metadata is rejected', 'const HEADER_BYTES = 64 *', 'const HEADER_BYTES = 16 *'],
  ]),
];

const store = [
  ...inFile('src/engine/memory/memory-event-log.ts', [
    ['an id that memory holds is stored again', 'if (held === undefined) continue;', 'continue;'],
  ]),
  ...inFile('src/store/append/encode-request.ts', [
    ['an append drops key, id and metadata', 'assignContext(record, request);', ''],
  ]),
  ...inFile('src/store/append/event-writer.ts', [
    ['a batch stores a repeated id twice', 'if (id !== undefined) indexById.set(id, unique.length);', ''],
  ]),
  ...inFile('src/engine/contract/assert-duplicate.ts', [
    ['a duplicate may have another key', "'objectType', 'key']", "'objectType']"],
  ]),
  ...inFile('src/event/event-filter.ts', [
    [
      'an event without a key matches every key',
      'key !== undefined && keys.includes(key)',
      'key === undefined || keys.includes(key)',
    ],
    [
      'an event without a key is in no partition',
      'uncheckedPartitionOf(key, partition.count) === partition.index',
      '(key !== undefined && uncheckedPartitionOf(key, partition.count) === partition.index)',
    ],
  ]),
  ...inFile('src/store/read/filter-index.ts', [
    ['one key of an append hides the others', "keyFilters > 0 ? (event.key ?? '') : ''", "''"],
  ]),
  ...inFile('src/watcher/watch-options.ts', [
    [
      'concurrent handling ignores the key',
      '({ key, objectType }: Event): string => key ??',
      '({ objectType }: Event): string => objectType ??',
    ],
  ]),
  ...inFile('src/store/read/position.ts', [
    ['a position by number is off by one', 'iterator.sequenceNumber - 1)', 'iterator.sequenceNumber)'],
    ['a read from the oldest event is rejected', 'after + 1 < oldest', 'after < oldest'],
    [
      'trimmed events are skipped without an error',
      "'sequenceNumber' in iterator && after + 1 < oldest",
      'false',
    ],
  ]),
  ...inFile('src/store/read/replay.ts', [
    [
      'a live stream does not complete on close',
      'isClosed() || position.after >= end',
      'position.after >= end',
    ],
    ['a replay goes beyond its end', 'if (!live) end = latest;', ''],
  ]),
  ...inFile('src/store/read/append-notifier.ts', [
    ['close and append wake no reader', 'for (const subscriber of woken) subscriber.complete();', ''],
  ]),
  ...inFile('src/store/read/long-poll.ts', [
    [
      'a request cannot set its long polling timeout',
      '.timeout(longPollingTimeout)',
      '.timeout(options.longPollingTimeout)',
    ],
    ['the limit of a page has no effect', 'limit: limit === 0 ? batchSize : limit', 'limit: batchSize'],
  ]),
  ...inFile('src/store/open-guard.ts', [
    ['a closed store accepts calls', 'if (closed.isSet) throw new StoreClosedError();', ''],
  ]),
  ...inFile('src/store/retention/retention-pins.ts', [
    ['GC overtakes all watchers but the quickest', 'lowest = Math.min(lowest, pin());', 'lowest = pin();'],
  ]),
  ...inFile('src/store/retention/retention-policy.ts', [
    ['GC deletes more than gcMaxRecordsPerRun', 'Math.min(SLICE, log.maxRecords)', 'SLICE'],
    [
      'GC keeps one event beyond a hard limit',
      'const count = latest - oldest + 1;',
      'const count = latest - oldest;',
    ],
  ]),
];

const handling = [
  ...inFile('src/operators/retry-with-backoff.ts', [
    ['a watcher makes one retry too many', 'count: maxRetries,', 'count: maxRetries + 1,'],
    ['retryIf is not called', 'retryIf(error) ?', 'true ?'],
  ]),
  ...inFile('src/handling/retry-strategy.ts', [
    ['the strategy block gives up', '{ ...options, maxRetries: Number.POSITIVE_INFINITY }', 'options'],
    ['the strategy stop continues', 'skip, stop, deadLetter: skip }', 'skip, stop: skip, deadLetter: skip }'],
  ]),
  ...inFile('src/handling/attempt.ts', [
    [
      'an abandoned attempt is not aborted',
      'this.#timer?.unsubscribe();\n    this.abort();',
      'this.#timer?.unsubscribe();',
    ],
    [
      'handlerTimeout has no effect',
      'context.options.handlerTimeout < Number.POSITIVE_INFINITY',
      'context.options.handlerTimeout < 0',
    ],
  ]),
  ...inFile('src/handling/run-attempts.ts', [
    ['a stop abandons a retry in flight', '(inFlight ? attemptEnded$ : of(undefined))', 'of(undefined)'],
  ]),
  ...inFile('src/handling/handle-batch.ts', [
    [
      'the last handled event of a batch is delivered again',
      'seqNum <= lastHandledSeqNum',
      'seqNum < lastHandledSeqNum',
    ],
  ]),
];

const watcher = [
  ...inFile('src/watcher/run/page-reader.ts', [
    ['the filter has no effect', 'filter,\n      longPollingTimeout', 'longPollingTimeout'],
  ]),
  ...inFile('src/watcher/run/page-loop.ts', [
    [
      'the checkpoint is stored before the event is handled',
      'return this.#dispatcher.deliver(event);',
      'void this.#context.store.storeCheckpoint(this.#context.watcherId, event.seqNum);\nreturn this.#dispatcher.deliver(event);',
    ],
    ['excluded events do not count as progress', 'if (lastScanned > this.#lastSeqNum) {', 'if (false) {'],
    [
      'a run does not pin garbage collection',
      'store.internals.retainFrom(() => tracker.ackFloor)',
      'undefined',
    ],
    [
      'a stop delivers the rest of the page',
      'if (ending.isSet) return this.#end();',
      'if (ending.isSet && this.#remaining.length === 0) return this.#end();',
    ],
  ]),
  ...inFile('src/watcher/watch.ts', [
    [
      'the next page is read after an unsubscription',
      'new Observable((subscriber) => {',
      `new Observable((observer) => {
         const subscriber = NEVER.subscribe({
           next: (outcome) => observer.next(outcome),
           error: (error) => observer.error(error),
           complete: () => observer.complete(),
         });`,
    ],
    ['a waiting attempt begins after an unsubscription', 'subscriber.add(end);', ''],
    ['a watcher does not end with its store', 'of [stop$, store.closed$]', 'of [stop$]'],
    [
      'a pause does not stop the rest of the page',
      '() => pauseSwitch.isOpen && isReady();',
      '() => isReady();',
    ],
  ]),
  ...inFile('src/watcher/run/progress-tracker.ts', [
    [
      'the checkpoint is at the event in flight',
      'this.#lastSeqNum : oldest.seqNum - 1;',
      'this.#lastSeqNum : oldest.seqNum;',
    ],
  ]),
  ...inFile('src/watcher/run/start-position.ts', [
    [
      'a checkpoint of 0 counts as missing',
      'if (checkpoint === undefined) return',
      'if (!checkpoint) return',
    ],
    ['a watcher skips one event when it resumes', 'return of(checkpoint);', 'return of(checkpoint + 1);'],
    [
      'latest is resolved to the start of the log',
      'Math.max(latest, seqNumBefore(checked))',
      'seqNumBefore(checked)',
    ],
  ]),
  ...inFile('src/watcher/run/progress-writer.ts', [
    ['a manual checkpoint is stored automatically', " || options.checkpoint === 'manual'", ''],
    ['an ephemeral watcher stores its checkpoint', 'options.ephemeral || ', ''],
  ]),
  ...inFile('src/scheduling/coalescing-writer.ts', [
    [
      'a stop does not store the pending checkpoint',
      'flushed = defer(() => {\n    this.writeNow();',
      'flushed = defer(() => {',
    ],
  ]),
  ...inFile('src/watcher/managed/checkpoint-command.ts', [
    ['a checkpoint may pass the last handled event', 'seqNum > Math.max(handled, current)', 'false'],
  ]),
  ...inFile('src/watcher/managed/seek-command.ts', [
    [
      'a seek does not move the checkpoint',
      '() => ownedStore.storeCheckpoint(watcherId, position)',
      '() => EMPTY',
    ],
  ]),
  ...inFile('src/watcher/managed/activity.ts', [
    [
      'a stop that times out does not abort the attempt',
      'for (const attempt of this.#attempts) attempt.abort();',
      '',
    ],
  ]),
  ...inFile('src/watcher/managed/watcher-progress.ts', [
    [
      'an event in flight counts as processed',
      'this.hasStarted && this.ackFloor >= seqNum',
      'this.hasStarted && this.lastDeliveredSeqNum >= seqNum',
    ],
  ]),
  ...inFile('src/watcher/run/dispatch.ts', [
    ['a batch exceeds its limit by one event', 'gathered.length < size', 'gathered.length <= size'],
  ]),
  ...inFile('src/scheduling/semaphore.ts', [
    [
      'one handler more than concurrency allows runs',
      'this.#running < this.#limit',
      'this.#running <= this.#limit',
    ],
  ]),
  ...inFile('src/watcher/run/keyed-dispatch.ts', [
    [
      'events of one key are handled at the same time',
      'if (queue !== undefined) {\n      queue.push(event);',
      'if (queue !== undefined && !queue.isEmpty) {\n      queue.push(event);',
    ],
    ['a slot of a key is never freed', 'advance(queue);\n      slots.leave();', 'advance(queue);'],
    [
      'a retry breaks the order within a key',
      'subscribe(queue, work);\n      slots.leave();',
      'subscribe(queue, work);\n      advance(queue);\n      slots.leave();',
    ],
  ]),
  ...inFile('src/watcher/managed/redrive-command.ts', [
    [
      'a dead letter stays after its redrive',
      'storedUnlessClosed(store.deleteDeadLetter(watcherId, seqNum))',
      'of(undefined)',
    ],
  ]),
];

const transactions = [
  ...inFile('src/watcher/transaction/transact-in-run.ts', [
    [
      'a checkpoint is stored outside of its transaction',
      '      storeCheckpoint(watcherId, seqNum);\n    },',
      '      queueMicrotask(() => void context.store.storeCheckpoint(watcherId, seqNum));\n    },',
    ],
    [
      'a checkpoint that another writer has moved is overwritten',
      'stored === checkpoints.stored || stored === checkpoints.requested',
      'stored !== undefined',
    ],
  ]),
  ...inFile('src/watcher/transaction/handle-in-transactions.ts', [
    [
      'the events before a failed event are not committed',
      'if (failed === undefined || index > 0) {',
      'remaining = remaining.slice(Math.max(0, index));\n    if (failed === undefined) {',
    ],
  ]),
  ...inFile('src/watcher/managed/redrive-command.ts', [
    [
      'a transaction that handles a dead letter does not delete it',
      'finish: ({ seqNum }, { deleteDeadLetter }) => deleteDeadLetter(watcherId, seqNum),',
      'finish() {},',
    ],
  ]),
  ...inFile('src/engine/lmdb/append/transaction.ts', [
    [
      'lmdb does not check the fencing token in a transaction',
      'fence === undefined || fence === newest',
      'fence !== newest || true',
    ],
  ]),
  ...inFile('src/watcher/lease/ownership.ts', [
    [
      'a checkpoint in a transaction has no fencing token',
      'storeCheckpoint(watcherId, seqNum, lease.token),\n        (watcherId',
      'storeCheckpoint(watcherId, seqNum),\n        (watcherId',
    ],
  ]),
  ...inFile('src/engine/memory/memory-event-log.ts', [
    [
      'memory stores the events of a transaction that is rolled back',
      '        rollBack();',
      '        commit();',
    ],
  ]),
];

const sharing = [
  ...inFile('src/engine/memory/memory-tables.ts', [
    ['memory writes a lease at any revision', '!== revision) return', '!== revision && false) return'],
    ['memory does not check the fencing token', 'fence === undefined || fence === token', 'true'],
  ]),
  ...inFile('src/engine/lmdb/tables/leases-table.ts', [
    ['lmdb writes a lease at any revision', 'revisions.ifIs(revision,', 'revisions.ifIs(revisions.read(),'],
    [
      'lmdb does not check the fencing token',
      '.ifIs(fence, work)',
      ".ifIs(row('token', watcherId).read(), work)",
    ],
    [
      'lmdb notifies no standby of a release',
      'if (owner === undefined) void leases.put(RELEASE_KEY, randomUUID());',
      '',
    ],
  ]),
  ...inFile('src/store/leases.ts', [
    [
      'a lease cannot be released while its store closes',
      'checked.lease.owner !== undefined || isEngineClosed()',
      'true',
    ],
  ]),
  ...inFile('src/watcher/lease/ownership.ts', [
    [
      'a checkpoint has no fencing token',
      'store.storeCheckpoint(watcherId, seqNum, lease.token)',
      'store.storeCheckpoint(watcherId, seqNum)',
    ],
  ]),
  ...inFile('src/watcher/lease/lease-elector.ts', [['a lease is not released', 'switchMap(release), ', '']]),
  ...inFile('src/watcher/partitions/partition-group.ts', [
    ['each partition handles all events', 'partition: { index, count } },', '},'],
  ]),
  ...inFile('src/watcher/partitions/prepare-partitions.ts', [
    ['the number of partitions can change', 'checkpoint.count !== count', 'false'],
  ]),
  ...inFile('src/watcher/partitions/assign-partitions.ts', [
    ['a member keeps more partitions than its share', 'indices.slice(0, size)', 'indices'],
  ]),
  ...inFile('src/watcher/managed/activity.ts', [
    ['an attempt in a partition never frees its slot', 'this.#slots?.leave();', ''],
  ]),
  ...inFile('src/watcher/lease/lease-elector.ts', [
    ['no watcher waits in standby', 'if (isFree(lease) || wait <= 0) return', 'if (true) return'],
  ]),
  ...inFile('src/engine/memory/memory-event-log.ts', [
    ['memory imports events that do not follow the log', 'latest > 0 && after !== latest', 'false'],
  ]),
  ...inFile('src/engine/lmdb/tables/events-table.ts', [
    ['lmdb imports events that do not follow the log', 'latest > 0 && after !== latest', 'false'],
    ['lmdb begins at 1 for every import', 'if (after > latest) writeMetadata', 'if (false) writeMetadata'],
  ]),
];

const telemetry = [
  ...inFile('src/store/append/append-channel.ts', [
    ['metadata of a subscriber is not stored', 'return this.#message.metadata;', 'return undefined;'],
    ['appends of a failed transaction never end', '(error) => this.fail(error),', '() => undefined,'],
  ]),
  ...inFile('src/handling/attempt.ts', [
    [
      'the Observable of an async handler is outside the context',
      'else handlerContext.runInAsyncScope(() => this.#subscribe(stream));',
      'else this.#subscribe(stream);',
    ],
  ]),
  ...inFile('src/handling/handle-channel.ts', [
    [
      'the end of a synchronous attempt is not published',
      'if (message.outcome !== undefined) this.#publishEnd();',
      '',
    ],
  ]),
  ...inFile('src/telemetry/on-message.ts', [
    ['every store of the process is reported', '.store?.internals === internals', '.store !== undefined'],
  ]),
  ...inFile('src/telemetry/measure-activity.ts', [
    ['a retry counts as a delivered event', 'if (attempt > 1)', 'if (attempt > 2)'],
  ]),
  ...inFile('src/telemetry/opentelemetry/instruments.ts', [
    ['the gauges of a removed watcher stay', 'known.set(key, { ...value, value: 0 });', ''],
  ]),
  ...inFile('src/telemetry/opentelemetry/trace-activity.ts', [
    ['a handler is part of the trace that created its watcher', 'root: true,', ''],
    ['a batch is the child of its first event', ' && events.length === 1', ''],
    ['a handler is called outside its span', 'trace.setSpan(context.active(), span)', 'context.active()'],
  ]),
  ...inFile('src/telemetry/opentelemetry/trace-context.ts', [
    ['a traceparent of an invalid version is a link', '(?!ff)', ''],
  ]),
  ...inFile('src/telemetry/prometheus/prometheus-metrics.ts', [
    ['buckets are not cumulative', 'cumulative += inBucket;', 'cumulative = inBucket;'],
  ]),
  ...inFile('src/telemetry/prometheus/text-format.ts', [
    ['quotes in labels are not escaped', `.replaceAll('"', '\\\\"')`, ''],
  ]),
];

const monitoring = [
  ...inFile('src/store/monitoring/manager-reports.ts', [
    ['a report is never stale', 'now - reportedAt > STALE_INTERVALS * interval', 'false'],
  ]),
  ...inFile('src/store/monitoring/backlog.ts', [
    ['the lag time is 0', 'now - (oldestTimestamp ?? now)', '0'],
    ['the lag time is that of the event before', 'after: position,', 'after: Math.max(0, position - 1),'],
  ]),
  ...inFile('src/store/monitoring/watcher-report.ts', [
    ['a watcher without a report is missing', 'filter((id) => !reportedIds.has(id))', 'filter(() => false)'],
  ]),
  ...inFile('src/store/create-event-store.ts', [
    ['a report outlasts the close of its store', 'managerReports?.end();', ''],
  ]),
  ...inFile('src/watcher/managed/watcher-progress.ts', [
    [
      'a paused watcher has no lag time',
      'return lagOf(this.#backlog, this.position, this.#now());',
      `const lag = lagOf(this.#backlog, this.position, this.#now());
       return this.state === 'paused' ? { ...lag, lagTime: 0 } : lag;`,
    ],
  ]),
  ...inFile('src/watcher/managed/manager.ts', [
    ['a report outlasts the stop of its manager', 'isStopped = true;', ''],
    [
      'a removed watcher is still reported',
      'watchers.delete(id);\n        report();',
      'watchers.delete(id);',
    ],
  ]),
  ...inFile('src/watcher/managed/watcher-lifecycle.ts', [
    ['a change of state is reported late', 'onStateChange(state, before);', ''],
  ]),
  ...inFile('src/watcher/managed/manager-reporter.ts', [
    ['an unchanged report is written in each interval', 'if (isUnchanged) return EMPTY;', ''],
    ['an unchanged report becomes stale', 'STALE_INTERVALS / 2', 'STALE_INTERVALS * 2'],
    ['the report of a killed process stays', 'return concat(written, cleanUp);', 'return written;'],
  ]),
];

export const faults = [
  ...engines,
  ...store,
  ...handling,
  ...watcher,
  ...transactions,
  ...sharing,
  ...telemetry,
  ...monitoring,
];
