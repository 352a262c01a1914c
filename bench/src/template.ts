import {
  claim,
  eventOf,
  judge,
  type Lane,
  type Parameter,
  replyOf,
  type Statement,
  settle,
} from './gateway-parts.ts'
import { AMOUNT_MINOR } from './merchant.ts'

export interface Call {
  /** The statement's first parameters; the others are arrays of one value per payment. */
  readonly shared: readonly string[]
  readonly statement: Statement
  readonly values: readonly Parameter[]
}

/** Both calls of one payment, with marks where payments differ. */
export interface Template {
  readonly claim: Call
  readonly settle: Call
}

/** Twelve digits that count the payments. */
export const COUNT = '<count>'
/** Thirty-two hexadecimal digits that jump about. */
export const SCATTER = '<scatter>'

/** Longer than any run: what is due would be taken up by the gateway's reconciler. */
const EXPIRY_MS = 86_400_000

/**
 * The statements and parameters that the gateway itself sends for a payment that is paid, recorded from its own code:
 * the bare client and the filled tables cannot differ from the real thing. References start with `prefix`, 20 digits.
 */
export async function recordTemplate(partnerId: string, prefix: string): Promise<Template> {
  const now = Date.now()
  const payment = {
    partnerId,
    profile: 'doku',
    referenceNo: `${prefix}${COUNT}`,
    partnerReferenceNo: `INV-${prefix}-${COUNT}`,
    externalId: SCATTER,
    channel: 'KARTU_KREDIT_INDONESIA_SNAP',
    amountMinor: AMOUNT_MINOR,
    variant: 'V1',
    createdAt: now,
    expiresAt: now + EXPIRY_MS,
  }
  const verdict = judge({ kind: 'paid', networkReferenceNo: COUNT, networkCode: '00' })
  const order = {
    payment,
    source: { kind: 'card' },
    particulars: null,
    fingerprint: Buffer.alloc(32, 7),
    cardSealed: `k1.${'c'.repeat(63)}`,
    cardLookup: Buffer.alloc(32, 9),
    issuerNumber: '93600002',
  }
  const claimed = openRecorder(['1', 'claimed', null, null, null])
  const settled = openRecorder(['1', 't', null, null])
  await claim(claimed.lane, order, { dueAt: now + EXPIRY_MS, timeoutMs: 1000 })
  const settlement = {
    payment,
    verdict,
    reply: replyOf(payment, 'successful'),
    event: eventOf(payment, verdict, now),
    now,
    dueAt: now,
  }
  await settle(settled.lane, settlement, 1000)
  return { claim: claimed.recorded(), settle: settled.recorded() }
}

/** Fills the marks: the call for payment number `count`. */
export function fillCall(call: Call, count: number, scatter: string): Call {
  const digits = String(count).padStart(12, '0')
  const values = call.values.map((value) =>
    typeof value === 'string' && value.includes('<')
      ? value.replaceAll(COUNT, digits).replaceAll(SCATTER, scatter)
      : value,
  )
  return { ...call, values }
}

/** What stands in a lane's place, takes down the call and answers that it went well. */
function openRecorder(row: readonly (string | null)[]) {
  let taken: Call | undefined
  const lane: Pick<Lane, 'call'> = {
    call: (statement: Statement, values: readonly Parameter[], { shared }: { shared: readonly string[] }) => {
      taken = { shared, statement, values }
      return Promise.resolve(row)
    },
  }
  return {
    lane,
    recorded(): Call {
      if (taken === undefined) throw new Error('the gateway sent no statement')
      return taken
    },
  }
}
