import { CommandFailure, EXIT } from '../failure.ts'

/** The simulator's control: what a tester does to the network and its issuers. */
export interface SimulatorControl {
  readonly url: string
  /** Undefined when there is no such control there: what listens is another network, or an older simulator. */
  ask(method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown): Promise<ControlAnswer | undefined>
}

export interface ControlAnswer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** Longer than the simulator lets anybody wait for a code. */
const PATIENCE_MS = 125_000

/** The control of the simulator at `url`; `key` is asked for from other machines only. */
export function openSimulatorControl(url: string, key: string | undefined): SimulatorControl {
  return {
    url,
    async ask(method, path, body) {
      const response = await fetch(new URL(path, url), {
        method,
        headers: {
          'content-type': 'application/json',
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        signal: AbortSignal.timeout(PATIENCE_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const answer = parseObject(await response.text())
      if (answer === undefined || (response.status === 404 && answer.error === 'no such control')) {
        return undefined
      }
      return { status: response.status, body: answer }
    },
  }
}

/** The code that the simulator's telephone of that number gets at `since` or later. @throws CommandFailure */
export async function waitForCode(
  control: SimulatorControl,
  { phone, since, timeoutMs }: { phone: string; since: string; timeoutMs: number },
): Promise<string> {
  const query = new URLSearchParams({ phone, after: since, timeoutMs: String(timeoutMs) })
  const answer = await control.ask('GET', `/_sim/inbox/wait?${query}`)
  const code = answer?.body.code
  if (typeof code === 'string') return code
  throw new CommandFailure(EXIT.failedCheck, `No code came to ${phone} at the simulator ${control.url}.`)
}

/** The simulator's time, ISO 8601; that of this machine where it has none. */
export async function simulatorNow(control: SimulatorControl): Promise<string> {
  const answer = await control.ask('GET', '/_sim/clock')
  return typeof answer?.body.now === 'string' ? answer.body.now : new Date().toISOString()
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
