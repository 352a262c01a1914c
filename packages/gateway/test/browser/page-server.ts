import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RenderedPage } from '../../src/page/index.ts'

/** What a browser sent. */
export interface Visit {
  readonly method: string
  readonly url: URL
  readonly fields: URLSearchParams
}

export interface PageServer {
  readonly url: string
  /** Every request in the order of arrival, without the ones for `/favicon.ico`. */
  readonly visits: Visit[]
  stop(): Promise<void>
}

/** Serves pages on a port of its own, the way the gateway will: `undefined` is a 404 without a body. */
export async function startPageServer(
  answer: (visit: Visit) => RenderedPage | undefined | Promise<RenderedPage | undefined>,
): Promise<PageServer> {
  const visits: Visit[] = []
  const server = createServer(async (request, response) => {
    const visit = await readVisit(request)
    if (visit.url.pathname !== '/favicon.ico') visits.push(visit)
    send(response, (await answer(visit)) ?? { status: 404, headers: {}, body: '' })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    visits,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readVisit(request: IncomingMessage): Promise<Visit> {
  let text = ''
  for await (const piece of request) text += piece
  return {
    method: request.method ?? '',
    url: new URL(request.url ?? '/', 'http://gateway.example'),
    fields: new URLSearchParams(text),
  }
}

function send(response: ServerResponse, page: RenderedPage): void {
  response.writeHead(page.status, page.headers)
  response.end(page.body)
}

/**
 * The page as a browser without scripts builds it: `<noscript>` counts and the script does not. The auditor is a
 * script itself, so that it can look at such a page in no other way.
 */
export function withoutScript(page: RenderedPage): RenderedPage {
  const body = page.body
    .replace(/<script>[\s\S]*<\/script>/, '')
    .replace(/<noscript>([\s\S]*?)<\/noscript>/g, '$1')
  return { ...page, body }
}
