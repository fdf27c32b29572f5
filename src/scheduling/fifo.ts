interface Entry<T> {
  readonly value: T;
  next: Entry<T> | undefined;
}

/** First-in, first-out queue as a linked list. Each operation takes constant time, unlike `shift` of a long array. */
export class Fifo<T> {
  #first: Entry<T> | undefined;
  #last: Entry<T> | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  push(value: T): void {
    const entry = { value, next: undefined };
    if (this.#last === undefined) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
  }

  /** Removes the first value and returns it; `undefined` if the queue is empty. */
  shift(): T | undefined {
    const first = this.#first;
    this.#first = first?.next;
    if (this.#first === undefined) this.#last = undefined;
    return first?.value;
  }
}
