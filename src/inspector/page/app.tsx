import { useEffect, useRef } from 'preact/hooks';
import { announcement } from './data/announce.ts';
import { type Route, useRoute } from './data/route.ts';
import { useStore } from './data/store.ts';
import { Empty } from './parts/messages.tsx';
import { DeadLetterView } from './views/dead-letter.tsx';
import { DeadLettersView } from './views/dead-letters.tsx';
import { EventsView } from './views/events.tsx';
import { Header, LiveProblem } from './views/header.tsx';
import { LeasesView } from './views/leases.tsx';
import { OverviewView } from './views/overview.tsx';
import { WatcherView } from './views/watcher.tsx';
import { WatchersView } from './views/watchers.tsx';

/** Returns the view of a place in the page. */
function viewOf({ path, query }: Route) {
  const [name, ...ids] = path;
  const [first, second] = ids;
  if (name === 'overview' && ids.length === 0) return <OverviewView />;
  if (name === 'watchers' && first === undefined) return <WatchersView query={query} />;
  if (name === 'watchers' && first !== undefined && ids.length === 1)
    return <WatcherView key={first} id={first} />;
  if (name === 'events' && ids.length <= 1) return <EventsView selected={first} query={query} />;
  if (name === 'dead-letters' && ids.length === 0) return <DeadLettersView query={query} />;
  if (name === 'dead-letters' && first !== undefined && second !== undefined && ids.length === 2) {
    return <DeadLetterView key={`${first}/${second}`} watcherId={first} seqNum={second} />;
  }
  if (name === 'leases' && ids.length === 0) return <LeasesView />;
  return (
    <Empty title="There is no such page" icon="search">
      <a href="#/overview">Go to the overview</a>
    </Empty>
  );
}

/** Message about the last action, which screen readers read aloud. */
function Announcer() {
  const message = useStore(announcement);
  return (
    <div class="announcer" role="status">
      {message && <p class={message.isBad ? 'toast toast-bad' : 'toast'}>{message.text}</p>}
    </div>
  );
}

/** Whole page: header, current view and announcements. */
export function App() {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const place = route.path.join('/');
  const [view] = route.path;
  const lastPlace = useRef(place);
  useEffect(() => {
    if (lastPlace.current === place) return;
    const wasInEvents = lastPlace.current.startsWith('events') && view === 'events';
    lastPlace.current = place;
    // When an event is opened from the list of events, the list keeps its scroll position and its focus.
    if (wasInEvents) return;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [place, view]);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Header view={view ?? ''} />
      <main id="main" ref={main} tabIndex={-1} class={view === 'events' ? 'main main-fixed' : 'main'}>
        <LiveProblem />
        {viewOf(route)}
      </main>
      <Announcer />
    </>
  );
}
