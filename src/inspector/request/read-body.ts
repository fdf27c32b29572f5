import type * as t from 'io-ts';
import { InvalidOptionsError } from '../../errors.ts';
import { check } from '../../validation/check.ts';
import { RequestError } from './request-error.ts';

/**
 * Media type of the body of an action. A page of another site cannot send this media type without the permission of the
 * server.
 */
const JSON_TYPE = /^application\/json *(;|$)/i;

/**
 * Returns the body of an action.
 *
 * @throws {@link RequestError} if the content type is not `application/json`, or if the body is not valid JSON.
 * @throws {@link InvalidOptionsError} if the value is not valid. The error lists all faults.
 */
export async function readBody<A>(request: Request, codec: t.Type<A, unknown>): Promise<A> {
  const type = request.headers.get('content-type') ?? '';
  if (!JSON_TYPE.test(type)) {
    throw new RequestError(
      415,
      'ERR_CONTENT_TYPE',
      'The content type of an action must be application/json.',
    );
  }
  const text = await request.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RequestError(400, 'ERR_INVALID_BODY', 'The body of an action must be JSON, for example {}.');
  }
  return check(codec, value, (faults) => new InvalidOptionsError('body of the request', faults));
}
