import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  randomFillSync,
} from 'node:crypto'
import type { Secret } from '../secret.ts'

export interface VaultKey {
  readonly id: string
  /** 32 bytes. */
  readonly key: Secret<Buffer>
}

/** Seals and opens texts, each bound to a context: a text opens under the context alone under which it was sealed. */
export interface Seal {
  seal(text: string, context: string): string
  /** Throws when key, context or text are not the ones that were sealed. */
  open(sealed: string, context: string): string
}

export interface Vault extends Seal {
  /** A keyed HMAC-SHA-256, 32 bytes: to look up what must not be readable. */
  digest(purpose: string, text: string): Buffer
  /** The id of the key that seals now. */
  readonly currentKeyId: string
  /**
   * A new key for one thing, and the same key sealed, to be stored beside the thing. Whoever deletes the sealed key has
   * destroyed whatever was sealed under it, in every copy.
   */
  newDataKey(context: string): { readonly sealed: string; readonly seal: Seal }
  openDataKey(sealed: string, context: string): Seal
}

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** `k1.<base64url of nonce, ciphertext, tag>`: the key's id travels with the ciphertext, so keys can be rotated. */
export function openVault(keys: readonly VaultKey[], lookupKey: Secret<Buffer>): Vault {
  const [current] = keys
  if (current === undefined) throw new Error('The vault has no key')
  // Imported once: a key object spares each digest its import.
  const lookup = createSecretKey(lookupKey.reveal())
  const { seal, open } = openSeal(keys.map(({ id, key }) => ({ id, key: createSecretKey(key.reveal()) })))

  return {
    seal,
    open,
    digest: (purpose, text) => createHmac('sha256', lookup).update(`${purpose}|${text}`).digest(),
    currentKeyId: current.id,
    newDataKey(context) {
      const key = randomBytes(32)
      return { sealed: seal(key.toString('base64'), context), seal: openSeal([dataKey(key)]) }
    },
    openDataKey: (sealed, context) => openSeal([dataKey(Buffer.from(open(sealed, context), 'base64'))]),
  }
}

/** The id of the key that a text is sealed under. */
export function keyIdOf(sealed: string): string {
  return sealed.slice(0, Math.max(0, sealed.indexOf('.')))
}

const DATA_KEY_ID = 'd1'

function dataKey(bytes: Buffer): SealKey {
  return { id: DATA_KEY_ID, key: createSecretKey(bytes) }
}

interface SealKey {
  readonly id: string
  readonly key: KeyObject
}

/** The first key seals; every one opens what it has sealed. */
function openSeal(keys: readonly SealKey[]): Seal {
  const [current] = keys
  if (current === undefined) throw new Error('A seal has no key')
  return {
    seal(text, context) {
      const nonce = nextNonce()
      const cipher = createCipheriv(CIPHER, current.key, nonce)
      cipher.setAAD(Buffer.from(context))
      const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return `${current.id}.${Buffer.concat(sealed).toString('base64url')}`
    },

    open(sealed, context) {
      const keyId = keyIdOf(sealed)
      const known = keys.find(({ id }) => id === keyId)
      if (known === undefined) throw new Error('Sealed under a key that the vault does not hold')
      const bytes = Buffer.from(sealed.slice(keyId.length + 1), 'base64url')
      const decipher = createDecipheriv(CIPHER, known.key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
      decipher.setAAD(Buffer.from(context))
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
      return (
        decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      )
    },
  }
}

const NONCES_AT_ONCE = 256

/** Random nonces, drawn from the operating system many at a time: each is given out once. */
function nonces(): () => Buffer {
  let pool = Buffer.alloc(0)
  let at = 0
  return () => {
    if (at === pool.length) {
      pool = randomFillSync(Buffer.allocUnsafe(NONCE_BYTES * NONCES_AT_ONCE))
      at = 0
    }
    at += NONCE_BYTES
    return pool.subarray(at - NONCE_BYTES, at)
  }
}

const nextNonce = nonces()
