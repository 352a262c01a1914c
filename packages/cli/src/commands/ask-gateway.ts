import type { SnapClient } from '@gerbang/sdk'
import type { CliConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { type Credentials, needCredentials } from '../credentials.ts'
import { CommandFailure, EXIT, type Numbers, usageFailure } from '../failure.ts'
import { reasonOf } from '../reason.ts'
import { shellWord } from '../shell-word.ts'
import { asTyped } from './advice-words.ts'

/** A command that asks the gateway, for what its failure has to say. */
export interface Asking {
  readonly command: string
  /** What is at stake: it decides what silence means, and whether to ask for the payment afterwards. */
  readonly subject: 'payment' | 'refund' | 'status' | 'card' | 'account'
  /** The numbers of the payment, refund or binding in question, as far as they are known. */
  readonly numbers: Numbers
  /** `--credentials`. */
  readonly credentials?: string | undefined
}

type Sdk = typeof import('@gerbang/sdk')
type NoAnswerError = InstanceType<Sdk['NoAnswerError']>
type RefusedError = InstanceType<Sdk['RefusedError']>

/** A network that keeps silent is waited for up to 25 seconds: long enough to wonder, or to press Ctrl-C. */
const PATIENCE_MS = 2_000

/**
 * Runs calls of the SDK with the credentials at hand.
 * @throws CommandFailure that says why there is no success, by which numbers to ask, and what to type next.
 */
export async function askGateway<Result>(
  config: CliConfig,
  asking: Asking,
  act: (client: SnapClient, credentials: Credentials) => Promise<Result>,
): Promise<Result> {
  const credentials = needCredentials(config, asking.credentials)
  const sdk = await import('@gerbang/sdk')
  try {
    return await act(new sdk.SnapClient(credentials), credentials)
  } catch (error) {
    if (error instanceof sdk.ValidationError) {
      throw usageFailure(error.message, `npx gerbang ${asking.command} --help`)
    }
    if (error instanceof sdk.NoAnswerError) throw noAnswer(error, asking, credentials)
    if (error instanceof sdk.RefusedError) throw refusal(error, asking)
    throw error
  }
}

/** The same for a call that moves money: who waits long is told how to ask later. */
export async function askPatiently<Result>(
  { config, terminal }: Context,
  asking: Asking,
  act: (client: SnapClient) => Promise<Result>,
): Promise<Result> {
  const impatience = setTimeout(() => {
    terminal.complain(`Waiting for the network. If you stop now, ask later: ${statusCommand(asking)}`)
  }, PATIENCE_MS)
  return askGateway(config, asking, act).finally(() => clearTimeout(impatience))
}

/** The row that shows what the gateway said, to the letter. */
export function answerRow(answer: {
  readonly responseCode: string
  readonly responseMessage: string
  readonly isReplay: boolean
}): readonly [string, string] {
  const { responseCode, responseMessage, isReplay } = answer
  return ['answer', `${responseCode} ${responseMessage}${isReplay ? ' (stored answer)' : ''}`]
}

/** The command that asks for the payment, as one can type it. */
export function statusCommand({ numbers, credentials }: Pick<Asking, 'numbers' | 'credentials'>): string {
  const { partnerReferenceNo, referenceNo, externalId } = numbers
  const name =
    partnerReferenceNo !== undefined
      ? shellWord(partnerReferenceNo)
      : referenceNo !== undefined
        ? `--reference-no ${shellWord(referenceNo)}`
        : `--external-id ${shellWord(externalId ?? '')}`
  return `npx gerbang status ${name}${credentials === undefined ? '' : ` --credentials ${shellWord(credentials)}`}`
}

/** What is not known when no answer came, by what is at stake. */
const UNANSWERED = {
  payment: {
    'not-moved': ' The payment was not sent.',
    unknown: ' Whether the money moves is not known: do not pay again.',
    moved: ' The money has moved: do not pay again.',
  },
  refund: {
    'not-moved': ' The refund was not sent.',
    unknown: ' Whether the money goes back is not known: repeat with the same --refund-no only.',
    moved: ' The money has gone back: do not refund again.',
  },
  status: { 'not-moved': '', unknown: '', moved: '' },
  card: { 'not-moved': '', unknown: '', moved: '' },
  account: { 'not-moved': '', unknown: '', moved: '' },
} as const

function noAnswer(error: NoAnswerError, asking: Asking, { baseUrl }: Credentials): CommandFailure {
  const { money, attempts, externalId } = error
  const tries = attempts === 1 ? '' : `, asked ${attempts} times`
  return new CommandFailure(
    EXIT.unreachable,
    `No answer from ${baseUrl} (${reasonOf(error)}${tries}).${UNANSWERED[asking.subject][money]}`,
    {
      next: nextAfterSilence(asking, { isOpen: movesMoney(asking) && money !== 'not-moved', baseUrl }),
      numbers: numbersOf(asking, externalId),
      facts: { money },
    },
  )
}

function movesMoney({ subject }: Asking): boolean {
  return subject === 'payment' || subject === 'refund'
}

function isAboutKeeping(subject: Asking['subject']): boolean {
  return subject === 'card' || subject === 'account'
}

/** A payment can be asked for by its external id; that of a question means nothing later, and a refund's is no payment's. */
function numbersOf({ numbers, subject }: Asking, externalId: string | undefined): Numbers {
  return subject === 'payment' || isAboutKeeping(subject) ? { ...numbers, externalId } : numbers
}

function nextAfterSilence(asking: Asking, { isOpen, baseUrl }: { isOpen: boolean; baseUrl: string }): string {
  if (isOpen) return statusCommand(asking)
  const again = asking.subject === 'status' ? statusCommand(asking) : `${asking.command} again`
  const { hostname } = new URL(baseUrl)
  return /^(localhost|127\..*|\[::1\])$/.test(hostname)
    ? `npx gerbang start (in another terminal), then ${again}`
    : `check the base URL (GERBANG_BASE_URL, or baseUrl of the credentials), then ${again}`
}

function refusal(error: RefusedError, asking: Asking): CommandFailure {
  const { responseCode, responseMessage, outcome, money, advice, externalId } = error
  return new CommandFailure(EXIT.refused, `${responseCode} ${responseMessage}. ${asTyped(advice)}`, {
    next: nextAfterRefusal(error, asking),
    numbers: numbersOf(asking, externalId),
    facts: { responseCode, responseMessage, outcome, money, advice: asTyped(advice) },
  })
}

function nextAfterRefusal(
  { outcome, money, responseCode }: RefusedError,
  asking: Asking,
): string | undefined {
  if (asking.command === 'refund' && outcome === 'customerTokenNotFound') {
    return 'the same with --auth-code <code>, of the binding that was paid with'
  }
  if (movesMoney(asking)) return money === 'not-moved' ? undefined : statusCommand(asking)
  if (isAboutKeeping(asking.subject)) return undefined
  if (outcome === 'transactionNotFound') {
    return `check the number and the credentials it was paid with, then ${statusCommand(asking)}`
  }
  // What may pass by itself is worth the same question; what is wrong with the question itself is not.
  return /^(5|429)/.test(responseCode) ? statusCommand(asking) : undefined
}
