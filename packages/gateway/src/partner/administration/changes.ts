import type { Profile } from '@gerbang/snap'
import type { Sql } from '../../database/pool.ts'
import {
  EVERY_CHANNEL,
  type NotificationCustomerToken,
  type NotificationMode,
  PURPOSES,
  type Purpose,
} from '../recipient.ts'
import { ChangeRefused } from '../refused.ts'
import type { PartnerView } from '../view.ts'
import { changePartner, deleteUrl, putChannel, putLimits, putUrl } from './store.ts'

/** What an operator may change of a partner; what is absent stays. */
export interface PartnerChanges {
  readonly name?: string | undefined
  /** Numbers response codes. */
  readonly profile?: Profile | undefined
  /** Says what a repeated request is answered. */
  readonly idempotencyProfile?: Profile | undefined
  readonly state?: 'active' | 'suspended' | undefined
  /** Each takes the place of the URL of its channel and purpose; without `url` that one is deleted. */
  readonly urls?: readonly {
    /** `any`, as when it is absent: every channel that has no URL of its own. */
    readonly channel?: string | undefined
    readonly purpose: Purpose
    readonly url?: string | undefined
  }[]
  readonly notificationMode?: NotificationMode | undefined
  readonly notificationCustomerToken?: NotificationCustomerToken | undefined
  /** Origins that may show the hosted pages in a frame; empty for none. */
  readonly frameAncestors?: readonly string[] | undefined
  readonly channels?: readonly { readonly channel: string; readonly isOn: boolean }[]
  /** Null leaves a limit to the settings, 0 is none. */
  readonly limits?: Partial<PartnerView['limits']> | undefined
}

export type ChannelName = (name: string) => string | undefined

/** The changes with channels by their canonical names. Throws ChangeRefused `invalid` for what is none. */
export function checkChanges(changes: PartnerChanges, channelName: ChannelName): PartnerChanges {
  const { urls = [], channels = [], frameAncestors = [], name, limits } = changes
  checkNames({ name })
  for (const { purpose, url } of urls) checkUrl(purpose, url)
  for (const origin of frameAncestors) checkOrigin(origin)
  if (frameAncestors.join(' ').length > 1024) throw invalid('Those are too many origins')
  if (limits !== undefined) checkLimits(limits)
  const canonical = (channel: string) => {
    const found = channelName(channel)
    if (found === undefined) throw invalid(`There is no channel ${channel}`)
    return found
  }
  return {
    ...changes,
    urls: urls.map(({ channel = EVERY_CHANNEL, ...one }) => ({
      ...one,
      channel: channel === EVERY_CHANNEL ? '' : canonical(channel),
    })),
    channels: channels.map(({ channel, isOn }) => ({ channel: canonical(channel), isOn })),
  }
}

export function checkNames({ partnerId, name }: { partnerId?: string; name?: string | undefined }): void {
  if (partnerId !== undefined && !/^[A-Za-z0-9._-]{1,64}$/.test(partnerId))
    throw invalid('The id of a partner has 1 to 64 letters, digits, dots, hyphens or underscores')
  if (name !== undefined && !/^[^\p{Cc}]{1,100}$/u.test(name))
    throw invalid('The name of a partner has 1 to 100 characters')
}

/** `before`: the partner as it stands, held by whoever calls. */
export async function applyChanges(sql: Sql, before: PartnerView, changes: PartnerChanges): Promise<void> {
  const { partnerId } = before
  const { urls = [], channels = [], frameAncestors, limits, name, profile, state } = changes
  await changePartner(sql, partnerId, {
    name,
    profile,
    idempotencyProfile: changes.idempotencyProfile,
    state,
    mode: changes.notificationMode,
    customerToken: changes.notificationCustomerToken,
    frameAncestors: frameAncestors?.join(' '),
  })
  if (limits !== undefined) await putLimits(sql, partnerId, { ...before.limits, ...limits })
  for (const one of channels) await putChannel(sql, partnerId, one)
  for (const { channel = '', purpose, url } of urls) {
    if (url === undefined) await deleteUrl(sql, partnerId, { channel, purpose })
    else await putUrl(sql, partnerId, { channel, purpose, url })
  }
}

function checkUrl(purpose: string, url: string | undefined): void {
  if (!(PURPOSES as readonly string[]).includes(purpose))
    throw invalid(`${purpose} is not one of ${PURPOSES.join(', ')}`)
  if (url === undefined) return
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const isSound =
    parsed !== undefined &&
    /^https?:\/\/[^\s\p{Cc}]+$/u.test(url) &&
    parsed.username === '' &&
    parsed.password === '' &&
    url.length <= 1024
  if (!isSound) throw invalid(`The URL for ${purpose} is not an http or https URL without a user`)
}

/** A host may hold signs that are a wildcard or an end of the rule in a policy: pages would leave such an origin out. */
const PLAIN_ORIGIN = /^https?:\/\/(?:[a-z\d.-]+|\[[\da-f:]+\])(?::\d+)?$/

function checkOrigin(origin: string): void {
  const isOrigin = URL.canParse(origin) && new URL(origin).origin === origin && PLAIN_ORIGIN.test(origin)
  if (!isOrigin) throw invalid(`${origin.slice(0, 100)} is not an origin`)
}

function checkLimits(limits: Partial<PartnerView['limits']>): void {
  const { requestsPerSecond = null, burst = null, tokensPerSecond = null } = limits
  const isRate = (rate: number | null) =>
    rate === null || (Number.isInteger(rate) && rate >= 0 && rate <= 100_000)
  const isBurst = burst === null || (Number.isInteger(burst) && burst >= 1 && burst <= 200_000)
  if (!isRate(requestsPerSecond) || !isRate(tokensPerSecond))
    throw invalid('A limit is a whole number from 0 to 100000 a second')
  if (!isBurst) throw invalid('A burst is a whole number from 1 to 200000')
}

function invalid(message: string): ChangeRefused {
  return new ChangeRefused('invalid', message)
}
