import { connect, type Socket } from 'node:net'

export interface Reply {
  readonly status: number
  readonly body: string
}

export interface Connection {
  /** One request at a time; the reply, or why there is none. */
  send(request: Buffer, take: (reply: Reply | Error) => void): void
  close(): void
}

const HEAD_END = '\r\n\r\n'
const LENGTH = /\r\ncontent-length: (\d+)/i

/**
 * A kept HTTP/1.1 connection on a bare socket. It reads only what the servers measured here send: a status, a
 * content-length, a body. An HTTP client proper costs three to five times as much as the rest of the generator.
 */
export async function openConnection(url: URL): Promise<Connection> {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return speakOn(socket)
}

function speakOn(socket: Socket): Connection {
  let text = ''
  let taker: ((reply: Reply | Error) => void) | undefined
  const end = (reply: Reply | Error) => {
    const take = taker
    taker = undefined
    text = ''
    take?.(reply)
  }
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    const reply = parse(text)
    if (reply !== undefined) end(reply)
  })
  socket.on('error', (error) => end(error))
  socket.on('close', () => end(new Error('the connection was closed')))
  return {
    send(request, take) {
      if (socket.destroyed) return take(new Error('the connection was closed'))
      taker = take
      socket.write(request)
    },
    close: () => socket.destroy(),
  }
}

function parse(text: string): Reply | undefined {
  const headEnd = text.indexOf(HEAD_END)
  if (headEnd === -1) return undefined
  const length = Number(LENGTH.exec(text)?.[1] ?? 0)
  const start = headEnd + HEAD_END.length
  if (text.length < start + length) return undefined
  return { status: Number(text.slice(9, 12)), body: text.slice(start, start + length) }
}
