import { findJsonFault } from '@gerbang/snap/json-fault'
import { BODY_FORMS, type BodyForm, STRICT_FORMS } from '@gerbang/snap/json-text'
import { verifyAsymmetric, verifySymmetric } from '@gerbang/snap/signature'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { EXIT, usageFailure } from '../failure.ts'
import { explainAsymmetric } from '../signature/asymmetric-mistakes.ts'
import { explainSignature } from '../signature/mistakes.ts'
import {
  addSigningOptions,
  needPublicKey,
  needSecret,
  readSignedThing,
  type SignedThing,
  type SigningOptions,
} from '../signature/signed-thing.ts'
import { sayJson } from '../terminal.ts'
import { explain } from './sign.ts'

interface VerifyOptions extends SigningOptions {
  readonly signature: string
  readonly publicKey?: string
  readonly strict?: boolean
  readonly explain?: boolean
}

interface Finding {
  readonly isValid: boolean
  readonly bodyForm?: BodyForm
  readonly mistakes: readonly { readonly id: string; readonly sentence: string }[]
}

const FORM_WORDS: Readonly<Record<BodyForm, string>> = {
  raw: 'the bytes as sent',
  minified: 'the minified body, as the standard says',
  reserialised: 'the document written anew without optional escapes',
  ascii: 'the document with \\uXXXX for letters beyond ASCII',
  go: "the document as Go's encoder writes it",
  php: 'the document as PHP writes it with slashes and letters unescaped',
  jackson: "the document as Java's Jackson writes it",
  gson: "the document as Java's Gson writes it",
}

export function addVerify(program: Command, context: Context): void {
  addSigningOptions(
    program.command('verify').description('does a signature fit, and if not, which mistake explains it'),
  )
    .requiredOption('--signature <text>', 'X-SIGNATURE')
    .option('--public-key <file>', 'for token and asymmetric; default: of the private key at hand')
    .option('--strict', 'accept only the minified body')
    .option('--explain', 'print every part of the expected string')
    .action((options: VerifyOptions) => check(context, options))
}

function check({ config, terminal }: Context, options: VerifyOptions): void {
  if (options.timestamp === undefined)
    throw usageFailure('--timestamp is needed: the X-TIMESTAMP that was sent.')
  const thing = readSignedThing(config, options)
  const finding =
    thing.type === 'symmetric'
      ? findSymmetric(thing, options)
      : findAsymmetric(thing, { ...options, publicKey: needPublicKey(config, thing, options.publicKey) })
  if (!finding.isValid) process.exitCode = EXIT.failedCheck
  if (options.json) {
    sayJson(terminal, { ...finding, stringToSign: thing.stringToSign })
    return
  }
  if (finding.isValid) {
    const form = finding.bodyForm === undefined ? '' : ` It was made over ${FORM_WORDS[finding.bodyForm]}.`
    terminal.say(`${terminal.shade('green', 'The signature is right.')}${form}`)
  } else {
    terminal.say(terminal.shade('red', 'The signature is wrong.'))
    for (const { id, sentence } of finding.mistakes) terminal.say(`  ${id}: ${sentence}`)
    terminal.say(`Expected string to sign: ${thing.stringToSign}`)
  }
  if (options.explain) explain(terminal, thing)
}

function findSymmetric(thing: SignedThing, { signature, strict }: VerifyOptions): Finding {
  const secret = needSecret(thing)
  const request = {
    secret,
    method: thing.method,
    target: thing.target,
    accessToken: thing.token,
    body: thing.body,
    timestamp: thing.timestamp,
  }
  if (thing.body.length > 0 && findJsonFault(thing.body) === 'duplicate-member') {
    const sentence = 'The body names a member twice: refused whatever its signature.'
    return { isValid: false, mistakes: [{ id: 'duplicate-member', sentence }] }
  }
  const bodyForm = verifySymmetric({ ...request, signature, forms: strict ? STRICT_FORMS : STANDARD_FIRST })
  if (bodyForm !== undefined) return { isValid: true, bodyForm, mistakes: [] }
  const known = explainSignature(request, signature)
  return { isValid: false, mistakes: known.length > 0 ? known.map(nameOf) : [guess(signature)] }
}

function findAsymmetric(
  thing: SignedThing,
  { signature, publicKey }: { signature: string; publicKey: Parameters<typeof explainAsymmetric>[0] },
): Finding {
  if (verifyAsymmetric(publicKey, thing.stringToSign, signature)) return { isValid: true, mistakes: [] }
  const known = explainAsymmetric(publicKey, thing.stringToSign, signature)
  return { isValid: false, mistakes: [known === undefined ? guess(signature, thing.type) : nameOf(known)] }
}

/** A compact body is raw and minified at once; the standard's name is the better one to hear. */
const STANDARD_FIRST: readonly BodyForm[] = [
  ...STRICT_FORMS,
  ...BODY_FORMS.filter((form) => form !== 'minified'),
]

function nameOf({ id, sentence }: { id: string; sentence: string }) {
  return { id, sentence }
}

/** What the length alone tells when nothing known fits. */
function guess(signature: string, type: SignedThing['type'] = 'symmetric') {
  const { length } = Buffer.from(signature, 'base64')
  if (type === 'symmetric' && length >= 256) {
    return {
      id: 'rsa-signature',
      sentence: 'This is an RSA signature. Transactions are signed with HMAC-SHA512.',
    }
  }
  if (type !== 'symmetric' && length === 64) {
    return {
      id: 'hmac-signature',
      sentence: 'This is an HMAC. Token requests are signed with the RSA private key.',
    }
  }
  return {
    id: 'unknown',
    sentence: `No known mistake leads to it. Check the ${type === 'symmetric' ? 'secret, the token' : 'key pair'} and each part with --explain.`,
  }
}
