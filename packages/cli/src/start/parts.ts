import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../config.ts'
import type { DemoPartner } from './state.ts'

const CPAN = '9360000200000200001'
const OTT = '12345678'
const AMOUNT = '10000.00'

/** What the API answered to the first payment. */
export interface FirstAnswer {
  responseCode: string
  responseMessage: string
  referenceNo: string | undefined
}

/** What `start` puts together; replaced in tests of the putting together alone. */
export interface Parts {
  /** Arguments to `node` for the two child processes. */
  simulate: readonly string[]
  serve: readonly string[]
  /** Makes the gateway know the partner, once `migrated` has settled; does nothing when it does. */
  registerPartner(
    environment: Environment,
    partner: DemoPartner,
    publicKeyFile: string,
    migrated: Promise<unknown>,
  ): Promise<void>
  /** Makes one signed payment over HTTP. */
  pay(partner: DemoPartner, privateKeyFile: string): Promise<FirstAnswer>
}

/** The same card as in the payment that `start` makes itself. */
export const PAY_COMMAND = `npx gerbang pay --cpan ${CPAN} --ott ${OTT} --amount ${AMOUNT}`

const gerbang = fileURLToPath(new URL('../../../bin/gerbang.js', import.meta.url))

export const REAL_PARTS: Parts = {
  simulate: [gerbang, 'simulate'],
  serve: [gerbang, 'serve'],
  registerPartner,
  pay,
}

async function registerPartner(
  environment: Environment,
  partner: DemoPartner,
  publicKeyFile: string,
  migrated: Promise<unknown>,
): Promise<void> {
  // Loading takes a while, so it is done while the gateway starts.
  const { openPartners, readConfig } = await import('@gerbang/gateway')
  await migrated
  const partners = openPartners(readConfig(environment))
  try {
    const known = await partners.list()
    if (known.some(({ partnerId }) => partnerId === partner.clientId)) return
    await partners.create({
      partnerId: partner.clientId,
      name: 'Demo',
      publicKeyPem: await readFile(publicKeyFile, 'utf8'),
      clientSecret: partner.clientSecret,
    })
  } finally {
    await partners.close()
  }
}

async function pay(partner: DemoPartner, privateKeyFile: string): Promise<FirstAnswer> {
  const { SnapClient } = await import('@gerbang/sdk')
  const { baseUrl, clientId, clientSecret } = partner
  const privateKey = await readFile(privateKeyFile, 'utf8')
  const client = new SnapClient({ baseUrl, clientId, clientSecret, privateKey })
  const partnerReferenceNo = `START-${Date.now()}`
  const { responseCode, responseMessage, referenceNo } = await client.pay({
    partnerReferenceNo,
    amount: AMOUNT,
    chargeToken: CPAN,
    otp: OTT,
  })
  return { responseCode, responseMessage, referenceNo }
}
