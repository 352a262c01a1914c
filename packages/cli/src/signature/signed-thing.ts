import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { minify } from '@gerbang/snap/json-text'
import { readPublicKey } from '@gerbang/snap/signature'
import {
  asymmetricStringToSign,
  hashBody,
  symmetricStringToSign,
  tokenStringToSign,
} from '@gerbang/snap/string-to-sign'
import { formatTimestamp } from '@gerbang/snap/timestamp'
import type { Command } from 'commander'
import type { CliConfig } from '../config.ts'
import { type Credentials, findCredentials, readText } from '../credentials.ts'
import { usageFailure } from '../failure.ts'

/** The options that `sign` and `verify` share. */
export interface SigningOptions {
  readonly method: string
  readonly path?: string
  readonly body?: string
  readonly type: string
  readonly token?: string
  readonly timestamp?: string
  readonly clientId?: string
  readonly secretFile?: string
  readonly credentials?: string
  readonly json?: boolean
}

/** The only body that a token request has; its signature does not cover it. */
const TOKEN_BODY = '{"grantType":"client_credentials"}'

export type SignatureType = 'symmetric' | 'token' | 'asymmetric'

/** Everything that a signature is made of, and the keys at hand. */
export interface SignedThing {
  readonly type: SignatureType
  readonly method: string
  readonly target: string
  readonly body: Uint8Array
  /** Where the body came from when it is a file: for `--curl`. */
  readonly bodyFile: string | undefined
  readonly token: string
  readonly timestamp: string
  readonly clientId: string
  readonly stringToSign: string
  readonly credentials: Partial<Credentials>
}

export function addSigningOptions(command: Command): Command {
  return command
    .option('--method <method>', 'HTTP method', 'POST')
    .option('--path <path>', 'path and query, as requested')
    .option('--body <text|@file|->', 'the body: text, @file, or - for standard input')
    .option('--type <type>', 'symmetric (transactions), token (access token), asymmetric', 'symmetric')
    .option('--token <token>', 'the B2B access token, without Bearer')
    .option('--timestamp <text>', 'X-TIMESTAMP')
    .option('--client-id <id>', 'X-PARTNER-ID or X-CLIENT-KEY')
    .option('--secret-file <file>', 'a file with the client secret, as it stands')
    .option('--credentials <file>', 'instead of .gerbang/demo-partner.json')
    .option('--json', 'print JSON')
}

/** Reads the options, the body and what is known of the credentials. Sends nothing. */
export function readSignedThing(config: CliConfig, options: SigningOptions): SignedThing {
  const type = readType(options.type)
  const found = findCredentials(config, options.credentials)
  const credentials = {
    ...found,
    ...(options.secretFile === undefined
      ? {}
      : { clientSecret: readText(resolve(config.cwd, options.secretFile)) }),
  }
  const thing = {
    type,
    method: options.method,
    target:
      type === 'token' ? (options.path ?? '/authorization/v1/access-token/b2b') : readTarget(options.path),
    ...readBody(config, options.body ?? (type === 'token' ? TOKEN_BODY : undefined)),
    token: type === 'symmetric' ? readToken(options.token) : '',
    timestamp: options.timestamp ?? formatTimestamp(Date.now()),
    clientId: options.clientId ?? credentials.clientId ?? '',
    credentials,
  }
  if (type === 'token' && thing.clientId === '')
    throw usageFailure('--client-id is needed: a token request signs it.')
  return { ...thing, stringToSign: stringToSign(thing) }
}

function stringToSign(thing: Omit<SignedThing, 'stringToSign'>): string {
  const { method, target, token: accessToken, timestamp } = thing
  const bodyHash = hashBody(minify(thing.body))
  if (thing.type === 'token') return tokenStringToSign(thing.clientId, timestamp)
  if (thing.type === 'asymmetric') return asymmetricStringToSign({ method, target, bodyHash, timestamp })
  return symmetricStringToSign({ method, target, accessToken, bodyHash, timestamp })
}

/** @throws CommandFailure when no secret is at hand. */
export function needSecret({ credentials }: SignedThing): string {
  if (credentials.clientSecret) return credentials.clientSecret
  throw usageFailure(
    'No client secret.',
    'set GERBANG_CLIENT_SECRET, or pass --secret-file FILE or --credentials FILE',
  )
}

/** @throws CommandFailure when no private key is at hand. */
export function needPrivateKey({ credentials }: SignedThing): string {
  if (credentials.privateKey) return credentials.privateKey
  throw usageFailure('No private key.', 'set GERBANG_PRIVATE_KEY_FILE, or pass --credentials FILE')
}

/** The key that checks an RSA signature: the file given, else the other half of the private key at hand. */
export function needPublicKey(config: CliConfig, thing: SignedThing, file: string | undefined): KeyObject {
  try {
    return file === undefined
      ? createPublicKey(needPrivateKey(thing))
      : readPublicKey(readText(resolve(config.cwd, file)))
  } catch (error) {
    if (error instanceof Error && error.name === 'CommandFailure') throw error
    throw usageFailure(`${file ?? 'The private key'} is not a usable RSA key in PEM form.`)
  }
}

function readType(type: string): SignatureType {
  if (type === 'symmetric' || type === 'token' || type === 'asymmetric') return type
  throw usageFailure('--type must be symmetric, token or asymmetric.')
}

function readTarget(path: string | undefined): string {
  if (path?.startsWith('/')) return path
  throw usageFailure('--path must be given and begin with "/": the path and query, without scheme and host.')
}

function readToken(token: string | undefined): string {
  if (token !== undefined) return token.replace(/^Bearer /i, '')
  throw usageFailure('--token is needed: a symmetric signature covers the access token.')
}

function readBody(
  config: CliConfig,
  body: string | undefined,
): { body: Uint8Array; bodyFile: string | undefined } {
  if (body === undefined) return { body: new Uint8Array(), bodyFile: undefined }
  const file = body === '-' ? 0 : body.startsWith('@') ? resolve(config.cwd, body.slice(1)) : undefined
  if (file === undefined) return { body: Buffer.from(body), bodyFile: undefined }
  try {
    return { body: readFileSync(file), bodyFile: file === 0 ? undefined : body.slice(1) }
  } catch {
    throw usageFailure(`Cannot read the body from ${body}.`)
  }
}
