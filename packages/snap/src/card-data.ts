import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { findJsonFault } from './json-fault.ts'

const BLOCK = 16
const CIPHERTEXT_MAX = 4096
/** Room for a ciphertext of the longest kind in base64, an IV and line breaks. */
const TEXT_MAX = 8192
const SALTED = Buffer.from('Salted__')
const SALT_BYTES = 8
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/** What `openssl enc -k` may have been told: the cipher's name, its key's bytes, the hash that makes key and IV. */
const OPENSSL_FORMS = [
  { cipher: 'aes-256-cbc', keyBytes: 32, digest: 'sha256' },
  { cipher: 'aes-256-cbc', keyBytes: 32, digest: 'md5' },
  { cipher: 'aes-128-cbc', keyBytes: 16, digest: 'sha256' },
  { cipher: 'aes-128-cbc', keyBytes: 16, digest: 'md5' },
] as const

/** The members of a card and the names under which clients send them; the first that is there counts. */
const NAMES = {
  cardNumber: ['bankCardNo', 'cpan', 'cardNo', 'chargeToken'],
  cardType: ['bankCardType'],
  expiryDate: ['expiryDate', 'expiredDate'],
  otp: ['otp', 'ott'],
  phoneNo: ['phoneNo'],
  email: ['email'],
  holderName: ['custName', 'accountName'],
  identificationNo: ['identificationNo'],
  identificationType: ['identificationType'],
  dateOfBirth: ['dateOfBirth'],
} as const satisfies Record<string, readonly string[]>

/** A decrypted card as it was sent: nothing but the presence of a number is checked. Never log, store or print it. */
export type Card = { readonly cardNumber: string } & Partial<
  Readonly<Record<Exclude<keyof typeof NAMES, 'cardNumber'>, string>>
>

/** One way of turning the text back into JSON. */
interface Attempt {
  readonly cipher: string
  readonly key: Buffer
  readonly iv: Buffer
  readonly ciphertext: Buffer
}

/**
 * The `cardData` of a request: `base64(AES-128-CBC)|base64(IV)` of the card as compact JSON, under the first 16 bytes
 * of the shared key (the client secret unless another was agreed). A repeated IV betrays equal cards: leave it to chance.
 */
export function encryptCardData(
  card: Readonly<Record<string, unknown>>,
  sharedKey: string,
  iv: Uint8Array = randomBytes(BLOCK),
): string {
  const cipher = createCipheriv('aes-128-cbc', shortKey(sharedKey), iv)
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(card), 'utf8'), cipher.final()])
  return `${ciphertext.toString('base64')}|${Buffer.from(iv).toString('base64')}`
}

/**
 * The card of a `cardData`, or `undefined` whatever is wrong: form, key, padding, JSON or a missing number. CBC keeps
 * nothing whole, so decrypt only what a verified signature covers; more than one answer would be a padding oracle.
 * Keys are tried in order: the current shared key, the one before, the client secret.
 */
export function decryptCardData(text: string, keys: readonly string[]): Card | undefined {
  const value = decryptJson(text, keys)
  // Some clients encrypt what they were given encrypted already.
  return toCard(typeof value === 'string' ? decryptJson(value, keys) : value)
}

function decryptJson(text: string, keys: readonly string[]): unknown {
  if (text.length > TEXT_MAX) return undefined
  const parts = text.replace(/[\r\n]/g, '').split('|')
  const attempts = parts.length === 1 ? saltedAttempts(parts[0], keys) : pairAttempts(parts, keys)
  for (const attempt of attempts) {
    const value = read(attempt)
    if (value !== undefined) return value
  }
  return undefined
}

function* pairAttempts(parts: readonly string[], keys: readonly string[]): Iterable<Attempt> {
  if (parts.length !== 2) return
  const [ciphertext, iv] = [decodeBase64(parts[0]), decodeBase64(parts[1])]
  if (!isCiphertext(ciphertext) || iv?.length !== BLOCK) return
  for (const key of keys) yield { cipher: 'aes-128-cbc', key: shortKey(key), iv, ciphertext }
}

function* saltedAttempts(text: string | undefined, keys: readonly string[]): Iterable<Attempt> {
  const bytes = decodeBase64(text)
  if (!bytes?.subarray(0, SALTED.length).equals(SALTED)) return
  const salt = bytes.subarray(SALTED.length, SALTED.length + SALT_BYTES)
  const ciphertext = bytes.subarray(SALTED.length + SALT_BYTES)
  if (!isCiphertext(ciphertext)) return
  for (const passphrase of keys) {
    for (const { cipher, keyBytes, digest } of OPENSSL_FORMS) {
      const derived = deriveAsOpenssl({ digest, passphrase, salt, length: keyBytes + BLOCK })
      yield { cipher, key: derived.subarray(0, keyBytes), iv: derived.subarray(keyBytes), ciphertext }
    }
  }
}

/** JSON that is a value other than null, or nothing. A wrong padding takes the way of a wrong text, to its end. */
function read({ cipher, key, iv, ciphertext }: Attempt): unknown {
  const decipher = createDecipheriv(cipher, key, iv).setAutoPadding(false)
  const padded = Buffer.concat([decipher.update(ciphertext), decipher.final()])
  const size = padded.at(-1) ?? 0
  const isPadded = size >= 1 && size <= BLOCK && padded.subarray(-size).every((byte) => byte === size)
  const value = parse(padded.subarray(0, isPadded ? -size : padded.length))
  return isPadded ? value : undefined
}

function parse(bytes: Buffer): unknown {
  if (findJsonFault(bytes) !== undefined) return undefined
  return JSON.parse(bytes.toString()) ?? undefined
}

function toCard(value: unknown): Card | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const members = Object.entries(NAMES).flatMap(([member, names]) => {
    const text = names.map((name) => textOf(Reflect.get(value, name))).find((found) => found !== undefined)
    return text === undefined ? [] : [[member, text] as const]
  })
  const card: Partial<Record<keyof Card, string>> = Object.fromEntries(members)
  return card.cardNumber === undefined ? undefined : { ...card, cardNumber: card.cardNumber }
}

/** Empty and null are absent. A number that JSON could not carry whole is no number. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

function shortKey(sharedKey: string): Buffer {
  const key = Buffer.alloc(BLOCK, '-')
  Buffer.from(sharedKey).copy(key)
  return key
}

interface Derivation {
  readonly digest: 'md5' | 'sha256'
  readonly passphrase: string
  readonly salt: Buffer
  readonly length: number
}

/** OpenSSL's EVP_BytesToKey with one round: what `openssl enc` does unless it is told to do better. */
function deriveAsOpenssl({ digest, passphrase, salt, length }: Derivation): Buffer {
  let block = Buffer.alloc(0)
  let derived = block
  while (derived.length < length) {
    block = createHash(digest).update(block).update(passphrase).update(salt).digest()
    derived = Buffer.concat([derived, block])
  }
  return derived.subarray(0, length)
}

function isCiphertext(bytes: Buffer | undefined): bytes is Buffer {
  return (
    bytes !== undefined && bytes.length > 0 && bytes.length % BLOCK === 0 && bytes.length <= CIPHERTEXT_MAX
  )
}

/** Both alphabets, with padding and without; anything else is `undefined`. */
function decodeBase64(text: string | undefined): Buffer | undefined {
  return text !== undefined && BASE64.test(text) ? Buffer.from(text, 'base64') : undefined
}
