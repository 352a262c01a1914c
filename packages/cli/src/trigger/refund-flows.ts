import type { RefundResult } from '@gerbang/sdk'
import { formatAmount, parseAmount } from '@gerbang/snap/amount'
import { makeRefundNo } from '../made-numbers.ts'
import { paySuccessfully } from './payment-flows.ts'
import { expectDone, otherwise, type Stage, tryRefused } from './stage.ts'

const NOT_PERMITTED = '40315'
const RUPIAH = 100n

/** All of a payment goes back. */
export async function refundAll(stage: Stage): Promise<void> {
  await paySuccessfully(stage)
  await expectRefunded(stage, stage.values.amount)
}

/** Half of a payment goes back, in whole rupiah. */
export async function refundPart(stage: Stage): Promise<void> {
  await paySuccessfully(stage)
  const whole = parseAmount(stage.values.amount) ?? 0n
  const half = (whole / 2n / RUPIAH) * RUPIAH
  await expectRefunded(stage, formatAmount(half > 0n ? half : whole))
}

/** The network gives nothing back: of what case, the number of the refund says. */
export async function refundInVain(stage: Stage): Promise<void> {
  await paySuccessfully(stage)
  const caseCode = stage.caseCode ?? NOT_PERMITTED
  const partnerRefundNo = makeRefundNo(`SIM${caseCode.slice(0, 3)}58${caseCode.slice(3)}`)
  const result = await tryRefused(stage, 'refund', partnerRefundNo, () =>
    refund(stage, partnerRefundNo, stage.values.amount),
  )
  if (result !== undefined) throw otherwise(`the refund is ${result.status}`)
}

async function expectRefunded(stage: Stage, amount: string): Promise<void> {
  const partnerRefundNo = makeRefundNo()
  const { status } = await expectDone(stage, 'refund', partnerRefundNo, () =>
    refund(stage, partnerRefundNo, amount),
  )
  if (status !== 'refunded') throw otherwise(`the refund is ${status}`)
}

function refund({ client, values }: Stage, partnerRefundNo: string, amount: string): Promise<RefundResult> {
  const { reference: originalPartnerReferenceNo } = values
  return client.refund({ originalPartnerReferenceNo, partnerRefundNo, amount, ipAddress: '127.0.0.1' })
}
