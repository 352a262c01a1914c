import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A cable between two processes that a test may pull out, or leave in while nothing passes any more. */
export interface Wire {
  readonly port: number
  /** Where the cable ends. */
  leadTo(port: number): void
  /** Nothing passes, in either direction, and no connection is told. Connections may still be opened. */
  freeze(): void
  thaw(): void
  /** Every connection breaks. */
  cut(): void
  /** The same, with a reset instead of a farewell. */
  reset(): void
  /** Nobody listens: connections are refused. */
  unplug(): Promise<void>
  plug(): Promise<void>
  close(): Promise<void>
}

export async function openWire(): Promise<Wire> {
  const sockets = new Set<Socket>()
  let target = 0
  let isFrozen = false
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    if (isFrozen) socket.pause()
  }
  const open = () =>
    createServer({ allowHalfOpen: false }, (near) => {
      const far = connect(target, '127.0.0.1')
      keep(near)
      keep(far)
      near.on('data', (bytes) => far.write(bytes))
      far.on('data', (bytes) => near.write(bytes))
      near.on('close', () => far.destroy())
      far.on('close', () => near.destroy())
      if (isFrozen) for (const socket of [near, far]) socket.pause()
    })
  let server = open().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const unplug = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    cut()
    await closed
  }

  return {
    port,
    leadTo(next) {
      target = next
    },
    freeze() {
      isFrozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw() {
      isFrozen = false
      for (const socket of sockets) socket.resume()
    },
    cut,
    reset() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    unplug,
    async plug() {
      server = open().listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    close: unplug,
  }
}
