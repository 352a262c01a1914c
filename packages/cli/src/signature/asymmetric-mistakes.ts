import { type KeyObject, verify } from 'node:crypto'

/** One way to write or encode an RSA signature, right or wrong. */
interface Hypothesis {
  readonly id: string
  readonly sentence: string
  readonly text: (stringToSign: string) => string
  readonly decode: (signature: string) => Buffer
}

const same = (text: string) => text
const base64 = (signature: string) => Buffer.from(signature, 'base64')

const HYPOTHESES: readonly Hypothesis[] = [
  {
    id: 'hex-signature',
    sentence: 'The right bytes were sent in hex. Send them in base64.',
    text: same,
    decode: (signature) => Buffer.from(signature, 'hex'),
  },
  {
    id: 'base64-alphabet',
    sentence:
      'The base64 is broken over lines, lacks padding or uses the URL alphabet. Use one line of standard base64.',
    text: same,
    decode: base64,
  },
  {
    id: 'colon-separator',
    sentence: 'Client id and timestamp were joined with ":". For tokens it is "|".',
    text: (text) => text.replace('|', ':'),
    decode: base64,
  },
  {
    id: 'pipe-separator',
    sentence: 'The parts were joined with "|". Only token requests use it; here it is ":".',
    text: (text) => text.replaceAll(/:(?=\/|[0-9a-f]{64}:|\d{4}-)/g, '|'),
    decode: base64,
  },
  {
    id: 'string-trailing-newline',
    sentence: 'The signed string ends with a line break (echo adds one; use printf).',
    text: (text) => `${text}\n`,
    decode: base64,
  },
]

/** Why an RSA signature over this string does not verify, when a known mistake explains it. */
export function explainAsymmetric(
  publicKey: KeyObject,
  stringToSign: string,
  signature: string,
): { id: string; sentence: string } | undefined {
  return HYPOTHESES.find(({ text, decode }) =>
    verify('sha256', Buffer.from(text(stringToSign)), publicKey, decode(signature)),
  )
}
