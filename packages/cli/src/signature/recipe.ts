import { createHash, createHmac } from 'node:crypto'
import { minify } from '@gerbang/snap/json-text'

/** Every choice that goes into a symmetric signature. The right one is the standard; a mistake changes a member. */
export interface Recipe {
  readonly secret: string
  readonly method: string
  readonly target: string
  /** Absent: the component is left out. */
  readonly accessToken: string | undefined
  readonly body: Uint8Array
  readonly hash: (body: Uint8Array) => string
  readonly timestamp: string
  readonly separator: string
  readonly algorithm: 'sha512' | 'sha256'
  readonly encode: (mac: Buffer) => string
}

/** What was signed, as its owner sees it. */
export interface SymmetricRequest {
  readonly secret: string
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly accessToken: string
  /** The bytes that are sent. */
  readonly body: Uint8Array
  readonly timestamp: string
}

/** The recipe of the standard. */
export function rightRecipe(request: SymmetricRequest): Recipe {
  return {
    ...request,
    method: request.method.toUpperCase(),
    body: minify(request.body),
    hash: (body) => digest(body).toString('hex'),
    separator: ':',
    algorithm: 'sha512',
    encode: (mac) => mac.toString('base64'),
  }
}

export function stringToSignOf(recipe: Recipe): string {
  const { method, target, accessToken, body, hash, timestamp, separator } = recipe
  const parts = [method, target, accessToken, hash(body), timestamp]
  return parts.filter((part) => part !== undefined).join(separator)
}

export function signatureOf(recipe: Recipe): string {
  const mac = createHmac(recipe.algorithm, recipe.secret).update(stringToSignOf(recipe)).digest()
  return recipe.encode(mac)
}

export function digest(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest()
}
