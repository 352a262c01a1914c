import { randomInt } from 'node:crypto'
import type { CHANNELS } from '@gerbang/gateway/channels'
import { usageFailure } from './failure.ts'

/** A line of the gateway's list: the short name, and what the channel can do. */
export type KnownChannel = (typeof CHANNELS)[number]

/** A channel as the command line names it. One of a later gateway has a name and nothing else. */
export interface NamedChannel {
  /** As it stands in `additionalInfo.channel`. */
  readonly name: string
  readonly known: KnownChannel | undefined
}

/** The gateway's own list, read only when a channel is named: it is slow to load. */
async function knownChannels(): Promise<readonly KnownChannel[]> {
  const { CHANNELS } = await import('@gerbang/gateway/channels')
  return CHANNELS
}

/** The whole name for `cimb`. Any other text as it is: the gateway knows further names. */
export async function wholeName(text: string): Promise<string> {
  const short = text.toLowerCase()
  return (await knownChannels()).find(({ slug }) => slug === short)?.profile.name ?? text
}

/** The channel of `cimb`, or of a whole name as it stands in `additionalInfo.channel`. @throws CommandFailure */
export async function channelNamed(text: string): Promise<NamedChannel> {
  const channels = await knownChannels()
  const name = (await wholeName(text)).toUpperCase()
  const known = channels.find(({ profile }) => profile.name === name || profile.aliases.includes(name))
  if (known !== undefined || /^[A-Z0-9_]*_SNAP$/.test(name)) return { name, known }
  const shorts = channels.map(({ slug }) => slug).join(', ')
  throw usageFailure(
    `--channel must be one of ${shorts}, or a whole name: they stand in docs/reference/channels.md.`,
  )
}

/** Most channels take twelve characters. */
const USUAL_LENGTH = 12

/** A number for an order that the channel takes: digits, the time first. `now` in epoch milliseconds. */
export function makeReferenceFor({ known }: NamedChannel, now = Date.now()): string {
  const length = Math.max(USUAL_LENGTH, known?.profile.payment.reference.min ?? 0)
  const made = `${now}`.slice(length === USUAL_LENGTH ? 3 : 0)
  return made + Array.from({ length: length - made.length }, () => randomInt(10)).join('')
}
