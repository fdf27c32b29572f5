import fc from 'fast-check';
import {
  type Event,
  fromCloudEvent,
  InvalidOptionsError,
  InvalidRequestError,
  toCloudEvent,
} from 'rx-watcher';
import { event } from 'rx-watcher/testing';
import { describe, expect, test } from 'vitest';

const source = '/orders';

const text = (maxLength: number) =>
  fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength }),
    fc.string({ minLength: 1, maxLength }),
    fc.constantFrom('17', '1', '\0', '\u007f', '\ufffe', '\u{1ffff}', ' ', 'é', 'id', 'source', 'rxfields'),
  );
const metadata = fc
  .array(
    fc.tuple(fc.oneof(text(9), fc.constantFrom('traceparent', '__proto__', 'data', 'userId')), fc.string()),
    { maxLength: 5 },
  )
  .map((entries): Readonly<Record<string, string>> => Object.fromEntries(entries));

const anyEvent: fc.Arbitrary<Event> = fc
  .record(
    {
      seqNum: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
      operation: fc.constantFrom('CREATE', 'UPDATE', 'DELETE'),
      objectType: fc.oneof(text(20), fc.constantFrom('Job.create', '.create', 'delete')),
      object: fc.jsonValue(),
      timestamp: fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }),
      key: text(20),
      id: text(20),
      metadata,
    },
    { requiredKeys: ['seqNum', 'operation', 'objectType', 'object', 'timestamp'] },
  )
  .filter(({ objectType }) => objectType.trim() !== '') as fc.Arbitrary<Event>;

/** Returns the CloudEvent of an event as another program would receive it. */
const transmitted = (sent: Event) => JSON.parse(JSON.stringify(toCloudEvent(sent, { source })));

describe('toCloudEvent', () => {
  test('toCloudEvent returns all fields of an event in the JSON format of CloudEvents', () => {
    const sent = event({
      seqNum: 17,
      operation: 'UPDATE',
      objectType: 'Job',
      object: { n: 1 },
      timestamp: new Date('2026-01-31T12:00:00Z'),
      key: 'j1',
      id: 'e1',
      metadata: { traceparent: '00-1-2-01', userId: 'ada' },
    });

    expect(toCloudEvent(sent, { source })).toEqual({
      specversion: '1.0',
      id: 'e1',
      source: '/orders',
      type: 'Job.update',
      subject: 'j1',
      time: '2026-01-31T12:00:00.000Z',
      datacontenttype: 'application/json',
      data: { n: 1 },
      rxoperation: 'UPDATE',
      rxseqnum: '17',
      traceparent: '00-1-2-01',
      rxfields: '{"metadata":{"userId":"ada"}}',
    });
  });

  test('toCloudEvent uses the sequence number as the id of an event without a context', () => {
    expect(toCloudEvent(event({ seqNum: 3, objectType: 'Job', object: null }), { source })).toEqual({
      specversion: '1.0',
      id: '3',
      source: '/orders',
      type: 'Job.create',
      time: '1970-01-01T00:00:00.000Z',
      datacontenttype: 'application/json',
      data: null,
      rxoperation: 'CREATE',
      rxseqnum: '3',
    });
  });

  test('toCloudEvent returns only attribute names and texts that CloudEvents permits', () => {
    fc.assert(
      fc.property(anyEvent, (sent) => {
        const { data: _data, ...attributes } = transmitted(sent);
        for (const [name, value] of Object.entries(attributes)) {
          expect(name).toMatch(/^[a-z0-9]{1,20}$/);
          expect(value).toMatch(/^[^\p{Cc}\p{Noncharacter_Code_Point}\p{Cs}]+$/u);
        }
      }),
    );
  });

  test('toCloudEvent returns equal CloudEvent ids only for events with equal ids', () => {
    fc.assert(
      fc.property(anyEvent, anyEvent, (one, other) => {
        fc.pre(one.seqNum !== other.seqNum);
        if (toCloudEvent(one, { source }).id !== toCloudEvent(other, { source }).id) return;
        expect(one.id).toBeDefined();
        expect(one.id).toBe(other.id);
      }),
      { numRuns: 2000 },
    );
  });

  test.each<[string, unknown, unknown, readonly string[]]>([
    ['a missing source', event(), {}, ['source']],
    ['a source with a space', event(), { source: 'my log' }, ['source']],
    ['an unknown option', event(), { source, type: 'x' }, ['type']],
    ['missing options', event(), undefined, ['']],
    ['a missing event', undefined, { source }, ['event']],
    ['an invalid event', event({ seqNum: 0, key: '' }), {}, ['event.seqNum', 'event.key', 'source']],
  ])('toCloudEvent rejects %s', (_name, given, options, paths) => {
    const call = () => toCloudEvent(given as Event, options as never);

    expect(call).toThrow(InvalidOptionsError);
    expect(call).toThrow(
      expect.objectContaining({ faults: paths.map((path) => expect.objectContaining({ path })) }),
    );
  });
});

