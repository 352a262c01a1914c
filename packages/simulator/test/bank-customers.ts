import assert from 'node:assert/strict'
import { aReference, type aSimulator, call, type Reply, rupiah } from './rig.ts'

export type Rig = Awaited<ReturnType<typeof aSimulator>>

export const RIGHT = '111000'
export const PIN = '123456'
const LATER = '2099-11-21T03:00:00.000Z'

let serial = 0
/** Of somebody with much money. */
export function aPhone(): string {
  serial += 1
  return `62819${String(serial).padStart(7, '0')}`
}

/** What a gateway asks of one bank. */
export function bankOf(simulator: Rig, slug: string, key?: string) {
  const bank = (method: string, path: string, body?: unknown): Promise<Reply> =>
    call(`${simulator.url}/bank/v1/${slug}${path}`, method, body, key)
  const bind = (takes: Record<string, unknown> = {}) =>
    bank('POST', '/bindings', {
      referenceNo: aReference(),
      merchantId: 'BRN-0001',
      merchantReferenceNo: 'BIND-1',
      customerId: 'CUST-1',
      phoneNo: aPhone(),
      expiresAt: LATER,
      ...takes,
    })
  const verify = (referenceNo: unknown, step: string, attempt: number, code: string) =>
    bank('POST', `/bindings/${referenceNo}/verification`, { step, attempt, code })
  const charge = (takes: Record<string, unknown> = {}) =>
    bank('POST', '/charges', {
      referenceNo: aReference(),
      merchantId: 'BRN-0001',
      merchantReferenceNo: 'INV-1',
      amount: rupiah('10000.00'),
      expiresAt: LATER,
      confirmBy: LATER,
      ...takes,
    })

  return {
    bank,
    bind,
    verify,
    charge,
    inquire: (referenceNo: unknown) => bank('GET', `/charges/${referenceNo}`),
    confirm: (referenceNo: unknown, step: string, attempt: number, code: string) =>
      bank('POST', `/charges/${referenceNo}/verification`, { step, attempt, code }),
    cancel: (referenceNo: unknown) => bank('POST', `/charges/${referenceNo}/cancellation`),
    refund: (originalReferenceNo: unknown, value: string) =>
      bank('POST', '/refunds', {
        referenceNo: aReference(),
        originalReferenceNo,
        merchantId: 'BRN-0001',
        merchantReferenceNo: 'RF-1',
        amount: rupiah(value),
        expiresAt: LATER,
      }),
    /** A new network token, of a bank that asks for code and PIN. */
    async kept(takes: Record<string, unknown> = {}): Promise<string> {
      const { referenceNo } = (await bind(takes)).body
      const { body } = await verify(referenceNo, 'otp', 1, RIGHT)
      const last = body.status === 'pin-wanted' ? await verify(referenceNo, 'pin', 1, PIN) : { body }
      assert.equal(last.body.status, 'bound')
      return String(last.body.networkToken)
    },
  }
}

/** Status and result code, which every reply has. */
export function words({ body }: Reply): unknown[] {
  return [body.status, body.resultCode]
}
