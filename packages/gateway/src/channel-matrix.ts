import { CHANNELS } from './channels/index.ts'
import { takesBindingCodes, takesPaymentCodes, takesUnbindingCodes } from './channels/offered.ts'
import type { ChannelFeature, ChannelProfile } from './channels/profile.ts'

interface Row {
  readonly feature: ChannelFeature
  readonly title: string
  readonly has: (profile: ChannelProfile) => boolean
  /** Whether the customer's token is wanted. */
  readonly customerToken?: Parameters<ChannelProfile['customerToken']['includes']>[0]
}

const isCard = ({ binding }: ChannelProfile) => binding?.kind === 'card'
const isAccount = ({ binding }: ChannelProfile) => binding?.kind === 'account'
const isHostToHost = ({ payment }: ChannelProfile) => payment.flows.includes('H2H')

/** What can be done with a channel, as its profile says. */
const ROWS: readonly Row[] = [
  { feature: 'account-binding', title: 'Account binding', has: isAccount },
  { feature: 'account-unbinding', title: 'Account unbinding', has: isAccount },
  {
    feature: 'card-bind-page',
    title: 'Card binding, our page (DH)',
    has: (profile) => isCard(profile) && profile.binding?.flows.includes('DH') === true,
  },
  {
    feature: 'card-bind-host-to-host',
    title: 'Card binding, host to host (H2H)',
    has: (profile) => isCard(profile) && profile.binding?.flows.includes('H2H') === true,
  },
  { feature: 'card-unbind', title: 'Card unbinding', has: isCard },
  { feature: 'customer-token', title: 'Customer token (B2B2C)', has: ({ binding }) => binding !== undefined },
  {
    feature: 'binding-code-asked-for',
    title: '`otp`: a code for a binding',
    has: takesBindingCodes,
  },
  {
    feature: 'binding-code',
    title: '`otp-verification` of a binding',
    has: takesBindingCodes,
  },
  {
    feature: 'payment-code-asked-for',
    title: '`otp`: a code for a payment',
    has: takesPaymentCodes,
    customerToken: 'otp-verification',
  },
  {
    feature: 'payment-code',
    title: '`otp-verification` of a payment',
    has: takesPaymentCodes,
    customerToken: 'otp-verification',
  },
  {
    feature: 'unbinding-code',
    title: '`otp-verification` of an unbinding (H2H)',
    has: takesUnbindingCodes,
  },
  {
    feature: 'balance',
    title: 'Balance inquiry',
    has: ({ hasBalance }) => hasBalance,
    customerToken: 'balance-inquiry',
  },
  {
    feature: 'payment-sale',
    title: 'Payment, confirmed by the customer',
    has: ({ payment }) => payment.shape !== 'jump-app' && payment.types.includes('SALE'),
    customerToken: 'payment-host-to-host',
  },
  {
    feature: 'payment-recurring',
    title: 'Payment, recurring',
    has: ({ payment }) => payment.types.includes('RECURRING'),
    customerToken: 'payment-host-to-host',
  },
  {
    feature: 'payment-page',
    title: 'Payment on our page (DH)',
    has: ({ payment }) => payment.shape === 'debit' && payment.flows.includes('DH'),
  },
  { feature: 'payment-host-to-host', title: 'Payment host to host (H2H)', has: isHostToHost },
  {
    feature: 'payment-jump-app',
    title: "Payment on the wallet's page",
    has: ({ payment }) => payment.shape === 'jump-app',
  },
  { feature: 'cancel', title: 'Cancel, on the same day', has: ({ isCancellable }) => isCancellable },
  {
    feature: 'refund',
    title: 'Refund, full',
    has: ({ refund }) => refund !== undefined,
    customerToken: 'refund',
  },
  { feature: 'refund-partial', title: 'Refund, partial', has: ({ refund }) => refund?.isPartial === true },
]

export const MATRIX_TITLES: readonly string[] = CHANNELS.map(({ profile }) => profile.title)

/** A line for each thing that can be done: its name, and a sign for each channel in the order of `MATRIX_TITLES`. */
export function matrixRows(): readonly (readonly string[])[] {
  return ROWS.map((row) => [row.title, ...CHANNELS.map(({ profile }) => sign(row, profile))])
}

function sign({ feature, has, customerToken }: Row, profile: ChannelProfile): string {
  if (!has(profile)) return '–'
  const mark = profile.inferred.includes(feature) ? '○' : '●'
  return customerToken !== undefined && profile.customerToken.includes(customerToken) ? `${mark} token` : mark
}

/** What each channel wants, a line a channel. */
export function requirementRows(): readonly (readonly string[])[] {
  return CHANNELS.map(({ slug, profile }) => [
    profile.title,
    `\`${slug}\``,
    `\`${profile.name}\``,
    lengthOf(profile.payment.reference),
    profile.refund === undefined ? '–' : lengthOf(profile.refund.reference),
    membersOf(profile.binding?.requires),
    membersOf(profile.payment.requires),
    membersOf(profile.payment.methods),
    headersOf(profile),
    serviceCodesOf(profile),
    profile.silence === 'timeout' ? '504' : '202',
  ])
}

function lengthOf({ min, max }: { readonly min: number; readonly max: number }): string {
  return `${min} to ${max}`
}

function membersOf(members: readonly string[] = []): string {
  const names = members.map((member) => `\`${member.replace('additionalInfo.', '')}\``)
  return names.length === 0 ? '–' : names.join(', ')
}

function serviceCodesOf({ serviceCodes }: ChannelProfile): string {
  const own = Object.entries(serviceCodes).map(([operation, code]) => `${operation}: \`${code}\``)
  return own.length === 0 ? '–' : own.join(', ')
}

function headersOf({ headers }: ChannelProfile): string {
  const wanted = Object.entries(headers).map(([operation, names]) => `${operation}: ${names.join(', ')}`)
  return wanted.length === 0 ? '–' : wanted.join('; ')
}
