import type { Channel, ChargeInstruction } from '../channels/channel.ts'
import type { Line } from '../line.ts'
import type { PaymentDeps } from './payment-host-to-host.ts'

export interface Watcher {
  readonly onNetwork: (answer: string, seconds: number) => void
}

/** The same payment deps and channel, noting on the request's line how long each station took and what the network said. */
export function watch(
  line: Line,
  { deps, channel, watcher }: { deps: PaymentDeps; channel: Channel; watcher: Watcher },
): { deps: PaymentDeps; channel: Pick<Channel, 'charge' | 'profile'> } {
  return {
    deps: {
      clock: deps.clock,
      openCard: deps.openCard,
      networkTimeoutMs: deps.networkTimeoutMs,
      firstInquiryMs: deps.firstInquiryMs,
      claim: (order) => timed(line, 'claimMs', deps.claim(order)),
      settle: (settlement) => timed(line, 'settleMs', deps.settle(settlement)),
    },
    channel: {
      profile: channel.profile,
      charge: noting(line, watcher, (instruction: ChargeInstruction, timeoutMs) =>
        channel.charge(instruction, timeoutMs),
      ),
    },
  }
}

/** The same question to the network, noting on the request's line how long the answer took and what it was. */
export function noting<Instruction, Answer extends { readonly kind: string; readonly cause?: string }>(
  line: Line,
  watcher: Watcher,
  ask: (instruction: Instruction, timeoutMs: number) => Promise<Answer>,
): (instruction: Instruction, timeoutMs: number) => Promise<Answer> {
  return async (instruction, timeoutMs) => {
    const answer = await timed(line, 'networkMs', ask(instruction, timeoutMs))
    line.network = answer.kind
    if (answer.cause !== undefined) line.cause = answer.cause
    watcher.onNetwork(answer.kind, (line.networkMs ?? 0) / 1000)
    return answer
  }
}

async function timed<Value>(
  line: Line,
  member: 'claimMs' | 'networkMs' | 'settleMs',
  work: Promise<Value>,
): Promise<Value> {
  const since = performance.now()
  try {
    return await work
  } finally {
    line[member] = Math.round((performance.now() - since) * 100) / 100
  }
}
