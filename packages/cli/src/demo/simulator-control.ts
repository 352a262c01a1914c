import { type CliConfig, gatewayEnvironment } from '../config.ts'
import { CommandFailure, EXIT } from '../failure.ts'
import { reasonOf } from '../reason.ts'

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

/** The control of the network that the gateway of this folder speaks to. */
export function controlOf(config: CliConfig): SimulatorControl {
  const { GERBANG_NETWORK_URL, GERBANG_NETWORK_KEY } = gatewayEnvironment(config)
  return openSimulatorControl(
    GERBANG_NETWORK_URL || `http://${config.simulatorHost}:${config.simulatorPort}`,
    GERBANG_NETWORK_KEY || undefined,
  )
}

/** Waits for the code that is sent to a telephone from now on. */
export interface Inbox {
  /** @throws CommandFailure when none comes in time */
  nextCode(): Promise<string>
}

/** A code on a telephone of the simulator. */
export interface InboxMessage {
  /** ISO 8601, by the simulator's clock. */
  readonly at: string
  readonly phone: string
  readonly code: string
  readonly merchantId: string
}

/** The codes that were sent, the newest first. @throws CommandFailure when there is no simulator */
export async function readInbox(
  control: SimulatorControl,
  phoneNo: string | undefined,
): Promise<readonly InboxMessage[]> {
  const query = phoneNo === undefined ? '' : `?${new URLSearchParams({ phone: nationalised(phoneNo) })}`
  const { body } = await reached(control, control.ask('GET', `/_sim/inbox${query}`))
  return Array.isArray(body) ? (body as InboxMessage[]) : []
}

const CODE_WITHIN_MS = 15_000

/** The inbox of that telephone at the simulator. @throws CommandFailure when there is none */
export async function openInbox(control: SimulatorControl, phoneNo: string): Promise<Inbox> {
  const phone = nationalised(phoneNo)
  // By the simulator's own clock, which may be set.
  const since = (await reached(control, control.ask('GET', '/_sim/clock'))).body.now
  const query = new URLSearchParams({ phone, after: String(since), timeoutMs: String(CODE_WITHIN_MS) })
  return {
    async nextCode() {
      const { body } = await reached(control, control.ask('GET', `/_sim/inbox/wait?${query}`))
      if (typeof body.code === 'string') return body.code
      throw new CommandFailure(EXIT.failedCheck, `No code came to ${phone} at the simulator ${control.url}.`)
    },
  }
}

/** As the network writes it. */
function nationalised(phoneNo: string): string {
  return phoneNo.replace(/^\+/, '').replace(/^0/, '62')
}

async function reached(
  control: SimulatorControl,
  asked: Promise<ControlAnswer | undefined>,
): Promise<ControlAnswer> {
  const answer = await asked.catch((error: Error) => error)
  if (answer instanceof Error) {
    throw new CommandFailure(EXIT.unreachable, `No answer from ${control.url} (${reasonOf(answer)}).`, {
      next: 'npx gerbang start (in another terminal)',
    })
  }
  if (answer !== undefined) return answer
  throw new CommandFailure(
    EXIT.failedCheck,
    `What listens at ${control.url} is no simulator of Gerbang: the code is on the cardholder's telephone.`,
    { next: 'repeat with --otp and the code' },
  )
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
