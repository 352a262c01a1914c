import type { Profile } from '@gerbang/snap'
import type { Clock } from '../clock.ts'
import type { Sql } from '../database/pool.ts'
import type { Secret } from '../secret.ts'
import type { Vault } from '../vault/vault.ts'
import type { KeyUse } from './key-use/key-use.ts'
import { cardDataKeysOf, isValid, type PartnerKey, publicKeysOf, secretsOf } from './keys.ts'
import { findPartner, type PartnerRow } from './store.ts'

/** What a partner may ask in a second; undefined where the settings decide. 0: as much as it likes. */
export interface PartnerLimits {
  readonly requestsPerSecond: number | undefined
  /** How many at once. */
  readonly burst: number | undefined
  /** The same for access tokens. */
  readonly tokensPerSecond: number | undefined
}

/** A partner as its customers see it, also while it may not sign. */
export interface Shop {
  readonly partnerId: string
  /** What the cardholder reads as the shop's name. */
  readonly name: string
  /** Origins that may show the hosted pages in a frame. */
  readonly frameAncestors: readonly string[]
}

/** Who may sign, ready for use. */
export interface Partner extends Shop {
  /** Numbers response codes. */
  readonly profile: Profile
  /** `doku`: who asks again is given the first reply. `snap`: a bare conflict. */
  readonly idempotencyProfile: Profile
  /** One, or two while a rotation is under way; the one to use first. */
  readonly clientSecrets: readonly PartnerKey[]
  readonly publicKeys: readonly PartnerKey[]
  /** Keys of card data that are good at this moment, in the order in which they are tried. */
  readonly cardDataKeys: readonly Secret[]
  /** Card data was opened: notes with which shared key, if it was one. */
  noteCardData(isOpenedBy: (key: string) => boolean): void
  /** Canonical names of channels that an operator has turned off. */
  readonly channelsOff: ReadonlySet<string>
  readonly limits: PartnerLimits
}

export interface PartnerDirectory {
  /** The active partner of that id, or undefined. What is found is kept for a few seconds. */
  find(partnerId: string): Promise<Partner | undefined> | Partner | undefined
  /** The partner of that id, suspended or not, for customers whose business with it began before. */
  findShop(partnerId: string): Promise<Shop | undefined>
}

export interface DirectoryOptions {
  readonly sql: Sql
  readonly vault: Vault
  readonly clock: Clock
  /** How long a partner, or the knowledge that there is none, is kept, in milliseconds. */
  readonly keepMs: number
  /** How many are kept. */
  readonly size: number
  readonly keyUse?: Pick<KeyUse, 'note'>
}

interface Found {
  readonly shop: Shop
  /** Undefined while it is suspended. */
  readonly partner: Partner | undefined
}

interface Kept {
  readonly found: Promise<Found | undefined>
  partner?: Partner | undefined
  readonly since: number
}

/** Partners by id, read through a small cache: one query a partner every few seconds, however many requests. */
export function openDirectory(options: DirectoryOptions): PartnerDirectory {
  const kept = new Map<string, Kept>()

  function look(partnerId: string): Kept {
    const now = options.clock.now()
    const known = kept.get(partnerId)
    // A clock that was put back must not keep a suspended partner: what is younger than now is not believed.
    const isFresh = known !== undefined && now >= known.since && now - known.since < options.keepMs
    if (isFresh) return known
    const entry: Kept = { found: load(options, partnerId), since: now }
    entry.found.then(
      (found) => {
        entry.partner = found?.partner
      },
      () => kept.delete(partnerId),
    )
    if (kept.size >= options.size) kept.delete(kept.keys().next().value ?? '')
    kept.set(partnerId, entry)
    return entry
  }

  return {
    find(partnerId) {
      const { partner, found } = look(partnerId)
      return partner ?? found.then((one) => one?.partner)
    },
    findShop: async (partnerId) => (await look(partnerId).found)?.shop,
  }
}

async function load(options: DirectoryOptions, partnerId: string): Promise<Found | undefined> {
  const row = await findPartner(options.sql, partnerId, options.clock.now())
  if (row === undefined) return undefined
  const shop = {
    partnerId,
    name: row.name,
    frameAncestors: row.frame_ancestors.split(' ').filter((origin) => origin !== ''),
  }
  return { shop, partner: row.state === 'active' ? partnerOf(options, shop, row) : undefined }
}

function partnerOf({ vault, clock, keyUse }: DirectoryOptions, shop: Shop, row: PartnerRow): Partner {
  const { partnerId } = shop
  const cardDataKeys = cardDataKeysOf(row.keys, vault, partnerId)
  return {
    ...shop,
    profile: row.profile,
    idempotencyProfile: row.idempotency_profile,
    clientSecrets: secretsOf(row.keys, vault, partnerId),
    publicKeys: publicKeysOf(row.keys),
    get cardDataKeys() {
      return cardDataKeys.filter((key) => isValid(key, clock.now())).map(({ text }) => text)
    },
    noteCardData(isOpenedBy) {
      const shared = cardDataKeys.filter(({ isShared }) => isShared)
      const opener = shared.find((key) => isValid(key, clock.now()) && isOpenedBy(key.text.reveal()))
      if (opener !== undefined) keyUse?.note(partnerId, opener.keyId)
    },
    channelsOff: new Set(row.channels.filter(({ isOn }) => !isOn).map(({ channel }) => channel)),
    limits: {
      requestsPerSecond: row.requests_per_second ?? undefined,
      burst: row.request_burst ?? undefined,
      tokensPerSecond: row.tokens_per_second ?? undefined,
    },
  }
}
