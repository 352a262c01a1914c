import type { SnapClient } from '@gerbang/sdk'
import type { CliConfig } from '../config.ts'
import { type Credentials, needCredentials } from '../credentials.ts'
import { CommandFailure, EXIT, type Numbers, usageFailure } from '../failure.ts'
import { reasonOf } from '../reason.ts'
import { shellWord } from '../shell-word.ts'

/** A command that asks the gateway, for what its failure has to say. */
export interface Asking {
  readonly command: 'pay' | 'status'
  /** The numbers of the payment in question, as far as they are known. */
  readonly numbers: Numbers
  /** `--credentials`. */
  readonly credentials?: string | undefined
}

type Sdk = typeof import('@gerbang/sdk')
type NoAnswerError = InstanceType<Sdk['NoAnswerError']>
type RefusedError = InstanceType<Sdk['RefusedError']>

/**
 * Runs one call of the SDK with the credentials at hand.
 * @throws CommandFailure that says why there is no success, by which numbers to ask, and what to type next.
 */
export async function askGateway<Result>(
  config: CliConfig,
  asking: Asking,
  act: (client: SnapClient) => Promise<Result>,
): Promise<Result> {
  const credentials = needCredentials(config, asking.credentials)
  const sdk = await import('@gerbang/sdk')
  try {
    return await act(new sdk.SnapClient(credentials))
  } catch (error) {
    if (error instanceof sdk.ValidationError) {
      throw usageFailure(error.message, `npx gerbang ${asking.command} --help`)
    }
    if (error instanceof sdk.NoAnswerError) throw noAnswer(error, asking, credentials)
    if (error instanceof sdk.RefusedError) throw refusal(error, asking)
    throw error
  }
}

/** The command that asks for the payment, as one can type it. */
export function statusCommand({ numbers, credentials }: Omit<Asking, 'command'>): string {
  const { partnerReferenceNo, referenceNo, externalId } = numbers
  const name =
    partnerReferenceNo !== undefined
      ? shellWord(partnerReferenceNo)
      : referenceNo !== undefined
        ? `--reference-no ${shellWord(referenceNo)}`
        : `--external-id ${shellWord(externalId ?? '')}`
  return `npx gerbang status ${name}${credentials === undefined ? '' : ` --credentials ${shellWord(credentials)}`}`
}

const UNANSWERED = {
  'not-moved': 'The payment was not sent.',
  unknown: 'Whether the money moves is not known: do not pay again.',
  moved: 'The money has moved: do not pay again.',
} as const

function noAnswer(error: NoAnswerError, asking: Asking, { baseUrl }: Credentials): CommandFailure {
  const { money, attempts, externalId } = error
  const isPayment = asking.command === 'pay'
  const tries = attempts === 1 ? '' : `, asked ${attempts} times`
  return new CommandFailure(
    EXIT.unreachable,
    `No answer from ${baseUrl} (${reasonOf(error)}${tries}).${isPayment ? ` ${UNANSWERED[money]}` : ''}`,
    {
      next: nextAfterSilence(asking, { isOpen: isPayment && money !== 'not-moved', baseUrl }),
      numbers: { ...asking.numbers, ...(isPayment && { externalId }) },
      facts: { money },
    },
  )
}

function nextAfterSilence(asking: Asking, { isOpen, baseUrl }: { isOpen: boolean; baseUrl: string }): string {
  if (isOpen) return statusCommand(asking)
  const again = asking.command === 'pay' ? 'pay again' : statusCommand(asking)
  const { hostname } = new URL(baseUrl)
  return /^(localhost|127\..*|\[::1\])$/.test(hostname)
    ? `npx gerbang start (in another terminal), then ${again}`
    : `check the base URL (GERBANG_BASE_URL, or baseUrl of the credentials), then ${again}`
}

function refusal(error: RefusedError, asking: Asking): CommandFailure {
  const { responseCode, responseMessage, outcome, money, advice, externalId } = error
  const isPayment = asking.command === 'pay'
  return new CommandFailure(EXIT.refused, error.message, {
    next: nextAfterRefusal(error, asking),
    numbers: { ...asking.numbers, ...(isPayment && { externalId }) },
    facts: { responseCode, responseMessage, outcome, money, advice },
  })
}

function nextAfterRefusal(
  { outcome, money, responseCode }: RefusedError,
  asking: Asking,
): string | undefined {
  if (asking.command === 'pay') return money === 'not-moved' ? undefined : statusCommand(asking)
  if (outcome === 'transactionNotFound') {
    return `check the number and the credentials it was paid with, then ${statusCommand(asking)}`
  }
  // What may pass by itself is worth the same question; what is wrong with the question itself is not.
  return /^(5|429)/.test(responseCode) ? statusCommand(asking) : undefined
}
