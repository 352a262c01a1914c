import { AccessTokenB2b } from '@gerbang/snap'
import type { FastifyInstance } from 'fastify'
import { readTokenFirst } from '../auth/signed-headers.ts'
import { bodyOf } from '../auth/signed-route.ts'
import { type AccessTokenDeps, accessTokenB2b } from './access-token-b2b.ts'

export function addAccessTokenRoutes(app: FastifyInstance, deps: AccessTokenDeps): void {
  app.post(
    AccessTokenB2b.path,
    { config: { operation: AccessTokenB2b.operation }, onRequest: readTokenFirst },
    async (request, reply) => {
      const { status, text, partnerId } = await accessTokenB2b(deps, request.tokenHeaders, bodyOf(request))
      request.line.partner = partnerId
      return reply.code(status).send(text)
    },
  )
}
