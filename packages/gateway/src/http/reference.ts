import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { FastifyInstance } from 'fastify'

const page = (title: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<script type="module" src="/reference/rapidoc.js"></script>
</head>
<body>
<rapi-doc spec-url="/openapi.json" render-style="read" load-fonts="false" show-header="false" allow-try="false"
 allow-authentication="false" allow-server-selection="false" regular-font="system-ui, sans-serif" mono-font="ui-monospace, monospace">
</rapi-doc>
<noscript>This page shows <a href="/openapi.json">/openapi.json</a> and needs JavaScript for it.</noscript>
</body>
</html>
`

/** Nothing from elsewhere: the page works without a network, and cannot reach one. The viewer writes its own styles. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"

export interface Reference {
  /** OpenAPI. */
  readonly document: object
  readonly title: string
}

/** `/openapi.json` and a page that shows it offline. */
export async function addReferenceRoutes(app: FastifyInstance, reference: Reference): Promise<void> {
  const document = JSON.stringify(reference.document)
  const viewer = await readFile(createRequire(import.meta.url).resolve('rapidoc/dist/rapidoc-min.js'))
  const tag = `"${createHash('sha256').update(viewer).digest('base64url')}"`

  app.get('/openapi.json', async (_request, reply) => reply.type('application/json').send(document))
  app.get('/reference', async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .headers({
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
      .send(page(reference.title)),
  )
  app.get('/reference/rapidoc.js', async (request, reply) => {
    reply.headers({ etag: tag, 'cache-control': 'public, max-age=3600', 'x-content-type-options': 'nosniff' })
    if (request.headers['if-none-match'] === tag) return reply.code(304).send()
    return reply.type('text/javascript; charset=utf-8').send(viewer)
  })
}
