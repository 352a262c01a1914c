/**
 * Where a refund stands, from which states it may come there, and what `refundHistory` calls it. Between submitted and
 * final its amount is reserved, for silence of the network is not a no.
 */
export const REFUND_STATES = {
  submitted: { status: '03', isFinal: false, from: [] },
  unresolved: { status: '03', isFinal: false, from: ['submitted'] },
  refunded: { status: '00', isFinal: true, from: ['submitted', 'unresolved'] },
  failed: { status: '06', isFinal: true, from: ['submitted', 'unresolved'] },
} as const

export type RefundState = keyof typeof REFUND_STATES

/** What a status reply calls a payment of which everything has been given back. */
export const FULLY_REFUNDED = { status: '04', word: 'Refunded' } as const
