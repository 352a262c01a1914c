import { join } from 'node:path'
import { type Database, startDatabase } from '@gerbang/embedded'
import { growingPause, type Supervised } from './supervise.ts'

/** Our own PostgreSQL below the folder, kept running on one port; the value is its url. */
export function keepDatabase(home: string, tell: (line: string) => void): Supervised<Database> {
  const directory = join(home, 'postgres')
  const stopping = new AbortController()
  const pause = growingPause()
  let current: Promise<Database>

  const begin = (port?: number): Promise<Database> =>
    startDatabase({
      directory,
      port,
      log: tell,
      onExit: () => {
        if (stopping.signal.aborted) return
        tell('PostgreSQL ended; starting it again.')
        void restart()
      },
    })
  const restart = async (): Promise<void> => {
    const { port } = await started
    while ((await pause(stopping.signal)) && !stopping.signal.aborted) {
      current = begin(port)
      const failure = await current.then(
        () => undefined,
        (error: Error) => error,
      )
      if (!failure) return tell('PostgreSQL is back.')
      tell(`PostgreSQL did not start: ${failure.message}`)
    }
  }
  current = begin()
  const started = current
  return {
    started,
    stop: async () => {
      stopping.abort()
      const running = await current.catch(() => undefined)
      await running?.stop()
    },
  }
}
