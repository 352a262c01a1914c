import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasCode } from './files.ts'

/** Long enough for the processes of a killed launcher to notice its death and leave. */
const PATIENCE_MS = 4_000

export interface Listening {
  host: string
  port: number
  /** The environment variable that sets the port, for the message. */
  setting: string
}

/** Waits until the port can be listened on. Throws one line naming port and setting when it stays taken. */
export async function waitForPort(wanted: Listening, signal: AbortSignal): Promise<void> {
  if (wanted.port === 0) return
  const deadline = Date.now() + PATIENCE_MS
  while (!(await isFree(wanted))) {
    if (Date.now() > deadline) throw portTaken(wanted)
    await sleep(50, undefined, { signal })
  }
}

/** The one-line error for a port that somebody else has. */
export function portTaken({ port, setting }: Listening): Error {
  return new Error(
    `Port ${port} is in use by another program. Choose another: ${setting}=${port + 1000} npm start`,
  )
}

function isFree({ host, port }: Listening): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => (hasCode(error, 'EADDRINUSE') ? resolve(false) : reject(error)))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
