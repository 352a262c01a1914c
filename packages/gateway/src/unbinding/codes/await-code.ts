import { lockCardToken } from '../../card-token/card-token.ts'
import type { OtpSent } from '../../channels/channel.ts'
import type { Sql } from '../../database/pool.ts'
import { isStillTaken, postponeUnbinding } from '../store.ts'
import type { HeldUnbinding } from '../unbinding.ts'
import { endAttempt } from './store.ts'

/** How long after a code's end the network is asked what became of it, in milliseconds: clocks differ. */
export const GRACE_MS = 60_000

/** A network whose codes live for ever would keep an unbinding open for ever. In milliseconds from its claim. */
const LONGEST_LIFE_MS = 3_600_000

/** That a customer has a code, as far as it has to be written down. */
export type CodeSent = Pick<OtpSent, 'otpExpiresAt' | 'networkCode'>

/**
 * The network waits for its customer's code, and nobody asks it about one: it is asked again when the code is dead. Of one that was
 * taken the network said so before whoever has gone on with it since, and that changes nothing any more.
 */
export async function awaitCode(
  sql: Sql,
  unbinding: HeldUnbinding,
  { otpExpiresAt, networkCode }: CodeSent,
): Promise<void> {
  const { partnerId, bankCardToken, takenUntil } = unbinding
  if (takenUntil !== undefined) {
    // Who gives a code locks it too.
    await lockCardToken(sql, partnerId, bankCardToken)
    if (!(await isStillTaken(sql, { ...unbinding, takenUntil }))) return
  }
  const endsAt = codeEndsAt(unbinding, otpExpiresAt)
  await endAttempt(sql, unbinding, endsAt)
  await postponeUnbinding(sql, unbinding, { dueAt: endsAt + GRACE_MS, networkCode })
}

/** When its code is dead for us, whatever the network says, in epoch milliseconds. */
export function codeEndsAt({ createdAt }: Pick<HeldUnbinding, 'createdAt'>, otpExpiresAt: number): number {
  return Math.min(otpExpiresAt, createdAt + LONGEST_LIFE_MS)
}
