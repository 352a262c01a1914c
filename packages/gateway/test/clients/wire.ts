import { Agent, request } from 'node:http'
import type { Answer } from '../merchant.ts'
import type { HeaderLines } from './client.ts'

export interface Post {
  readonly baseUrl: string
  readonly path: string
  /** Sent as they are, in this spelling and order. */
  readonly lines: HeaderLines
  readonly body: string
  readonly agent: Agent
}

/** What came back, and how. */
export interface Posted extends Answer {
  /** The connection had carried another request before. */
  readonly isReused: boolean
  /** The gateway asked for the body that a client held back. */
  readonly wasContinued: boolean
}

export function oneConnection(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 })
}

/** HTTP/1.1 with the very header lines that are given; with `Expect` the body waits until it is asked for. */
export function post({ baseUrl, path, lines, body, agent }: Post): Promise<Posted> {
  const { host } = new URL(baseUrl)
  const length = String(Buffer.byteLength(body))
  const whole = [['Host', host], ...lines, ['Content-Length', length], ['Connection', 'keep-alive']]
  const waits = lines.some(([name]) => name === 'Expect')
  let wasContinued = false
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${baseUrl}${path}`,
      { method: 'POST', agent, headers: whole.flat() },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text,
            body: parse(text),
            isReused: outgoing.reusedSocket,
            wasContinued,
          })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.on('continue', () => {
      wasContinued = true
      outgoing.end(body)
    })
    if (waits) outgoing.flushHeaders()
    else outgoing.end(body)
  })
}

/** Undefined for what no client can read. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
