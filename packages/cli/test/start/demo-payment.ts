import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SnapClient } from '@gerbang/sdk'
import type { Place } from './launcher.ts'

export const PAID = '2005400 Successful'
export const READY = 'Ctrl-C stops everything'

export async function readPartner(home: string) {
  return JSON.parse(await readFile(join(home, 'demo-partner.json'), 'utf8')) as Record<string, string>
}

export async function payOnce({ home }: Place, reference: string): Promise<string> {
  const { baseUrl = '', clientId = '', clientSecret = '', privateKeyFile = '' } = await readPartner(home)
  const privateKey = await readFile(join(home, privateKeyFile), 'utf8')
  const client = new SnapClient({ baseUrl, clientId, clientSecret, privateKey, timeoutMs: 3_000, retries: 0 })
  const { responseCode } = await client.pay({
    partnerReferenceNo: reference,
    amount: '10000.00',
    chargeToken: '9360000200000200001',
    otp: '12345678',
  })
  return responseCode
}

/** A payment that succeeds, however often one has to try (each time as a new order). */
export async function payUntilPaid(place: Place): Promise<void> {
  let last: unknown
  for (let attempt = 0; attempt < 60; attempt++) {
    const code = await payOnce(place, `AGAIN-${process.pid}-${attempt}-${place.port}`).catch(
      (error: unknown) => {
        last = error
      },
    )
    if (code === '2005400') return
    await sleep(100)
  }
  throw new Error('no payment succeeds any more', { cause: last })
}
