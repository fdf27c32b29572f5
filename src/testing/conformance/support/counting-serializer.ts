import { jsonSerializer, type Serializer } from '../../../index.ts';

/** Serializer of JSON that counts its decoded objects. */
export class CountingSerializer implements Serializer {
  readonly #json = jsonSerializer();
  decoded = 0;

  readonly encode: Serializer['encode'] = (object, objectType) => this.#json.encode(object, objectType);

  readonly decode: Serializer['decode'] = (bytes, objectType) => {
    this.decoded++;
    return this.#json.decode(bytes, objectType);
  };
}
