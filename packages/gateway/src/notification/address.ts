import type { PartnerUrl, Purpose, Recipient } from '../partner/recipient.ts'

/** Where a partner wants to be told: the URL of the channel, else the one for every channel; undefined when it has none. */
export function urlFor(
  urls: readonly PartnerUrl[],
  wanted: { readonly channel: string; readonly purpose: Purpose },
): string | undefined {
  const fitting = urls.filter(({ purpose }) => purpose === wanted.purpose)
  return (
    fitting.find(({ channel }) => channel === wanted.channel) ?? fitting.find(({ channel }) => channel === '')
  )?.url
}

/** Where a partner's token for that channel is fetched; undefined when its notifications are signed with the gateway's key. */
export function tokenUrlOf(
  { mode, urls }: Pick<Recipient, 'mode' | 'urls'>,
  channel: string,
): string | undefined {
  return mode === 'asymmetric' ? undefined : urlFor(urls, { channel, purpose: 'token' })
}

const URL_LENGTH = 1024
/** Longer than any name of a host, scheme and port included, and what a row holds. */
export const ENDPOINT_LENGTH = 300

/** A payment may name another host for its own notification, and nothing else: any other difference leaves the partner's URL. */
export function overridden(url: string, override: unknown): string {
  if (typeof override !== 'string' || !URL.canParse(override)) return url
  const [own, other] = [new URL(url), new URL(override)]
  const isSame = (['protocol', 'username', 'password', 'pathname', 'search'] as const).every(
    (part) => own[part] === other[part],
  )
  const isShort = other.href.length <= URL_LENGTH && other.origin.length <= ENDPOINT_LENGTH
  return isSame && isShort ? other.href : url
}

/** Scheme, host and port: whoever is down there is down for all its paths. Throws when the text is no URL. */
export function endpointOf(url: string): string {
  return new URL(url).origin
}
