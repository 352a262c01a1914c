import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the ranges from which systems take the ports of outgoing connections. */
const LOWEST = 20_000
const HIGHEST = 30_000

/** A loopback port nobody listens on: the preferred one when it is free. */
export async function chooseFreePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(LOWEST, HIGHEST)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port found between ${LOWEST} and ${HIGHEST}`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
