import { Agent, type Dispatcher } from 'undici'
import type { TargetGuard } from './target-guard.ts'

export interface Letter {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The host stands in what a partner sent, and was never stored by an operator. */
  readonly isOfRequest?: boolean
}

export interface Answer {
  readonly status: number
  /** The beginning of it, 64 KiB at most. */
  readonly text: string
}

export interface Post {
  /** One POST over a checked connection: no redirect is followed, nothing is repeated. Rejects when there is no status in time. */
  send(letter: Letter): Promise<Answer>
  /** Cuts off whoever has not answered. */
  abort(): void
  close(): Promise<void>
}

export interface PostOptions {
  readonly guard: TargetGuard
  /** For hosts that come out of requests. */
  readonly requestGuard: TargetGuard
  readonly connectTimeoutMs: number
  /** From the first byte sent to the last one read. */
  readonly timeoutMs: number
  /** Connections to one host. */
  readonly connections: number
}

const ANSWER_LIMIT_BYTES = 65_536
/** Shorter than servers keep a connection that says nothing: one that is just being closed would lose a notification. */
const KEEP_ALIVE_MS = 3_000

/** The partner was asked and did not answer in time. */
class PartnerLate extends Error {
  override readonly name = 'PartnerLate'
}

/** The process is about to end. */
export class PostClosed extends Error {
  override readonly name = 'PostClosed'
}

export function openPost(options: PostOptions): Post {
  // A connection that one guard let through must not be there for what the other would refuse.
  const ways = {
    stored: { guard: options.guard, agent: openAgent(options, options.guard) },
    request: { guard: options.requestGuard, agent: openAgent(options, options.requestGuard) },
  }
  const running = new Set<(reason: Error) => void>()
  let isClosed = false

  return {
    async send(letter) {
      const { guard, agent } = letter.isOfRequest ? ways.request : ways.stored
      guard.checkUrl(letter.url)
      if (isClosed) throw new PostClosed()
      return exchange(agent, letter, { timeoutMs: options.timeoutMs, running })
    },
    abort() {
      isClosed = true
      for (const end of running) end(new PostClosed())
    },
    async close() {
      await Promise.all([ways.stored.agent.destroy(), ways.request.agent.destroy()])
    },
  }
}

function openAgent({ connections, connectTimeoutMs }: PostOptions, guard: TargetGuard): Agent {
  return new Agent({
    connections,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    connect: { lookup: guard.lookup, timeout: connectTimeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}

function exchange(
  agent: Agent,
  { url, headers, body }: Letter,
  { timeoutMs, running }: { timeoutMs: number; running: Set<(reason: Error) => void> },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let status = 0
    let size = 0
    let abort: ((reason?: Error) => void) | undefined
    const chunks: Buffer[] = []
    const leave = () => {
      clearTimeout(timer)
      running.delete(end)
    }
    // A status is an answer, whatever becomes of the rest.
    const finish = (error?: Error) => {
      leave()
      if (status === 0) reject(error ?? new PartnerLate())
      else resolve({ status, text: Buffer.concat(chunks).subarray(0, ANSWER_LIMIT_BYTES).toString('utf8') })
    }
    const end = (reason: Error) => {
      finish(reason)
      abort?.(reason)
    }
    const timer = setTimeout(() => end(new PartnerLate()), timeoutMs)
    running.add(end)
    const handler: Dispatcher.DispatchHandler = {
      onConnect: (abortRequest) => {
        abort = abortRequest
        if (!running.has(end)) abortRequest()
      },
      onHeaders: (statusCode) => {
        if (statusCode >= 200) status = statusCode
        return true
      },
      onData: (chunk) => {
        chunks.push(chunk)
        size += chunk.length
        if (size > ANSWER_LIMIT_BYTES) end(new PartnerLate())
        return true
      },
      onComplete: () => finish(),
      onError: (error) => finish(error),
    }
    const target = { origin: url.origin, path: `${url.pathname}${url.search}` }
    try {
      agent.dispatch({ ...target, method: 'POST', headers, body }, handler)
    } catch (error) {
      finish(error as Error)
    }
  })
}

/** Why there was no answer, in a few words that never repeat what was sent or received. */
export function reasonOf(error: unknown): string {
  const { name, code, message } = error as { name?: string; code?: string; message?: string }
  if (name === 'TargetRefused') return `refused: ${message}`
  if (name === 'PartnerLate') return 'no answer in time'
  if (name === 'TokenRefused') return String(message)
  return `no answer (${code ?? name ?? 'unknown'})`
}
