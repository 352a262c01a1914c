import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { readPublicKey } from '@gerbang/snap/signature'
import type { Context } from '../context.ts'
import { type Credentials, needCredentials } from '../credentials.ts'
import { openDemoTime } from '../demo/demo-time.ts'
import { CommandFailure, EXIT, usageFailure } from '../failure.ts'
import { hasCode } from '../start/files.ts'
import { listenForStop } from '../start/stop-signals.ts'
import { type Answering, acknowledging, failing, forwarding } from './answering.ts'
import { openHistory } from './history.ts'
import { type Output, SHOW } from './lines.ts'
import { type Listener, openListener } from './listener.ts'
import { outlook } from './outlook.ts'

const HISTORY_FILE = 'notifications.jsonl'
const HOST = '127.0.0.1'

export interface ListenOptions {
  readonly port: number
  readonly output: Output
  readonly forwardTo: URL | undefined
  readonly failWith: number | undefined
  readonly credentials: string | undefined
}

/**
 * Listens until Ctrl-C.
 * @throws CommandFailure when the port is taken, or is lost for good
 */
export async function listen(context: Context, options: ListenOptions): Promise<void> {
  const { config, terminal } = context
  const credentials = needCredentials(config, options.credentials)
  const { clientId, clientSecret } = credentials
  const signals = listenForStop()
  const note = options.output === 'json' || options.output === 'quiet' ? terminal.complain : terminal.say
  const listener = await openListener({
    host: HOST,
    port: options.port,
    keys: { clientId, clientSecret, gatewayPublicKey: publicKeyOf(credentials) },
    now: openDemoTime(config),
    answer: answeringOf(options, credentials),
    history: openHistory(join(config.home, HISTORY_FILE)),
    onReceived: (received) => SHOW[options.output](terminal, received),
    onTokenRefused: (refusal) => terminal.complain(`A request for a token was refused: ${refusal}`),
  }).catch(portFailure(options.port))
  try {
    note(`Listening at ${listener.url} as ${clientId} (Ctrl-C to stop)`)
    for (const line of await outlook(config, clientId, listener.url)) note(line)
    await untilStopped(listener, signals.wanted)
    note('Stopped.')
  } finally {
    signals.forget()
    await listener.close().catch(() => {})
  }
}

function answeringOf({ forwardTo, failWith }: ListenOptions, credentials: Credentials): Answering {
  if (failWith !== undefined) return failing(failWith)
  return forwardTo === undefined ? acknowledging : forwarding(forwardTo, credentials)
}

function publicKeyOf({ gatewayPublicKey }: Credentials): KeyObject {
  if (gatewayPublicKey === undefined) {
    throw usageFailure(
      "The gateway's public key is needed: with it one knows who asks for a token.",
      'GERBANG_GATEWAY_PUBLIC_KEY_FILE=…, or gatewayPublicKeyFile in the file of --credentials',
    )
  }
  try {
    return readPublicKey(gatewayPublicKey)
  } catch {
    throw usageFailure("The gateway's public key is no RSA public key in PEM form.")
  }
}

async function untilStopped({ lost, url }: Listener, wanted: AbortSignal): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (wanted.aborted) resolve()
    else wanted.addEventListener('abort', () => resolve(), { once: true })
  })
  const reason = await Promise.race([stopped, lost.catch((error: Error) => error)])
  if (!(reason instanceof Error)) return
  throw new CommandFailure(EXIT.failedCheck, `Nobody listens at ${url} any more: ${reason.message}.`, {
    next: 'npx gerbang listen: what came meanwhile is sent again',
  })
}

function portFailure(port: number) {
  return (error: unknown): never => {
    if (!hasCode(error, 'EADDRINUSE', 'EACCES')) throw error
    throw new CommandFailure(
      EXIT.failedCheck,
      `Port ${port} cannot be listened on: another program has it.`,
      {
        next: `npx gerbang listen --port ${port + 1_000}, and tell the gateway with npx gerbang partner set`,
      },
    )
  }
}
