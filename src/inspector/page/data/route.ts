import { useEffect } from 'preact/hooks';
import { createStore, useStore } from './store.ts';

/** Place in the page, which is the hash of the address, for example `#/events/42?type=Order`. */
export interface Route {
  /** Name of the view, followed by the decoded ids of the shown object. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** Returns the decoded part of an address; the part itself if it cannot be decoded. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Parses the hash of an address. An empty hash leads to the overview. */
function parseHash(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s);
  const parts = path.split('/').filter((part) => part !== '');
  return { path: parts.length === 0 ? ['overview'] : parts.map(decoded), query: new URLSearchParams(query) };
}

/** Returns the address of a place in the page. Values that are `undefined` or empty are omitted from the query. */
export function hrefOf(
  path: readonly (string | number)[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const search = new URLSearchParams(given).toString();
  return `#/${path.map((part) => encodeURIComponent(part)).join('/')}${search && `?${search}`}`;
}

const route = createStore(parseHash(location.hash));
addEventListener('hashchange', () => route.set(parseHash(location.hash)));

/** Returns the current place, and renders the calling component again when the place changes. */
export const useRoute = (): Route => useStore(route);

/** Goes to another place. With `replace`, the back button does not return to the place that is left. */
export function navigate(href: string, { replace = false } = {}): void {
  if (!replace) {
    location.hash = href;
    return;
  }
  history.replaceState(null, '', href);
  route.set(parseHash(location.hash));
}

/** Sets the title of the document while a view is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · rx-watcher`;
  }, [title]);
}