describe('fromCloudEvent', () => {
  test('fromCloudEvent restores the request of each event that toCloudEvent has converted', () => {
    fc.assert(
      fc.property(anyEvent, (sent) => {
        const { seqNum: _seqNum, timestamp: _timestamp, metadata: sentMetadata, ...request } = sent;
        const { metadata: restored, ...rest } = fromCloudEvent(transmitted(sent));
        // A comparison of entries also compares names such as `__proto__`.
        const entriesOf = (data = {}) => new Map(Object.entries(data));
        expect(JSON.parse(JSON.stringify(rest))).toStrictEqual(JSON.parse(JSON.stringify(request)));
        expect(entriesOf(restored)).toEqual(entriesOf(sentMetadata));
        expect(restored === undefined).toBe(sentMetadata === undefined);
      }),
      { numRuns: 2000 },
    );
  });

  test('the metadata that fromCloudEvent returns contains attributes that an intermediary has added to the CloudEvent', () => {
    const sent = transmitted(event({ id: 'e1', metadata: { userId: 'ada' } }));

    expect(fromCloudEvent({ ...sent, traceparent: '00-1-2-01' })).toEqual({
      operation: 'CREATE',
      objectType: 'Thing',
      object: {},
      id: 'e1',
      metadata: { userId: 'ada', traceparent: '00-1-2-01' },
    });
  });

  const foreign = { specversion: '1.0', id: 'A234', source: '/ci', type: 'com.example.build' };

  test('fromCloudEvent accepts a CloudEvent with only the required attributes', () => {
    expect(fromCloudEvent(foreign)).toEqual({
      operation: 'CREATE',
      objectType: 'com.example.build',
      object: null,
      id: '/ci A234',
      metadata: { source: '/ci' },
    });
  });

  test('fromCloudEvent maps all attributes of a CloudEvent from another producer to a request', () => {
    const given = {
      ...foreign,
      type: 'com.example.build.delete',
      subject: 'main',
      time: '2018-04-05T17:31:00.5+01:00',
      datacontenttype: 'text/xml',
      dataschema: 'https://example.com/build',
      data: '<much wow="xml"/>',
      comexampleextension1: 'value',
      comexampleothervalue: 5,
      sampled: true,
      unset: null,
    };

    expect(fromCloudEvent(given)).toEqual({
      operation: 'DELETE',
      objectType: 'com.example.build',
      object: '<much wow="xml"/>',
      key: 'main',
      id: '/ci A234',
      metadata: {
        source: '/ci',
        time: '2018-04-05T17:31:00.5+01:00',
        datacontenttype: 'text/xml',
        dataschema: 'https://example.com/build',
        comexampleextension1: 'value',
        comexampleothervalue: '5',
        sampled: 'true',
      },
    });
  });

  test.each([
    ['Job.create', 'CREATE', 'Job'],
    ['Job.update', 'UPDATE', 'Job'],
    ['Job.delete.delete', 'DELETE', 'Job.delete'],
    ['Job.DELETE', 'CREATE', 'Job.DELETE'],
    ['Jobdelete', 'CREATE', 'Jobdelete'],
    ['.delete', 'CREATE', '.delete'],
  ])('fromCloudEvent reads the operation from the CloudEvent type %s', (type, operation, objectType) => {
    expect(fromCloudEvent({ ...foreign, type })).toMatchObject({ operation, objectType });
  });

  test('fromCloudEvent returns different event ids for equal CloudEvent ids of different sources', () => {
    const sources = ['/a', '/b'].map((each) => fromCloudEvent({ ...foreign, source: each }).id);

    expect(new Set(sources).size).toBe(2);
  });

  test.each<[string, unknown, readonly string[]]>([
    ['a string', '{}', ['']],
    ['null', null, ['']],
    ['a batch', [foreign], ['']],
    ['an object without attributes', {}, ['specversion', 'id', 'source', 'type']],
    ['the version 0.3', { ...foreign, specversion: '0.3' }, ['specversion']],
    ['a version that is a number', { ...foreign, specversion: 1.0 }, ['specversion']],
    ['a missing id', { ...foreign, id: undefined }, ['id']],
    ['an id that is null', { ...foreign, id: null }, ['id']],
    ['an empty id', { ...foreign, id: '' }, ['id']],
    ['an id that is a number', { ...foreign, id: 5 }, ['id']],
    ['an id of more than 256 bytes with its source', { ...foreign, id: 'x'.repeat(253) }, ['id']],
    ['an id with a lone surrogate', { ...foreign, id: '\ud800' }, ['id']],
    ['an empty source', { ...foreign, source: '' }, ['source']],
    ['an empty type', { ...foreign, type: '' }, ['type']],
    ['a type of more than 1024 characters', { ...foreign, type: 'x'.repeat(1025) }, ['type']],
    ['an empty subject', { ...foreign, subject: '' }, ['subject']],
    ['a subject of more than 1024 bytes', { ...foreign, subject: 'é'.repeat(513) }, ['subject']],
    ['a time that is a number', { ...foreign, time: 1e9 }, ['time']],
    ['a time in another format', { ...foreign, time: '5 April 2018' }, ['time']],
    ['a time that does not exist', { ...foreign, time: '2018-13-05T00:00:00Z' }, ['time']],
    ['data in Base64', { ...foreign, data_base64: 'AAA=' }, ['data_base64']],
    ['an attribute with a capital in its name', { ...foreign, userId: 'ada' }, ['userId']],
    ['an attribute that is an object', { ...foreign, user: { id: 1 } }, ['user']],
    ['an attribute of more than 8 KiB', { ...foreign, user: 'x'.repeat(8193) }, ['user']],
    ['an unknown operation', { ...foreign, rxoperation: 'READ' }, ['rxoperation']],
    ['rxfields that are not JSON', { ...foreign, rxfields: '{' }, ['rxfields']],
    ['rxfields that are not an object', { ...foreign, rxfields: '5' }, ['rxfields']],
    ['rxfields that are not valid', { ...foreign, rxfields: '{"key":""}' }, ['rxfields.key']],
    [
      'a CloudEvent with several faults',
      { ...foreign, id: '', time: 5, data_base64: '' },
      ['id', 'time', 'data_base64'],
    ],
  ])('fromCloudEvent rejects %s', (_name, given, paths) => {
    const call = () => fromCloudEvent(given);

    expect(call).toThrow(InvalidRequestError);
    expect(call).toThrow(
      expect.objectContaining({ faults: paths.map((path) => expect.objectContaining({ path })) }),
    );
  });
});
