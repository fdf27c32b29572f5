import { isDeepStrictEqual } from 'node:util';
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { type Fault, InvalidOptionsError, StoreError } from '../../../errors.ts';

/** Name of a stream, and the settings that the stream must have. Other settings are not checked. */
export type WantedStream = Partial<StreamConfig> & Pick<StreamConfig, 'name'>;

const isMissing = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;

const isDifferent = (wanted: unknown, actual: unknown): boolean =>
  wanted !== undefined && !isDeepStrictEqual(wanted, actual);

function differences(wanted: WantedStream, config: StreamConfig): readonly Fault[] {
  return Object.entries(wanted)
    .map(([path, value]) => ({ path, value, actual: config[path as keyof StreamConfig] }))
    .filter(({ value, actual }) => isDifferent(value, actual))
    .map(({ path, value, actual }) => ({
      path: `${wanted.name}.${path}`,
      message: `must be ${JSON.stringify(value)}; received ${JSON.stringify(actual) ?? 'no value'}`,
    }));
}

/**
 * Creates a stream if it does not exist. Checks the settings of an existing stream.
 *
 * @param create - Whether to create a missing stream.
 * @param defaults - Further settings of a new stream. An existing stream can have other values of these settings.
 * @returns Configuration of the stream, and the time of its creation.
 * @throws {@link StoreError} if the stream does not exist and must not be created.
 * @throws {@link InvalidOptionsError} if the stream exists with other settings. The error lists every difference.
 */
export async function ensureStream(
  manager: JetStreamManager,
  wanted: WantedStream,
  create: boolean,
  defaults: Partial<StreamConfig> = {},
): Promise<Pick<StreamInfo, 'config' | 'created'>> {
  const info = await manager.streams.info(wanted.name).catch((error) => {
    if (!isMissing(error)) throw error;
    if (create) return manager.streams.add({ ...defaults, ...wanted });
    throw new StoreError(`the stream '${wanted.name}' does not exist`);
  });
  const faults = differences(wanted, info.config);
  if (faults.length > 0) throw new InvalidOptionsError(`stream '${wanted.name}' for a store`, faults);
  return info;
}
