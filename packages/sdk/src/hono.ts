import { notificationReceiver, RawBodyError, type ReceiverOptions, type ReceiverReply } from './index.ts'

const BODY_MAX = 1024 * 1024
const FIX =
  'Read the body with c.req.text(), c.req.json() or c.req.arrayBuffer(), not from c.req.raw, before the notification handler.'

/** What is used of a context of Hono. */
export interface Context {
  readonly req: {
    readonly raw: Request
    readonly bodyCache: Readonly<Record<string, unknown>>
    arrayBuffer(): Promise<ArrayBuffer>
  }
}

export type Handler = (context: Context) => Promise<Response>

export interface Handlers {
  /** For `app.post()` of your token URL. */
  readonly token: Handler
  /** For `app.post()` of your notification URL, and of your binding URL. */
  readonly notify: Handler
}

/**
 * The two endpoints that a gateway calls. What a callback throws goes to `app.onError`.
 * @throws ValidationError when an option is missing
 */
export function notifications(options: ReceiverOptions): Handlers {
  const receiver = notificationReceiver(options)
  return {
    token: async ({ req }) => toResponse(receiver.token({ headers: req.raw.headers })),
    notify: async ({ req }) => {
      const { headers, method, url } = req.raw
      return toResponse(await receiver.notify({ headers, method, url, rawBody: await bytesOf(req) }))
    },
  }
}

/** The bytes that arrived. A form that Hono has kept as bytes or text gives them again; one that it has parsed does not. */
async function bytesOf(req: Context['req']): Promise<Uint8Array> {
  const isKept = ['arrayBuffer', 'text', 'blob'].some((form) => form in req.bodyCache)
  if ('json' in req.bodyCache || (req.raw.bodyUsed && !isKept)) throw new RawBodyError(FIX)
  return isKept ? new Uint8Array(await req.arrayBuffer()) : readWhole(req.raw)
}

async function readWhole({ body }: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length
    // No bytes are no JSON object, and are refused as such.
    if (size > BODY_MAX) return new Uint8Array()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function toResponse({ status, headers, body }: ReceiverReply): Response {
  return new Response(body, { status, headers })
}
