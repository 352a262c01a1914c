import type { BindingAnswer, Bindings, Channel } from '../channels/channel.ts'
import type { Line } from '../line.ts'

/** The same channels, noting on the request's line how long the network took and what it said. */
export function watchChannels(line: Line, channels: readonly Channel[]): readonly Channel[] {
  return channels.map((channel) =>
    channel.bindings === undefined ? channel : { ...channel, bindings: watchCards(line, channel.bindings) },
  )
}

function watchCards(line: Line, cards: Bindings): Bindings {
  return {
    ...cards,
    bind: (instruction, timeoutMs) => timed(line, cards.bind(instruction, timeoutMs)),
    resendOtp: (referenceNo, timeoutMs) => timed(line, cards.resendOtp(referenceNo, timeoutMs)),
    verifyOtp: (instruction, timeoutMs) => timed(line, cards.verifyOtp(instruction, timeoutMs)),
  }
}

async function timed(line: Line, work: Promise<BindingAnswer>): Promise<BindingAnswer> {
  const since = performance.now()
  const answer = await work
  line.networkMs = Math.round((performance.now() - since) * 100) / 100
  line.network = answer.kind
  if (answer.kind === 'unresolved') line.cause = answer.cause
  return answer
}
