import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../config.ts'
import { type ListenPurpose, listenUrls } from '../listen/places.ts'
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

/** The demo partner, as the gateway is to know it. */
export interface Registration {
  environment: Environment
  partner: DemoPartner
  publicKeyFile: string
  /** The port of its listener, and the one that an earlier start gave it. */
  listenPort: number
  earlierListenPort: number | undefined
  migrated: Promise<unknown>
}

/** What `start` puts together; replaced in tests of the putting together alone. */
export interface Parts {
  /** Arguments to `node` for the two child processes. */
  simulate: readonly string[]
  serve: readonly string[]
  /** Makes the gateway know the partner, and where it is told, once `migrated` has settled; what is known stays. */
  registerPartner(registration: Registration): Promise<void>
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

async function registerPartner(registration: Registration): Promise<void> {
  // Loading takes a while, so it is done while the gateway starts.
  const { openPartners, readConfig } = await import('@gerbang/gateway')
  await registration.migrated
  const { environment, partner, publicKeyFile } = registration
  const partners = openPartners(readConfig(environment))
  try {
    const known = await partners.list()
    if (!known.some(({ partnerId }) => partnerId === partner.clientId)) {
      await partners.create({
        partnerId: partner.clientId,
        name: 'Demo',
        publicKeyPem: await readFile(publicKeyFile, 'utf8'),
        clientSecret: partner.clientSecret,
      })
    }
    const urls = wantedUrls(await partners.urls(partner.clientId), registration)
    if (urls.length > 0) await partners.change(partner.clientId, { urls })
  } finally {
    await partners.close()
  }
}

/** Those of its listener where there are none, or those of an earlier start; what somebody else has set stays. */
function wantedUrls(
  known: readonly { readonly channel: string; readonly purpose: string; readonly url: string }[],
  { listenPort, earlierListenPort }: Pick<Registration, 'listenPort' | 'earlierListenPort'>,
): readonly { purpose: ListenPurpose; url: string }[] {
  const wanted = listenUrls(listenPort)
  if (known.length === 0) return wanted
  if (earlierListenPort === undefined || earlierListenPort === listenPort) return []
  const earlier = listenUrls(earlierListenPort)
  return wanted.filter(({ purpose }) => {
    const before = earlier.find((one) => one.purpose === purpose)?.url
    return known.some((one) => one.channel === 'any' && one.purpose === purpose && one.url === before)
  })
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
