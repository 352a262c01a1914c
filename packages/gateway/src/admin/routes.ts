import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AdminDeps, AdminOperation } from './operation.ts'
import { membersOf, OPERATIONS, PATH_MEMBERS } from './operations.ts'
import { Refused } from './problem.ts'

/** Binds every operation of the list to its path. */
export function addAdminRoutes(app: FastifyInstance, deps: AdminDeps): void {
  for (const operation of OPERATIONS) {
    app.route({
      method: operation.method,
      url: operation.path.replace(/\{(\w+)\}/g, ':$1'),
      schema: schemaOf(operation),
      handler: (request, reply) => answer(deps, operation, request, reply),
    })
  }
}

async function answer(
  deps: AdminDeps,
  operation: AdminOperation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const {
    status = 200,
    headers = {},
    body,
  } = await operation.handle(deps, {
    actor: { who: request.adminName, ifVersion: versionOf(request.headers['if-match']) },
    params: request.params as Readonly<Record<string, string>>,
    query: request.query as Readonly<Record<string, string | undefined>>,
    body: (request.body ?? {}) as never,
  })
  return reply
    .code(status)
    .headers(headers)
    .type('application/json')
    .send(`${JSON.stringify(body)}\n`)
}

/** The version that an ETag of ours names. Anything else was given by nobody and is refused, so that it does not pass for a match. */
function versionOf(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch === '*') return undefined
  const [, version] = /^"(\d{1,9})"$/.exec(ifMatch) ?? []
  if (version === undefined) throw new Refused('invalid', 'If-Match is no ETag of a partner')
  return Number(version)
}

function schemaOf({ path, query, body }: AdminOperation): object {
  const members = Object.fromEntries(
    membersOf(path).map((name) => [name, { type: 'string', pattern: PATH_MEMBERS[name] }]),
  )
  const asked = Object.fromEntries(
    Object.entries(query ?? {}).map(([name, { pattern }]) => [name, { type: 'string', pattern }]),
  )
  return {
    params: { type: 'object', properties: members },
    querystring: { type: 'object', properties: asked, additionalProperties: false },
    ...(body !== undefined && { body }),
  }
}
