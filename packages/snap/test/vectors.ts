import { readFileSync } from 'node:fs'
import type { BodyForm } from '../src/json-text.ts'

/** One transaction of `vectors/symmetric.json`. */
export interface SymmetricVector {
  readonly name: string
  readonly method: string
  readonly target: string
  readonly secret: string
  readonly accessToken: string
  readonly timestamp: string
  readonly signedBody: string
  readonly bodyHash: string
  readonly stringToSign: string
  readonly signature: string
  readonly sentAs: readonly { about: string; body: string; bodyHash: string; form: BodyForm }[]
}

/** One text of `vectors/asymmetric.json`; `key` names the pair in `vectors/keys`. */
export interface AsymmetricVector {
  readonly name: string
  readonly key: string
  readonly text: string
  readonly signature: string
}

/** `vectors/mistakes.json`: what clients get wrong about K1. */
export interface MistakeVectors {
  readonly method: string
  readonly target: string
  readonly secret: string
  readonly accessToken: string
  readonly timestamp: string
  readonly sentBody: string
  readonly mistakes: readonly {
    name: string
    about: string
    stringToSign: string
    signature: string
    tolerated: BodyForm | null
  }[]
}

/** One card of `vectors/card-data.json`. */
export interface CardVector {
  readonly name: string
  readonly form: 'pair' | 'salted'
  readonly sharedKey: string
  /** With `pair` only. */
  readonly ivHex?: string
  readonly plaintext: string
  readonly cardData: string
}

/** One document of `vectors/clients.json` as a client library writes it: what it sends, and what it hashes. */
export interface WrittenVector {
  readonly client: string
  readonly document: string
  /** Names and versions of the writers. */
  readonly by: string
  readonly sent: string
  readonly signed: string
}

export const symmetricVectors: readonly SymmetricVector[] = JSON.parse(readVector('symmetric.json'))
export const asymmetricVectors: readonly AsymmetricVector[] = JSON.parse(readVector('asymmetric.json'))
export const mistakeVectors: MistakeVectors = JSON.parse(readVector('mistakes.json'))
export const writtenVectors: readonly WrittenVector[] = JSON.parse(readVector('clients.json')).written

export const cardVectors: readonly CardVector[] = JSON.parse(readVector('card-data.json'))

export function readKey(pair: string, half: 'private' | 'public'): string {
  return readVector(`keys/${pair}.${half}.pem`)
}

/** From packages/snap/dist/test up to the root of the repository. */
function readVector(path: string): string {
  return readFileSync(new URL(`../../../../vectors/${path}`, import.meta.url), 'utf8')
}
