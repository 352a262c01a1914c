import { newExternalId } from '@gerbang/sdk'
import { minify } from '@gerbang/snap/json-text'
import { signAsymmetric, signSymmetric } from '@gerbang/snap/signature'
import { hashBody } from '@gerbang/snap/string-to-sign'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { quoted } from '../shell-word.ts'
import {
  addSigningOptions,
  needPrivateKey,
  needSecret,
  readSignedThing,
  type SignedThing,
  type SigningOptions,
} from '../signature/signed-thing.ts'
import { sayJson, sayRows, type Terminal } from '../terminal.ts'

interface SignOptions extends SigningOptions {
  readonly curl?: boolean
  readonly explain?: boolean
}

export function addSign(program: Command, context: Context): void {
  addSigningOptions(
    program.command('sign').description('headers of a request, and the string that was signed'),
  )
    .option('--curl', 'print a curl command')
    .option('--explain', 'print every part of the string to sign')
    .action((options: SignOptions) => sign(context, options))
}

function sign({ config, terminal }: Context, options: SignOptions): void {
  const thing = readSignedThing(config, options)
  const headers = headersOf(thing)
  if (options.json) {
    sayJson(terminal, { stringToSign: thing.stringToSign, headers })
    return
  }
  if (options.curl) {
    terminal.say(curl(thing, headers))
    return
  }
  for (const [name, value] of Object.entries(headers)) terminal.say(`${name}: ${value}`)
  terminal.say('')
  terminal.say(`String to sign: ${thing.stringToSign}`)
  if (options.explain) explain(terminal, thing)
}

function headersOf(thing: SignedThing): Record<string, string> {
  const common = { 'Content-Type': 'application/json', 'X-TIMESTAMP': thing.timestamp }
  if (thing.type === 'token') {
    return { ...common, 'X-CLIENT-KEY': thing.clientId, 'X-SIGNATURE': rsa(thing) }
  }
  return {
    ...common,
    ...(thing.type === 'symmetric' ? { Authorization: `Bearer ${thing.token}` } : {}),
    'X-PARTNER-ID': thing.clientId,
    'X-EXTERNAL-ID': newExternalId(),
    'X-SIGNATURE':
      thing.type === 'symmetric' ? signSymmetric(needSecret(thing), thing.stringToSign) : rsa(thing),
  }
}

function rsa(thing: SignedThing): string {
  return signAsymmetric(needPrivateKey(thing), thing.stringToSign)
}

/** One part a line, with where it comes from. Also what `verify` shows. */
export function explain(terminal: Terminal, thing: SignedThing): void {
  terminal.say('')
  if (thing.type === 'token') {
    terminal.say('clientId|timestamp, signed with RSA (PKCS#1 v1.5, SHA-256), in base64:')
    sayRows(terminal, [
      ['clientId', thing.clientId],
      ['timestamp', thing.timestamp],
    ])
    return
  }
  const isSymmetric = thing.type === 'symmetric'
  terminal.say(
    isSymmetric
      ? 'METHOD:path:token:hash:timestamp, signed with HMAC-SHA512 under the client secret, in base64:'
      : 'METHOD:path:hash:timestamp, signed with RSA (PKCS#1 v1.5, SHA-256), in base64:',
  )
  const minified = minify(thing.body)
  sayRows(terminal, [
    ['method', thing.method.toUpperCase()],
    ['path', thing.target],
    ['token', isSymmetric ? thing.token : undefined],
    ['hash', `${hashBody(minified)} (SHA-256 of the minified body, lower-case hex)`],
    ['timestamp', `${thing.timestamp} (the header, byte for byte)`],
    ['minified body', Buffer.from(minified).toString('utf8')],
  ])
}

function curl(thing: SignedThing, headers: Record<string, string>): string {
  const base = (thing.credentials.baseUrl ?? 'http://127.0.0.1:4010').replace(/\/+$/, '')
  const body = thing.bodyFile === undefined ? Buffer.from(thing.body).toString('utf8') : `@${thing.bodyFile}`
  return [
    `curl -sS -X ${quoted(thing.method.toUpperCase())} ${quoted(base + thing.target)}`,
    ...Object.entries(headers).map(([name, value]) => `  -H ${quoted(`${name}: ${value}`)}`),
    ...(thing.body.length > 0 ? [`  --data-binary ${quoted(body)}`] : []),
  ].join(' \\\n')
}
