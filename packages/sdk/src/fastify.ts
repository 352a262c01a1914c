import {
  type NotificationHeaders,
  notificationReceiver,
  type ReceiverOptions,
  type ReceiverReply,
} from './index.ts'

export interface Paths {
  /** Where the gateway asks for a token. */
  readonly tokenPath: string
  /** Where it sends what became of payments. */
  readonly notifyPath: string
  /** Where it sends what became of bindings, when that is another path. */
  readonly bindingPath?: string
}

/** What is used of a request of Fastify. */
export interface Request {
  readonly method: string
  readonly originalUrl: string
  readonly headers: NotificationHeaders
  readonly body: unknown
}

/** What is used of a reply of Fastify. */
export interface Reply {
  code(status: number): this
  headers(values: Record<string, string>): this
  send(body: string): this
}

/** What is used of a scope of Fastify. */
export interface Scope {
  removeAllContentTypeParsers(): void
  addContentTypeParser(
    type: string,
    options: { parseAs: 'buffer' },
    parser: (request: never, body: Buffer, done: (error: Error | null, body?: unknown) => void) => void,
  ): void
  post(path: string, handler: (request: Request, reply: Reply) => Promise<unknown>): unknown
}

/**
 * A plugin with the endpoints that a gateway calls, for `app.register()`. In its own scope bodies stay bytes; the
 * parsers of the rest are not touched. What a callback throws goes to the error handler.
 * @throws ValidationError when an option is missing
 */
export function notifications(options: ReceiverOptions & Paths): (scope: Scope) => Promise<void> {
  const receiver = notificationReceiver(options)
  const { tokenPath, notifyPath, bindingPath } = options
  return async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.post(tokenPath, async ({ headers }, reply) => answer(reply, receiver.token({ headers })))
    for (const path of new Set([notifyPath, bindingPath ?? notifyPath])) {
      scope.post(path, async ({ headers, method, originalUrl, body }, reply) => {
        // A body of no bytes is not parsed at all.
        const rawBody = body === undefined || body === null ? '' : (body as Uint8Array)
        return answer(reply, await receiver.notify({ headers, method, url: originalUrl, rawBody }))
      })
    }
  }
}

function answer(reply: Reply, { status, headers, body }: ReceiverReply): Reply {
  return reply
    .code(status)
    .headers({ ...headers })
    .send(body)
}
