import { Pool } from 'undici'
import type { Secret } from '../../secret.ts'

export interface NetworkAnswer {
  readonly status: number
  readonly body: Buffer
}

export interface NetworkClientOptions {
  /** Origin, and the path under which everything of the network lies, if there is one. */
  readonly url: string
  readonly key: Secret | undefined
  readonly connections: number
}

/** Inquiries have connections of their own: orders that hang must not keep the reconciler from asking what became of them. */
export interface NetworkClients {
  readonly client: NetworkClient
  readonly inquiries: NetworkClient
  close(): Promise<void>
}

const INQUIRY_CONNECTIONS = 16

export function openClients(options: NetworkClientOptions): NetworkClients {
  const client = new NetworkClient(options)
  const inquiries = new NetworkClient({ ...options, connections: INQUIRY_CONNECTIONS })
  return {
    client,
    inquiries,
    async close() {
      await Promise.all([client.close(), inquiries.close()])
    },
  }
}

/** The network's answers are a few hundred bytes; a longer one is not read. */
const ANSWER_LIMIT_BYTES = 16_384

/** There was no whole answer in time. What was sent may have arrived. */
class NetworkLate extends Error {
  override readonly name = 'NetworkLate'
}

/**
 * HTTP to the network over kept connections. It never repeats a request by itself: whether that is safe is the
 * caller's decision. Rejects when there is no whole answer in time.
 *
 * `dispatch` is undici's plain interface: about a fifth cheaper per charge than `request`.
 */
export class NetworkClient {
  readonly #pool: Pool
  readonly #prefix: string
  readonly #headers: Readonly<Record<string, string>>

  constructor(options: NetworkClientOptions) {
    const { origin, pathname } = new URL(options.url)
    this.#prefix = pathname.replace(/\/$/, '')
    this.#pool = new Pool(origin, {
      connections: options.connections,
      pipelining: 1,
      keepAliveTimeout: 30_000,
      connect: { timeout: 5_000 },
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    this.#headers = {
      'content-type': 'application/json',
      ...(options.key ? { authorization: `Bearer ${options.key.reveal()}` } : {}),
    }
  }

  /** One timer and no AbortSignal: its listeners cost more than everything else here. */
  send(
    request: { method: 'GET' | 'POST'; path: string; body?: string },
    timeoutMs: number,
  ): Promise<NetworkAnswer> {
    return new Promise((resolve, reject) => {
      let abort: ((reason?: Error) => void) | undefined
      let isLate = false
      const timer = setTimeout(() => {
        isLate = true
        reject(new NetworkLate())
        abort?.()
      }, timeoutMs)
      let status = 0
      let size = 0
      const chunks: Buffer[] = []
      this.#pool.dispatch(
        {
          method: request.method,
          path: `${this.#prefix}${request.path}`,
          headers: this.#headers,
          body: request.body ?? null,
        },
        {
          onConnect: (abortRequest) => {
            abort = abortRequest
            if (isLate) abortRequest()
          },
          onHeaders: (statusCode) => {
            status = statusCode
            return true
          },
          onData: (chunk) => {
            chunks.push(chunk)
            size += chunk.length
            if (size > ANSWER_LIMIT_BYTES) abort?.(new Error('The answer of the network is too long'))
            return true
          },
          onComplete: () => {
            clearTimeout(timer)
            resolve({ status, body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks) })
          },
          onError: (error) => {
            clearTimeout(timer)
            reject(error)
          },
        },
      )
    })
  }

  close(): Promise<void> {
    return this.#pool.destroy()
  }
}
