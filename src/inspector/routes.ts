import type { Manager } from '../watcher/managed/manager.ts';
import { deleteDeadLetters, redriveDeadLetters } from './act/dead-letter-actions.ts';
import { actOnWatcher, EmptyBodyCodec, WATCHER_ACTIONS } from './act/watcher-actions.ts';
import type { DeadLetterAction, LeaseList, WatcherList } from './api.ts';
import type { InspectorContext } from './inspector-context.ts';
import { pageFile } from './page-files.ts';
import { deadLetterPage, findDeadLetter, toDeadLetterText } from './read/dead-letter-rows.ts';
import { eventPage } from './read/event-page.ts';
import { readEvent, toDetailText } from './read/event-rows.ts';
import { followEvents } from './read/follow.ts';
import { createLive } from './read/live.ts';
import { readLeaseRows, readOverview } from './read/overview.ts';
import { readWatcherRows } from './read/watcher-rows.ts';
import { assertAllowed } from './request/assert-allowed.ts';
import { eventStream } from './request/event-stream.ts';
import { readBody } from './request/read-body.ts';
import { readQuery } from './request/read-query.ts';
import { RequestError } from './request/request-error.ts';
import { ID, type PathValues, type Route, SEQ_NUM } from './request/router.ts';

type Path = Route['path'];

const jsonResponse = (text: string): Response =>
  new Response(text, { headers: { 'content-type': 'application/json; charset=utf-8' } });

/** Creates a route without parameters that returns a value as JSON. */
const figures = (path: Path, read: () => Promise<object>): Route => ({
  method: 'GET',
  path,
  async respond(request) {
    readQuery(request, []);
    return jsonResponse(JSON.stringify(await read()));
  },
});

/** Returns the routes that only read. */
function readingRoutes(context: InspectorContext): readonly Route[] {
  const openLive = createLive(context);
  return [
    figures(['api', 'overview'], async () => readOverview(context, await readWatcherRows(context))),
    figures(
      ['api', 'watchers'],
      async (): Promise<WatcherList> => ({
        watchers: await readWatcherRows(context),
        now: new Date(context.now()).toISOString(),
      }),
    ),
    figures(['api', 'leases'], async (): Promise<LeaseList> => ({ leases: await readLeaseRows(context) })),
    {
      method: 'GET',
      path: ['api', 'live'],
      respond(request) {
        readQuery(request, []);
        return eventStream(openLive, context.store.internals.scheduler);
      },
    },
    {
      method: 'GET',
      path: ['api', 'events', 'follow'],
      respond: (request) => followEvents(context, request),
    },
    {
      method: 'GET',
      path: ['api', 'events'],
      respond: async (request) => jsonResponse(JSON.stringify(await eventPage(context, request))),
    },
    {
      method: 'GET',
      path: ['api', 'events', SEQ_NUM],
      async respond(request, { seqNum }) {
        readQuery(request, []);
        const event = await readEvent(context, seqNum);
        if (event !== undefined) return jsonResponse(toDetailText(context, event));
        throw new RequestError(404, 'ERR_NOT_FOUND', `Event ${seqNum} does not exist yet.`);
      },
    },
    {
      method: 'GET',
      path: ['api', 'dead-letters'],
      respond: async (request) => jsonResponse(JSON.stringify(await deadLetterPage(context, request))),
    },
    {
      method: 'GET',
      path: ['api', 'dead-letters', ID, SEQ_NUM],
      async respond(request, { id, seqNum }) {
        readQuery(request, []);
        return jsonResponse(toDeadLetterText(context, await findDeadLetter(context, id, seqNum)));
      },
    },
  ];
}

/** Returns the routes of the actions. A read-only inspector also has these routes, and answers that it is read-only. */
function actingRoutes(context: InspectorContext): readonly Route[] {
  const action = (
    path: Path,
    act: (manager: Manager, request: Request, values: PathValues) => Promise<object>,
  ): Route => ({
    method: 'POST',
    path,
    async respond(request, values) {
      assertAllowed(request, context.readOnly);
      readQuery(request, []);
      // An inspector that is not read-only has a manager.
      return jsonResponse(JSON.stringify(await act(context.manager as Manager, request, values)));
    },
  });
  const deadLetterAction = (
    which: typeof SEQ_NUM | 'all',
    name: DeadLetterAction,
    act: (manager: Manager, id: string, seqNum: number | undefined) => Promise<object>,
  ): Route =>
    action(['api', 'dead-letters', ID, which, name], async (manager, request, { id, seqNum }) => {
      await readBody(request, EmptyBodyCodec);
      return act(manager, id, which === 'all' ? undefined : seqNum);
    });
  return [
    ...WATCHER_ACTIONS.map((name) =>
      action(['api', 'watchers', ID, name], (manager, request, { id }) =>
        actOnWatcher(manager, id, name, request),
      ),
    ),
    ...([SEQ_NUM, 'all'] as const).flatMap((which) => [
      deadLetterAction(which, 'redrive', (manager, id, seqNum) =>
        redriveDeadLetters(context, manager, id, seqNum),
      ),
      deadLetterAction(which, 'delete', (_manager, id, seqNum) => deleteDeadLetters(context, id, seqNum)),
    ]),
  ];
}

/** Routes of the files of the page. The page itself has the path with a trailing slash. */
const PAGE_ROUTES = (
  [
    ['', 'index.html'],
    ['app.js', 'app.js'],
    ['app.css', 'app.css'],
    ['icon.svg', 'icon.svg'],
  ] as const
).map(([path, name]): Route => ({ method: 'GET', path: [path], respond: () => pageFile(name) }));

export const createRoutes = (context: InspectorContext): readonly Route[] => [
  ...readingRoutes(context),
  ...actingRoutes(context),
  ...PAGE_ROUTES,
];
