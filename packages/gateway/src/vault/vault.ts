import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomFillSync } from 'node:crypto'
import type { Secret } from '../secret.ts'

export interface VaultKey {
  readonly id: string
  /** 32 bytes. */
  readonly key: Secret<Buffer>
}

export interface Vault {
  /** Seals under the current key. The context is bound to the text: it opens under the same context only. */
  seal(text: string, context: string): string
  /** Opens under whichever key sealed it. Throws when key, context or text are not the ones that were sealed. */
  open(sealed: string, context: string): string
  /** A keyed HMAC-SHA-256, 32 bytes: to look up what must not be readable. */
  digest(purpose: string, text: string): Buffer
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
  const sealing = createSecretKey(current.key.reveal())
  const nextNonce = nonces()

  return {
    seal(text, context) {
      const nonce = nextNonce()
      const cipher = createCipheriv(CIPHER, sealing, nonce)
      cipher.setAAD(Buffer.from(context))
      const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return `${current.id}.${Buffer.concat(sealed).toString('base64url')}`
    },

    open(sealed, context) {
      const dot = sealed.indexOf('.')
      const vaultKey = keys.find(({ id }) => id === sealed.slice(0, dot))
      if (vaultKey === undefined) throw new Error('Sealed under a key that the vault does not hold')
      const bytes = Buffer.from(sealed.slice(dot + 1), 'base64url')
      const decipher = createDecipheriv(CIPHER, vaultKey.key.reveal(), bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
      decipher.setAAD(Buffer.from(context))
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
      return (
        decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      )
    },

    digest: (purpose, text) => createHmac('sha256', lookup).update(`${purpose}|${text}`).digest(),
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
