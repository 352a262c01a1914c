import { isIP } from 'node:net'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { type AdminKeyringDeps, type Origin, openAdminKeyring, RETRY_AFTER_SECONDS } from './bearer.ts'
import { isOwnHost } from './host.ts'
import { explain, Refused } from './problem.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The name of the admin key that was shown. */
    adminName: string
  }
}

export interface AdminServerDeps extends AdminKeyringDeps {
  /** Names of this server, besides its addresses and `localhost`. */
  readonly hosts: readonly string[]
  readonly log: (message: string, facts: Readonly<Record<string, string | number>>) => void
  readonly onFault: (error: unknown) => void
}

const BODY_LIMIT_BYTES = 32_768
const REQUEST_TIMEOUT_MS = 10_000
const PROBLEM_TYPE = 'application/problem+json'
/** The document and the page that shows it hold nothing that is not published. */
const OPEN: ReadonlySet<string> = new Set(['/openapi.json', '/reference', '/reference/rapidoc.js'])

/** The HTTP side of the admin API: a key before anything is read, one form of refusal, one line a request. */
export function openAdminServer(deps: AdminServerDeps): FastifyInstance {
  const keyring = openAdminKeyring(deps)
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    // As on the other port: of a proxy in front X-Forwarded-For is believed, of nobody else.
    trustProxy: ['loopback', 'linklocal', 'uniquelocal'],
    requestIdHeader: false,
    exposeHeadRoutes: false,
    // What is wrong is refused, not mended: nobody finds a partner changed otherwise than asked for.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } },
    frameworkErrors: (error, _request, reply) => refuse(deps, error, reply),
  })
  app.removeContentTypeParser('text/plain')
  app.decorateRequest('adminName', '')
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff')
    if (!isOwnHost(request.headers.host, deps.hosts))
      throw new Refused(
        'wrong-host',
        'The Host of the request is no name of this server: see GERBANG_ADMIN_HOSTS',
      )
    if (OPEN.has(request.routeOptions.url ?? '')) return
    // Some replies hold a secret that is shown once, and none of the others is of use to a cache.
    reply.header('cache-control', 'no-store')
    request.adminName = await keyring.check(request.headers.authorization, originOf(request))
  })
  app.addHook('onResponse', (request, reply, done) => {
    report(deps, request, reply)
    done()
  })
  app.setNotFoundHandler(() => {
    throw new Refused('unknown', 'There is no such operation: see /reference')
  })
  app.setErrorHandler((error, _request, reply) => refuse(deps, error, reply))
  return app
}

/** What a proxy calls an address and is none counts as the proxy itself. */
function originOf({ ip, socket: { remoteAddress = '' } }: FastifyRequest): Origin {
  const isForwarded = ip !== remoteAddress && isIP(ip) !== 0
  return isForwarded ? { address: ip, proxy: remoteAddress } : { address: remoteAddress, proxy: undefined }
}

function refuse({ onFault }: AdminServerDeps, error: unknown, reply: FastifyReply): FastifyReply {
  const { problem, fault } = explain(error)
  if (fault !== undefined) onFault(fault)
  if (problem.code === 'unauthorized') reply.header('www-authenticate', 'Bearer')
  if (problem.code === 'too-many-bad-keys') reply.header('retry-after', String(RETRY_AFTER_SECONDS))
  return reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .send(`${JSON.stringify(problem)}\n`)
}

/** The route and not the path, and a partner only where there is one: whoever errs may write anything into a path. */
function report({ log }: AdminServerDeps, request: FastifyRequest, reply: FastifyReply): void {
  const { partnerId } = Object(request.params) as { readonly partnerId?: string }
  log('admin', {
    ...(request.adminName !== '' && { who: request.adminName }),
    method: request.method,
    route: request.routeOptions.url ?? 'unknown',
    ...(partnerId !== undefined && reply.statusCode < 400 && { partner: partnerId }),
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 100) / 100,
  })
}
