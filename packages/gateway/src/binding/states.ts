import type { OutcomeName } from '@gerbang/snap'

/**
 * Where a binding stands, what may follow, and how it answers who tries a one-time password on it.
 *
 * `submitted`, `unresolved`: the network has not said whether it sends a code. `otp_wanted`: it sends one when it is asked to.
 * `otp_sent`: the customer has one. `pin_wanted`: it was right, and the PIN has to follow. `verifying`: the network is asked about
 * a code or PIN, or was and kept silent. `active`: the card or account is kept. `unbinding` and `inactive` belong to the unbinding.
 */
export const STATES = {
  submitted: {
    next: [
      'otp_wanted',
      'otp_sent',
      'pin_wanted',
      'unresolved',
      'active',
      'failed',
      'blocked',
      'cancelled',
      'expired',
    ],
    ofCode: 'conflict',
  },
  unresolved: {
    next: ['otp_wanted', 'otp_sent', 'pin_wanted', 'active', 'failed', 'blocked', 'cancelled', 'expired'],
    ofCode: 'conflict',
  },
  otp_wanted: {
    next: ['otp_sent', 'active', 'failed', 'blocked', 'cancelled', 'expired'],
    ofCode: 'needToRequestOtp',
  },
  otp_sent: {
    next: ['verifying', 'pin_wanted', 'active', 'failed', 'blocked', 'cancelled', 'expired'],
    ofCode: undefined,
  },
  pin_wanted: {
    next: ['verifying', 'active', 'failed', 'blocked', 'cancelled', 'expired'],
    ofCode: 'invalidTransactionStatus',
  },
  verifying: {
    next: ['otp_wanted', 'otp_sent', 'pin_wanted', 'active', 'failed', 'blocked', 'cancelled', 'expired'],
    ofCode: 'conflict',
  },
  active: { next: ['unbinding'], ofCode: 'transactionAlreadySuccess' },
  unbinding: { next: ['active', 'inactive'], ofCode: 'invalidTransactionStatus' },
  inactive: { next: [], ofCode: 'invalidTransactionStatus' },
  failed: { next: [], ofCode: 'invalidTransactionStatus' },
  blocked: { next: [], ofCode: 'otpBlocked' },
  cancelled: { next: [], ofCode: 'transactionCancelled' },
  expired: { next: [], ofCode: 'otpLifetimeExpired' },
} as const satisfies Record<string, { next: readonly string[]; ofCode: OutcomeName | undefined }>

export type BindingState = keyof typeof STATES

export const BINDING_STATES = Object.keys(STATES) as readonly BindingState[]

/** The card is not kept yet, and may come to be. */
export const PENDING_STATES = [
  'submitted',
  'unresolved',
  'otp_wanted',
  'otp_sent',
  'pin_wanted',
  'verifying',
] as const satisfies readonly BindingState[]

/** Whatever keeps another binding of the same from being made. */
export const NOT_OVER: readonly BindingState[] = [...PENDING_STATES, 'active', 'unbinding']

/** Ends without a kept card. */
export const LOST_STATES = [
  'failed',
  'blocked',
  'cancelled',
  'expired',
] as const satisfies readonly BindingState[]

/** While the network is asked about a code nobody knows how that ends, so nothing is called off. */
export const CANCELLABLE_STATES = [
  'submitted',
  'unresolved',
  'otp_wanted',
  'otp_sent',
  'pin_wanted',
] as const satisfies readonly BindingState[]

/** The customer has to do something, and has a time for it. */
export const OPEN_STATES = ['otp_wanted', 'otp_sent', 'pin_wanted'] as const satisfies readonly BindingState[]

export type PendingState = (typeof PENDING_STATES)[number]
export type LostState = (typeof LOST_STATES)[number]

export function isPending(state: BindingState): state is PendingState {
  return (PENDING_STATES as readonly BindingState[]).includes(state)
}

/** The network has not said yet what comes of the wish. */
export function isAsked(state: BindingState): boolean {
  return state === 'submitted' || state === 'unresolved'
}

export function isOpen(state: BindingState): boolean {
  return (OPEN_STATES as readonly BindingState[]).includes(state)
}

export function isLost(state: BindingState): state is LostState {
  return (LOST_STATES as readonly BindingState[]).includes(state)
}

export function isCancellable(state: BindingState): boolean {
  return (CANCELLABLE_STATES as readonly BindingState[]).includes(state)
}

/** The states from which `state` may be reached. The database is given this list, so the guard has one source. */
export function predecessorsOf(state: BindingState): readonly BindingState[] {
  return BINDING_STATES.filter((from) => (STATES[from].next as readonly BindingState[]).includes(state))
}
