import { isDeepStrictEqual } from 'node:util';
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { type Fault, InvalidOptionsError } from '../../../errors.ts';

/** What a stream must be like: as far as it is told. */
export type WantedStream = Partial<StreamConfig> & Pick<StreamConfig, 'name'>;

const isMissing = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;

const isUnlike = (wanted: unknown, is: unknown): boolean =>
  wanted !== undefined && !isDeepStrictEqual(wanted, is);

function differences(wanted: WantedStream, is: StreamConfig): readonly Fault[] {
  return Object.entries(wanted)
    .map(([path, value]) => ({ path, value, present: is[path as keyof StreamConfig] }))
    .filter(({ value, present }) => isUnlike(value, present))
    .map(({ path, value, present }) => ({
      path: `${wanted.name}.${path}`,
      message: `wanted ${JSON.stringify(value)}, is ${JSON.stringify(present) ?? 'not set'}`,
    }));
}

/**
 * Makes a stream as it is wanted, or finds one that is.
 *
 * @param defaults - What else it is made with.
 * @returns Its configuration.
 * @throws InvalidOptionsError if one of that name is configured differently, with every difference.
 */
export async function ensureStream(
  manager: JetStreamManager,
  wanted: WantedStream,
  defaults: Partial<StreamConfig> = {},
): Promise<StreamConfig> {
  const { config } = await manager.streams.info(wanted.name).catch((error) => {
    if (isMissing(error)) return manager.streams.add({ ...defaults, ...wanted });
    throw error;
  });
  const faults = differences(wanted, config);
  if (faults.length > 0) throw new InvalidOptionsError(`stream '${wanted.name}' for a store`, faults);
  return config;
}
