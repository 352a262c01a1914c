import type { Channel, ConfirmAnswer, Confirmations } from '../../channels/channel.ts'
import type { Line } from '../../line.ts'

/** The same, noting on the request's line how long the network took about a code and what it said. */
export function watchCodes<Deps extends { readonly channels: readonly Channel[] }>(
  line: Line,
  deps: Deps,
): Deps {
  const channels = deps.channels.map((channel) =>
    channel.confirmations === undefined
      ? channel
      : { ...channel, confirmations: watched(line, channel.confirmations) },
  )
  return { ...deps, channels }
}

function watched(line: Line, codes: Confirmations): Confirmations {
  return {
    confirm: (instruction, timeoutMs) => timed(line, codes.confirm(instruction, timeoutMs)),
    resendOtp: (charge, timeoutMs) => timed(line, codes.resendOtp(charge, timeoutMs)),
  }
}

async function timed(line: Line, work: Promise<ConfirmAnswer>): Promise<ConfirmAnswer> {
  const since = performance.now()
  const answer = await work
  line.networkMs = Math.round((performance.now() - since) * 100) / 100
  line.network = answer.kind
  if (answer.kind === 'unresolved') line.cause = answer.cause
  return answer
}
