import type { AdminOperation } from './operation.ts'
import { membersOf, OPERATIONS, PATH_MEMBERS } from './operations.ts'
import { PROBLEMS, type ProblemCode, problemOf } from './problem.ts'

const DESCRIPTION = `Who may sign requests, with which keys, on which channels and how often. Served on a port of its own, with keys of its own (GERBANG_ADMIN_KEYS).

Processes notice a change within GERBANG_PARTNER_KEEP_MS, five seconds unless set otherwise; the end of an overlap they keep to the moment. Every change is written to the audit log in the same commit. A partner's version is its ETag: with If-Match a change is made only of that version. A PUT may be repeated; one that changes nothing writes nothing.`

/** Any request can be refused for these. */
const ALWAYS: readonly ProblemCode[] = ['unauthorized', 'wrong-host', 'too-many-bad-keys', 'fault']

/** OpenAPI 3.1 of the admin API, made from the operations that are served. */
export function adminApi(): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const one of OPERATIONS) {
    paths[one.path] = { ...paths[one.path], [one.method.toLowerCase()]: describe(one) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gerbang admin API',
      version: '1',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ adminKey: [] }],
    paths,
    components: {
      schemas: { Problem: problemSchema },
      securitySchemes: { adminKey: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function describe(one: AdminOperation): object {
  const { id, summary, description, example, body, reply, status = 200, method } = one
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    parameters: [
      ...membersOf(one.path).map((name) => parameter('path', name, PATH_MEMBERS[name])),
      ...Object.entries(one.query ?? {}).map(([name, about]) => ({
        ...parameter('query', name, about.pattern),
        description: about.description,
      })),
      ...(method === 'GET' || id === 'createPartner' ? [] : [parameter('header', 'If-Match', undefined)]),
    ],
    ...(body !== undefined && {
      requestBody: { required: true, content: jsonOf(body, example?.request) },
    }),
    responses: {
      [status]: { description: 'Done', content: jsonOf(reply, example?.reply) },
      ...refusalsOf([...one.refusals, ...ALWAYS]),
    },
  }
}

function parameter(place: 'path' | 'query' | 'header', name: string, pattern: string | undefined): object {
  return {
    name,
    in: place,
    required: place === 'path',
    schema: { type: 'string', ...(pattern !== undefined && { pattern }) },
  }
}

/** In the plural: the viewer leaves a single `example` beside a schema out. */
function jsonOf(schema: object, value: object | undefined): object {
  return { 'application/json': { schema, ...(value !== undefined && { examples: { usual: { value } } }) } }
}

function refusalsOf(codes: readonly ProblemCode[]): Record<string, object> {
  return Object.fromEntries(
    codes.map((code) => [
      PROBLEMS[code].status,
      {
        description: `\`${code}\``,
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: { [code]: { value: problemOf(code, '…') } },
          },
        },
      },
    ]),
  )
}

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(PROBLEMS) },
    detail: { type: 'string' },
  },
}
