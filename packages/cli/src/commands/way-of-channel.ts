import { channelNamed, type KnownChannel, type NamedChannel } from '../channel-names.ts'
import { usageFailure } from '../failure.ts'

interface Way {
  /** What is true of all channels of this way, after their name. */
  readonly trait: string
  /** The commands that keep something there, and that pay. */
  readonly keep: (channel: string) => string
  readonly pay: (channel: string) => string
}

const WAYS = {
  token: {
    trait: 'is paid with a card and its one-time token, and keeps cards',
    keep: () => 'npx gerbang bind --cpan <digits>',
    pay: () => 'npx gerbang pay',
  },
  card: {
    trait: 'keeps cards, and is paid from a kept one',
    keep: (channel) => `npx gerbang bind --channel ${channel}`,
    pay: (channel) =>
      `npx gerbang bind --channel ${channel}, then npx gerbang account pay --channel ${channel}`,
  },
  account: {
    trait: 'keeps accounts, and is paid from a kept one',
    keep: (channel) => `npx gerbang account bind --channel ${channel}`,
    pay: (channel) =>
      `npx gerbang account bind --channel ${channel}, then npx gerbang account pay --channel ${channel}`,
  },
  wallet: {
    trait: 'keeps nothing: its customer confirms each payment in its own application',
    keep: (channel) => `npx gerbang wallet pay --channel ${channel}`,
    pay: (channel) => `npx gerbang wallet pay --channel ${channel}`,
  },
} as const satisfies Record<string, Way>

type WayName = keyof typeof WAYS

/** What a command is for, and the channels that it serves. */
const COMMANDS = {
  bind: { does: 'keep', serves: ['token', 'card'] },
  'account bind': { does: 'keep', serves: ['account'] },
  'account pay': { does: 'pay', serves: ['card', 'account'] },
  'wallet pay': { does: 'pay', serves: ['wallet'] },
} as const satisfies Record<string, { does: 'keep' | 'pay'; serves: readonly WayName[] }>

/**
 * The channel of that name. Throws CommandFailure, which names the command that does it, for a channel with which this command
 * can do nothing.
 */
export async function channelFor(command: keyof typeof COMMANDS, text: string): Promise<NamedChannel> {
  const channel = await channelNamed(text)
  const { known } = channel
  if (known === undefined) return channel
  const { does, serves } = COMMANDS[command]
  const way = wayOf(known)
  if (serves.some((served) => served === way)) return channel
  throw usageFailure(`${known.profile.title} ${WAYS[way].trait}.`, WAYS[way][does](known.slug))
}

function wayOf({ profile: { payment, binding } }: KnownChannel): WayName {
  if (payment.shape === 'kki') return 'token'
  return payment.shape === 'jump-app' ? 'wallet' : (binding?.kind ?? 'wallet')
}

/** Whether its payments name a kept card by its token, as those of Kartu Kredit Indonesia; else its customer's code does. */
export function isPaidByToken({ known }: NamedChannel): boolean {
  return known?.profile.payment.shape === 'kki'
}
