import type { FastifyInstance } from 'fastify'

export interface HealthDeps {
  /** Undefined when requests can be served, else what is missing. */
  readonly findFault: () => Promise<string | undefined>
  /** Prometheus text of all processes. */
  readonly readMetrics: () => Promise<string>
}

/** `/healthz`: the process lives. `/readyz`: it can take payments. `/metrics`: Prometheus. */
export function addHealthRoutes(app: FastifyInstance, deps: HealthDeps): void {
  app.get('/healthz', async (_request, reply) => reply.type('application/json').send('{"status":"ok"}'))
  app.get('/readyz', async (_request, reply) => {
    const fault = await deps.findFault()
    const status = fault === undefined ? 200 : 503
    return reply
      .code(status)
      .type('application/json')
      .send(JSON.stringify({ status: fault ?? 'ok' }))
  })
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await deps.readMetrics()),
  )
}
