import 'reflect-metadata';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express from 'express';
import Fastify from 'fastify';
import type { HttpHandler } from 'rx-watcher/http';
import { onTestFinished } from 'vitest';
import { startServer } from './http-server.ts';

/** Headers of a request that the authentication of each application accepts. */
export const AUTHORIZED = { authorization: 'Bearer operator' } as const;

/** Path of the handler in each application. */
export const MOUNT = '/admin/tools';

function authenticate(req: IncomingMessage, res: ServerResponse, next: () => void): void {
  if (req.headers.authorization === AUTHORIZED.authorization) next();
  else res.writeHead(401).end();
}

/**
 * Starts an application, and returns its address. It authenticates requests before it passes them to `handler`, and has a
 * resource `/hello` of its own.
 */
type StartApplication = (handler: HttpHandler) => Promise<string>;

const startNodeHttp: StartApplication = (handler) =>
  startServer((req, res) => {
    if (!req.url?.startsWith(MOUNT)) res.end('hello');
    else authenticate(req, res, () => handler.node(req, res));
  });

const startExpress: StartApplication = (handler) => {
  const app = express();
  app.use(MOUNT, authenticate, handler.node);
  app.get('/hello', (_req, res) => void res.send('hello'));
  return startServer(app);
};

const startExpressWithBodyParser: StartApplication = (handler) => {
  const app = express();
  app.use(express.json());
  app.use(MOUNT, authenticate, handler.node);
  app.get('/hello', (_req, res) => void res.send('hello'));
  return startServer(app);
};

const startFastify: StartApplication = async (handler) => {
  const app = Fastify();
  await app.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      if (request.headers.authorization !== AUTHORIZED.authorization) await reply.code(401).send();
    });
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    for (const path of [MOUNT, `${MOUNT}/*`]) {
      scope.all(path, (request, reply) => {
        reply.hijack();
        handler.node(request.raw, reply.raw);
      });
    }
  });
  app.get('/hello', async () => 'hello');
  onTestFinished(() => {
    app.server.closeAllConnections();
    return app.close();
  });
  return app.listen({ host: '127.0.0.1', port: 0 });
};

const startNest: StartApplication = async (handler) => {
  class AppModule {}
  Module({})(AppModule);
  const app = await NestFactory.create(AppModule, { logger: false });
  app.use(MOUNT, authenticate, handler.node);
  app.use('/hello', (_req: IncomingMessage, res: ServerResponse) => res.end('hello'));
  onTestFinished(async () => {
    app.getHttpServer().closeAllConnections();
    await app.close();
  });
  await app.listen(0, '127.0.0.1');
  return app.getUrl();
};

/** Functions that start an application, by the name of its framework. */
export const FRAMEWORKS: Readonly<Record<string, StartApplication>> = {
  'node:http': startNodeHttp,
  express: startExpress,
  'express with a body parser': startExpressWithBodyParser,
  fastify: startFastify,
  Nest: startNest,
};
