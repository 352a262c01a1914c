import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'

/** How often requests that take too long to arrive are looked for. */
export const CHECK_EVERY_MS = 2_000
/** How long a connection that is given up stays, for its last answer to be read. */
const LINGER_MS = 1_000

/** Sockets whose request was answered although not all of it is here. */
const answered = new WeakSet<Socket>()

/**
 * Closes what comes beyond the limit at once. Node's own `maxConnections` would not do in a cluster: what one process
 * refuses the leading one offers to the next, in a circle and at full speed, until somebody hangs up.
 */
export function limitConnections(server: Server, most: number, onSurplus: () => void): void {
  let open = 0
  server.on('connection', (socket) => {
    if (open >= most) {
      onSurplus()
      return void socket.destroy()
    }
    open++
    socket.once('close', () => {
      open--
    })
  })
}

/**
 * Sends an answer to a request of which not all is here. The rest is read and thrown away, for a client that is still sending
 * would lose the answer if its connection were closed. One that is to be closed gets the answer when the rest has come.
 */
export function answerEarly<Sent>(
  { incoming, isKept }: { incoming: IncomingMessage; isKept: boolean },
  send: () => Sent,
): Sent | Promise<Sent> {
  if (incoming.complete || incoming.destroyed) return send()
  const { socket } = incoming
  const ended = drain(incoming)
  if (!isKept) return ended.then(send)
  answered.add(socket)
  void ended.then(() => answered.delete(socket))
  return send()
}

function drain(incoming: IncomingMessage): Promise<void> {
  incoming.resume()
  return new Promise((resolve) => {
    for (const event of ['end', 'close', 'error']) incoming.once(event, () => resolve())
  })
}

/**
 * Ends a connection whose request cannot be read, or takes too long, with an answer unless it had one. Nothing more is
 * read: a body that became complete after all would be acted upon behind the back of the refusal.
 */
export function giveUp(socket: Socket, answer: string): void {
  socket.pause()
  if (socket.writable) socket.end(answered.has(socket) ? '' : answer)
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}
