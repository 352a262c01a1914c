import { type Profile, readPublicKey } from '@gerbang/snap'
import type { Database, Sql } from '../../database/pool.ts'
import type { Vault } from '../../vault/vault.ts'
import { type AuditRow, addEntry, listEntries } from '../audit/store.ts'
import { secretContext } from '../keys.ts'
import { ChangeRefused } from '../refused.ts'
import { differenceOf, type PartnerView, readView } from '../view.ts'
import { applyChanges, checkChanges, checkNames, type PartnerChanges } from './changes.ts'
import { newClientSecret, newPartnerId, newSharedKey } from './made.ts'
import {
  addPublicKey,
  checkOverlap,
  checkSharedKey,
  endKey,
  type KeyDeps,
  replaceSecret,
} from './rotation.ts'
import {
  addKey,
  addPartner,
  forgetEndedKeys,
  type ListedRow,
  listPartners,
  lockPartner,
  raiseVersion,
} from './store.ts'

export interface NewPartner {
  /** Made when absent: `BRN-dddd-<13 digits>`. */
  readonly partnerId?: string
  readonly name: string
  /** The partner's RSA public key, SPKI or PKCS#1 PEM, at least 2048 bits. */
  readonly publicKeyPem: string
  /** Made when absent: `SK-` and 20 letters or digits. */
  readonly clientSecret?: string
  readonly profile?: Profile
  /** As `profile` unless said. */
  readonly idempotencyProfile?: Profile
}

/** Who asks for a change, and of which version of the partner; any when absent. */
export interface Actor {
  readonly who: string
  readonly ifVersion?: number | undefined
}

export interface Changed {
  readonly partner: PartnerView
}

/** A new secret, to be shown once, and the key that it is. */
export interface Rotated extends Changed {
  readonly keyId: string
  readonly secret: string
}

/**
 * What operators do with partners. Every change is one commit with its entry in the audit log; what changes nothing writes nothing.
 * Throws ChangeRefused. Processes notice a change within `GERBANG_PARTNER_KEEP_MS`.
 */
export interface Administration {
  create(actor: Actor, partner: NewPartner): Promise<Rotated>
  /** Oldest first. All of them when `most` is absent. */
  list(page?: { after?: string | undefined; most?: number | undefined }): Promise<readonly ListedRow[]>
  show(partnerId: string): Promise<PartnerView>
  /** All of it or nothing. */
  change(actor: Actor, partnerId: string, changes: PartnerChanges): Promise<Changed>
  /** Beside the one there is, which ends after so many seconds, or when somebody ends it. */
  addPublicKey(
    actor: Actor,
    partnerId: string,
    key: { publicKeyPem: string; overlapSeconds?: number | undefined },
  ): Promise<Changed>
  /** Both secrets are good until the overlap has passed. */
  rotateSecret(actor: Actor, partnerId: string, overlapSeconds: number): Promise<Rotated>
  /** The key of card data, made when absent. */
  putSharedKey(
    actor: Actor,
    partnerId: string,
    key: { sharedKey?: string | undefined; overlapSeconds: number },
  ): Promise<Rotated>
  /** Ends a key at once: the earlier secret of a rotation, one of two public keys, a shared key. */
  endKey(actor: Actor, partnerId: string, keyId: string): Promise<Changed>
  /** The newest first. */
  audit(partnerId: string, page: { before?: string | undefined; most: number }): Promise<readonly AuditRow[]>
}

export interface AdministrationDeps {
  readonly database: Database
  readonly vault: Vault
  readonly now: () => number
  /** Canonical names of channels and what else partners call them; undefined for one that there is not. */
  readonly channelName: (name: string) => string | undefined
}

type Work<Made> = (sql: Sql, before: PartnerView) => Promise<Made>

