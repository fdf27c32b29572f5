import { firstValueFrom, fromEvent, race, timer } from 'rxjs';

/** How fast events are stored: as fast as it goes, or at a rate, for those who want to watch. */
export class Pace {
  /** How many events are stored at once. */
  readonly batchSize: number;
  readonly #rate: number;

  /** @param rate - The most events in a second. */
  constructor(rate = Number.POSITIVE_INFINITY) {
    this.#rate = rate;
    this.batchSize = Math.min(500, Math.ceil(rate / 20));
  }

  /** Waits as long as the rate asks for after that many events; aborting the signal ends the wait. */
  async rest(events: number, signal: AbortSignal): Promise<void> {
    const pause = (events / this.#rate) * 1000;
    if (pause === 0 || signal.aborted) return;
    await firstValueFrom(race(timer(pause), fromEvent(signal, 'abort')));
  }
}
