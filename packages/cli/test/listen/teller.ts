import { generateKeyPairSync, randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { signAsymmetric, signSymmetric } from '@gerbang/snap/signature'
import { hashBody, symmetricStringToSign, tokenStringToSign } from '@gerbang/snap/string-to-sign'
import { formatTimestamp } from '@gerbang/snap/timestamp'
import { closedPort, emptyFolder } from '../run-gerbang.ts'
import { SECRET, writePartner } from '../shop.ts'
import { type Launcher, launchIn } from '../start/launcher.ts'

export const CLIENT_ID = 'BRN-1'
export const TOKEN_OF_CARD = 'de52e5820f4c381db88a1cf91d57b73e'
export const PAID = {
  originalPartnerReferenceNo: 'INV-1',
  originalReferenceNo: 'REF-1',
  originalExternalId: '418075533589',
  latestTransactionStatus: '00',
  transactionStatusDesc: 'Success',
  amount: { value: '10000.00', currency: 'IDR' },
  additionalInfo: { channel: 'KARTU_KREDIT_INDONESIA_SNAP', bankCardToken: TOKEN_OF_CARD },
}

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const GATEWAY_KEY = publicKey.export({ type: 'spki', format: 'pem' }).toString()

export interface Ear {
  readonly url: string
  readonly cwd: string
  readonly listener: Launcher
  /** Another listener in the same folder and on the same port. */
  again(...args: string[]): Launcher
}

/** `gerbang listen` in a folder with a partner's credentials. */
export async function anEar(t: TestContext, ...args: string[]): Promise<Ear> {
  const cwd = await emptyFolder(t)
  const port = await closedPort()
  await writePartner(cwd, 'http://127.0.0.1:9')
  await writeFile(join(cwd, '.gerbang', 'gateway-public.pem'), GATEWAY_KEY)
  const endings: (() => Promise<unknown>)[] = []
  t.after(async () => {
    for (const end of endings.reverse()) await end()
  })
  const environment = {
    PATH: process.env.PATH,
    GERBANG_LISTEN_PORT: String(port),
    GERBANG_GATEWAY_PUBLIC_KEY_FILE: '.gerbang/gateway-public.pem',
  }
  const again = (...more: string[]) => launchIn({ cwd, environment, endings }, ['listen', ...more])
  const listener = again(...args)
  await listener.printed('Listening at')
  return { url: `http://127.0.0.1:${port}`, cwd, listener, again }
}

export interface Told {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** Tells a partner as a gateway does, written from the specification: a token first, then the signed notification. */
export async function tell(
  url: string,
  body: object,
  { path = '/v1.0/debit/notify', secret = SECRET, offsetMs = 0 } = {},
): Promise<Told> {
  const timestamp = formatTimestamp(Date.now() + offsetMs)
  const { body: granted } = await post(`${url}/authorization/v1/access-token/b2b`, '{}', {
    'x-client-key': CLIENT_ID,
    'x-timestamp': timestamp,
    'x-signature': signAsymmetric(privateKey, tokenStringToSign(CLIENT_ID, timestamp)),
  })
  const accessToken = String(granted.accessToken)
  const text = JSON.stringify(body)
  const bodyHash = hashBody(Buffer.from(text))
  const parts = { method: 'POST', target: path, accessToken, bodyHash, timestamp }
  return post(`${url}${path}`, text, {
    authorization: `Bearer ${accessToken}`,
    'x-partner-id': CLIENT_ID,
    'x-external-id': String(randomInt(1e12)),
    'x-timestamp': timestamp,
    'x-signature': signSymmetric(secret, symmetricStringToSign(parts)),
  })
}

async function post(url: string, body: string, headers: Record<string, string>): Promise<Told> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
  return { status: response.status, body: JSON.parse(await response.text()) as Record<string, unknown> }
}
