import { OUTCOMES, type OutcomeName, type Profile, responseMessage } from '@gerbang/snap'
import type { Channel } from '../../channels/channel.ts'
import { channelNamed } from '../../channels/index.ts'
import { responseCodeOf } from '../../channels/reply-code.ts'
import type { StoredReply } from '../../reply.ts'
import type { ConfirmedUnbinding } from './store.ts'

const OPERATION = 'otp-verification'

/** What somebody has heard about his code. */
export interface Word {
  readonly isWrong: boolean
  readonly profile: Profile
}

/** What service 04 answers while the unbinding stands like this: what is booked is what is told, whoever has booked it. */
export function verificationReply(
  channels: readonly Channel[],
  unbinding: ConfirmedUnbinding,
  word: Word,
): StoredReply {
  const channel = channelNamed(channels, unbinding.channel)?.profile
  if (channel === undefined) throw new Error('The channel of an unbinding is not there any more')
  const outcome = outcomeOf(unbinding, word) ?? channel.silence
  const words = {
    responseCode: responseCodeOf(channel, OPERATION, outcome, word.profile),
    responseMessage: responseMessage(outcome),
  }
  const { status } = OUTCOMES[outcome]
  const told = status < 300 ? { ...words, originalReferenceNo: unbinding.referenceNo } : words
  return { status, text: JSON.stringify(told) }
}

function outcomeOf({ state, outcome }: ConfirmedUnbinding, { isWrong }: Word): OutcomeName | undefined {
  if (state === 'completed') return 'successful'
  if (state === 'failed') return outcome ?? 'transactionNotPermitted'
  return isWrong ? 'invalidOtp' : undefined
}
