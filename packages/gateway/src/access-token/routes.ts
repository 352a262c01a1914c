import { AccessTokenB2b, AccessTokenB2b2c, type Contract, pathsOf } from '@gerbang/snap'
import type { FastifyInstance } from 'fastify'
import { readTokenFirst } from '../auth/signed-headers.ts'
import { bodyOf } from '../auth/signed-route.ts'
import type { StoredReply } from '../reply.ts'
import { type AccessTokenB2bDeps, accessTokenB2b } from './access-token-b2b.ts'
import { type AccessTokenB2b2cDeps, accessTokenB2b2c } from './access-token-b2b2c.ts'
import type { TokenRequest } from './client.ts'

export type AccessTokenDeps = AccessTokenB2bDeps & AccessTokenB2b2cDeps

export function addAccessTokenRoutes(app: FastifyInstance, deps: AccessTokenDeps): void {
  addTokenRoute(app, AccessTokenB2b, (request) => accessTokenB2b(deps, request))
  addTokenRoute(app, AccessTokenB2b2c, (request) => accessTokenB2b2c(deps, request))
}

type Issue = (request: TokenRequest) => Promise<StoredReply>

function addTokenRoute(app: FastifyInstance, contract: Contract, issue: Issue): void {
  const options = { config: { operation: contract.operation }, onRequest: readTokenFirst }
  for (const path of pathsOf(contract))
    app.post(path, options, async (request, reply) => {
      const { line } = request
      const { status, text } = await issue({ headers: request.tokenHeaders, body: bodyOf(request), line })
      return reply.code(status).send(text)
    })
}
