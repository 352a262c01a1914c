import type { Notification } from '@gerbang/sdk'
import { formatTimestamp } from '@gerbang/snap/timestamp'
import { sayRows, type Terminal } from '../terminal.ts'
import type { Received } from './received.ts'

export const OUTPUTS = ['interactive', 'compact', 'json', 'quiet'] as const

export type Output = (typeof OUTPUTS)[number]

/** How a notification is shown, one way for each output. */
export type Show = (terminal: Terminal, received: Received) => void

export const SHOW: Readonly<Record<Output, Show>> = {
  interactive(terminal, received) {
    terminal.say(lineOf(terminal, received))
    const { notification } = received
    // The one place where a token that a page has made is seen by a person.
    sayRows(terminal, [
      ['bankCardToken', notification?.bankCardToken],
      ['authCode', notification?.type === 'binding' ? notification.authCode : undefined],
    ])
  },
  compact: (terminal, received) => terminal.say(lineOf(terminal, received)),
  json(terminal, { at, notification, ...rest }) {
    const line = { at: formatTimestamp(at), type: notification?.type, id: notification?.id, ...rest }
    terminal.say(JSON.stringify({ ...line, body: notification?.body }))
  },
  quiet(terminal, received) {
    if (received.refusal !== undefined || !isDelivered(received)) terminal.say(lineOf(terminal, received))
  },
}

function lineOf(terminal: Terminal, received: Received): string {
  const { at, notification, refusal, delivery, path } = received
  const parts = [
    formatTimestamp(at),
    ...(notification === undefined ? ['unknown', path] : newsOf(notification)),
    refusal === undefined
      ? terminal.shade('green', 'signature right')
      : terminal.shade('red', `refused: ${refusal}`),
    delivery > 1 ? `delivery ${delivery}` : '',
    terminal.shade(isDelivered(received) ? 'green' : 'yellow', answerOf(received)),
  ]
  return parts.filter((part) => part !== '').join('  ')
}

function newsOf(notification: Notification): string[] {
  return notification.type === 'payment'
    ? [
        'payment',
        notification.originalPartnerReferenceNo ?? notification.originalReferenceNo ?? '',
        notification.status,
        notification.amount ?? '',
      ]
    : ['binding', notification.custIdMerchant ?? notification.originalExternalId ?? '', notification.status]
}

function answerOf({ answered, forwarded }: Received): string {
  if (forwarded === undefined) return `answered ${answered}`
  const { to, status, ms, failure } = forwarded
  return status === undefined
    ? `${to} gave no answer (${failure}), so the gateway got ${answered}`
    : `${to} answered ${status} in ${ms} ms`
}

function isDelivered({ answered }: Received): boolean {
  return answered >= 200 && answered <= 299
}