export function openAdministration(deps: AdministrationDeps): Administration {
  const { database, now } = deps
  const keyDeps = (sql: Sql): KeyDeps => ({ sql, vault: deps.vault, now: now() })
  const write = <Made>(actor: Actor, partnerId: string, action: string, work: Work<Made>) =>
    writeChange(deps, { ...actor, partnerId, action }, work)
  const rotated = async (secret: string, written: Promise<Written<string>>): Promise<Rotated> => {
    const { partner, made } = await written
    return { partner, keyId: made, secret }
  }

  return {
    create: (actor, partner) => createPartner(deps, actor, partner),
    list: ({ after, most } = {}) => listPartners(database.sql, { after, most: most ?? null }),
    async show(partnerId) {
      return known(await readView(database.sql, partnerId, now()), partnerId)
    },
    async change(actor, partnerId, changes) {
      const checked = checkChanges(changes, deps.channelName)
      return write(actor, partnerId, 'changed', (sql, before) => applyChanges(sql, before, checked))
    },
    async addPublicKey(actor, partnerId, key) {
      const publicKeyPem = spkiOf(key.publicKeyPem)
      if (key.overlapSeconds !== undefined) checkOverlap(key.overlapSeconds)
      return write(actor, partnerId, 'public key added', (sql, before) =>
        addPublicKey(keyDeps(sql), before, { ...key, publicKeyPem }),
      )
    },
    async rotateSecret(actor, partnerId, overlapSeconds) {
      checkOverlap(overlapSeconds)
      const secret = newClientSecret()
      const key = { kind: 'secret', secret, overlapSeconds } as const
      const work: Work<string> = (sql, before) => replaceSecret(keyDeps(sql), before, key)
      return rotated(secret, write(actor, partnerId, 'secret rotated', work))
    },
    async putSharedKey(actor, partnerId, { sharedKey = newSharedKey(), overlapSeconds }) {
      checkOverlap(overlapSeconds)
      checkSharedKey(sharedKey)
      const key = { kind: 'shared', secret: sharedKey, overlapSeconds } as const
      const work: Work<string> = (sql, before) => replaceSecret(keyDeps(sql), before, key)
      return rotated(sharedKey, write(actor, partnerId, 'shared key set', work))
    },
    endKey: (actor, partnerId, keyId) =>
      write(actor, partnerId, 'key ended', (sql, before) => endKey(keyDeps(sql), before, keyId)),
    async audit(partnerId, { before, most }) {
      const entries = await listEntries(database.sql, partnerId, { before, most })
      if (entries.length === 0) known(await readView(database.sql, partnerId, now()), partnerId)
      return entries
    },
  }
}

interface Written<Made> extends Changed {
  readonly made: Made
}

interface Write extends Actor {
  readonly partnerId: string
  readonly action: string
}

/** The partner is held, so that what stood before is what the change is made of, also when two come at once. */
async function writeChange<Made>(
  { database, now }: AdministrationDeps,
  { who, ifVersion, partnerId, action }: Write,
  work: Work<Made>,
): Promise<Written<Made>> {
  return database.transaction(async (sql) => {
    const before = known(await lockedView(sql, partnerId, now()), partnerId)
    if (ifVersion !== undefined && ifVersion !== before.version)
      throw new ChangeRefused('stale', `Partner ${partnerId} has changed: it is version ${before.version}`)
    const made = await work(sql, before)
    await forgetEndedKeys(sql, partnerId, new Date(now()))
    const after = known(await readView(sql, partnerId, now()), partnerId)
    const difference = differenceOf(before, after)
    if (difference === undefined) return { partner: before, made }
    await raiseVersion(sql, partnerId)
    await addEntry(sql, partnerId, { at: new Date(now()), who, action, ...difference })
    return { partner: { ...after, version: before.version + 1 }, made }
  })
}

async function createPartner(
  { database, vault, now }: AdministrationDeps,
  { who }: Actor,
  partner: NewPartner,
): Promise<Rotated> {
  const partnerId = partner.partnerId ?? newPartnerId(now())
  const secret = partner.clientSecret ?? newClientSecret()
  const createdAt = new Date(now())
  const { name, profile = 'doku', idempotencyProfile = profile } = partner
  checkNames({ partnerId, name })
  const publicKeyPem = spkiOf(partner.publicKeyPem)
  return database.transaction(async (sql) => {
    if (!(await addPartner(sql, { partnerId, name, profile, idempotencyProfile, createdAt })))
      throw new ChangeRefused('conflict', `Partner ${partnerId} exists already`)
    await addKey(sql, partnerId, { kind: 'public', publicKeyPem, createdAt })
    const sealed = vault.seal(secret, secretContext(partnerId))
    const keyId = await addKey(sql, partnerId, { kind: 'secret', sealed, createdAt })
    const view = known(await readView(sql, partnerId, now()), partnerId)
    const difference = differenceOf(undefined, view)
    if (difference !== undefined)
      await addEntry(sql, partnerId, { at: createdAt, who, action: 'created', ...difference })
    return { partner: view, keyId, secret }
  })
}

async function lockedView(sql: Sql, partnerId: string, now: number): Promise<PartnerView | undefined> {
  return (await lockPartner(sql, partnerId)) ? readView(sql, partnerId, now) : undefined
}

function known(view: PartnerView | undefined, partnerId: string): PartnerView {
  if (view === undefined) throw new ChangeRefused('unknown', `There is no partner ${partnerId}`)
  return view
}

function spkiOf(publicKeyPem: string): string {
  try {
    return readPublicKey(publicKeyPem).export({ type: 'spki', format: 'pem' }).toString()
  } catch (error) {
    throw new ChangeRefused('invalid', `The public key is none: ${(error as Error).message}`)
  }
}
