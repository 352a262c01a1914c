import { acknowledge, type Notification, type NotificationKeys, signForTest } from '@gerbang/sdk'
import { reasonOf } from '../reason.ts'
import type { Forwarded } from './received.ts'

/** What the gateway is told about a notification that it has signed. */
export interface Answer {
  readonly status: number
  readonly body: string
  readonly forwarded?: Forwarded
}

/** How notifications are answered. */
export type Answering = (notification: Notification, path: string) => Promise<Answer>

/** Shorter than the gateway waits for us. */
const PATIENCE_MS = 25_000

export const acknowledging: Answering = async (notification) => ({
  status: 200,
  body: JSON.stringify(acknowledge(notification)),
})

/** Every one is refused with that HTTP status, so that the gateway tries again. */
export function failing(status: number): Answering {
  const body = JSON.stringify({
    responseCode: `${status}5600`,
    responseMessage: 'gerbang listen was told to fail',
  })
  return async () => ({ status, body })
}

/**
 * Hands each on to a program, signed anew for the path there with the partner's own secret and a token that every process
 * with that secret accepts. What the program answers is what the gateway is told.
 */
export function forwarding(
  target: URL,
  keys: Pick<NotificationKeys, 'clientId' | 'clientSecret'>,
): Answering {
  return async (notification, path) => {
    const url = new URL(target)
    if (url.pathname === '/') url.pathname = path
    const beganMs = performance.now()
    const done = (status: number | undefined, failure?: string): Forwarded => ({
      to: url.href,
      status,
      ms: Math.round(performance.now() - beganMs),
      failure,
    })
    try {
      const customerToken = notification.type === 'payment' ? notification.customerToken : undefined
      const { headers, rawBody } = signForTest(keys, {
        url: url.href,
        body: notification.body,
        ...(customerToken !== undefined && { customerToken }),
      })
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body: rawBody,
        redirect: 'manual',
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
      const body = await response.text()
      return { status: response.status, body, forwarded: done(response.status) }
    } catch (error) {
      const responseMessage = 'The program behind gerbang listen gave no answer'
      return {
        status: 500,
        body: JSON.stringify({ responseCode: '5005600', responseMessage }),
        forwarded: done(undefined, reasonOf(error as Error)),
      }
    }
  }
}
