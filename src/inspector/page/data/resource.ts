import { useCallback, useEffect, useState } from 'preact/hooks';
import { getJson } from './request.ts';

/** Document of the server, with the state of its request. */
export interface Resource<T> {
  /** Document; `undefined` until it has arrived. During a later request, the previous document remains. */
  readonly data: T | undefined;
  /** Error of the last request; `undefined` if the request has succeeded. */
  readonly error: unknown;
  readonly isLoading: boolean;
  /** Requests the document again. */
  reload(): void;
}

interface Settled<T> {
  readonly path: string;
  readonly data?: T | undefined;
  readonly error?: unknown;
}

/** Requests a document, and requests it again when the address or `version` changes. */
export function useResource<T>(path: string, version: unknown = undefined): Resource<T> {
  const [settled, setSettled] = useState<Settled<T>>();
  const [attempt, setAttempt] = useState(0);
  const [isLoading, setLoading] = useState(true);
  // `version` and `attempt` are dependencies, so that a change of either of them repeats the request.
  useEffect(() => {
    const controller = new AbortController();
    setLoading(true);
    getJson<T>(path, controller.signal).then(
      (data) => {
        setSettled({ path, data });
        setLoading(false);
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        setSettled((earlier) => ({ path, data: earlier?.path === path ? earlier.data : undefined, error }));
        setLoading(false);
      },
    );
    return () => controller.abort();
  }, [path, version, attempt]);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  const isCurrent = settled?.path === path;
  return {
    data: isCurrent ? settled.data : undefined,
    error: isCurrent ? settled.error : undefined,
    isLoading: isLoading || !isCurrent,
    reload,
  };
}
