import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { type BodyForm, bodyForms } from './json-text.ts'
import { hashBody, symmetricStringToSign } from './string-to-sign.ts'

const MAC_BYTES = 64
const MODULUS_MIN = 2048

/** HMAC-SHA512 in base64: what `X-SIGNATURE` carries on every transaction. A KeyObject saves its import. */
export function signSymmetric(secret: string | KeyObject, stringToSign: string): string {
  return createHmac('sha512', secret).update(stringToSign).digest('base64')
}

export interface SignedRequest {
  readonly secret: string | KeyObject
  readonly method: string
  readonly target: string
  /** The B2B token without `Bearer `. */
  readonly accessToken: string
  /** The body as received. Refuse it with `findJsonFault` first: two equal members void the tolerance. */
  readonly body: Uint8Array
  readonly timestamp: string
  readonly signature: string
  /** Forms of the body that may have been signed. Default: all of `BODY_FORMS`. */
  readonly forms?: readonly BodyForm[]
}

/** The form of the body that the signature fits, or `undefined`. Compares in constant time; hex is refused. */
export function verifySymmetric(request: SignedRequest): BodyForm | undefined {
  const { secret, method, target, accessToken, timestamp } = request
  const given = decodeBase64(request.signature)
  if (given?.length !== MAC_BYTES) return undefined
  for (const { form, bytes } of bodyForms(request.body, request.forms)) {
    const bodyHash = hashBody(bytes)
    const text = symmetricStringToSign({ method, target, accessToken, bodyHash, timestamp })
    const expected = createHmac('sha512', secret).update(text).digest()
    if (timingSafeEqual(expected, given)) return form
  }
  return undefined
}

/** RSASSA-PKCS1-v1_5 with SHA-256, in base64. Deterministic. */
export function signAsymmetric(privateKey: KeyObject | string, text: string): string {
  const key = privateKey instanceof KeyObject ? privateKey : createPrivateKey(privateKey)
  return sign('sha256', Buffer.from(text), key).toString('base64')
}

/** Whether the signature is this key's. Throws when the key itself is not usable, as `readPublicKey` does. */
export function verifyAsymmetric(publicKey: KeyObject | string, text: string, signature: string): boolean {
  const key = publicKey instanceof KeyObject ? strongEnough(publicKey) : readPublicKey(publicKey)
  const given = decodeBase64(signature)
  return given !== undefined && verify('sha256', Buffer.from(text), key, given)
}

/**
 * An RSA public key of at least 2048 bits from PEM, SPKI or PKCS#1, or from their base64 without armour.
 * Throws an Error that says what is wrong and never repeats the text.
 */
export function readPublicKey(pem: string): KeyObject {
  // A private key would yield its public half; whoever pastes one should learn of it.
  if (pem.includes('PRIVATE KEY')) throw new Error('this is a private key; the public key is expected')
  for (const read of [readArmoured, readBareSpki, readBarePkcs1]) {
    const key = attempt(() => read(pem))
    if (key) return strongEnough(key)
  }
  throw new Error('not a public key: PEM with an RSA key (SPKI or PKCS#1) is expected')
}

const readArmoured = (pem: string): KeyObject => createPublicKey(pem)
const readBareSpki = (text: string): KeyObject => readDer(text, 'spki')
const readBarePkcs1 = (text: string): KeyObject => readDer(text, 'pkcs1')

function readDer(text: string, type: 'spki' | 'pkcs1'): KeyObject {
  return createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type })
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function strongEnough(key: KeyObject): KeyObject {
  if (key.type !== 'public') throw new Error(`a public key is expected, not a ${key.type} one`)
  if (key.asymmetricKeyType !== 'rsa') throw new Error(`an RSA key is expected, not ${key.asymmetricKeyType}`)
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < MODULUS_MIN)
    throw new Error(`an RSA key of at least ${MODULUS_MIN} bits is expected, not ${bits}`)
  return key
}

/** The bytes of canonical base64, `undefined` for every other spelling: one signature has one text. */
function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
