import assert from 'node:assert/strict'
import { aReference, type aSimulator, CARD, call, type Reply, rupiah } from './rig.ts'

export type Rig = Awaited<ReturnType<typeof aSimulator>>

export const PHONE = '6281234567890'
/** Says the code was right, whatever was sent. */
export const RIGHT = '111000'

export function aBinding(takes: Record<string, unknown> = {}) {
  return {
    referenceNo: aReference(),
    merchantId: 'BRN-0001',
    merchantReferenceNo: 'BIND-1',
    customerId: 'CUST-1',
    cardNumber: CARD,
    phoneNo: PHONE,
    expiresAt: '2099-11-21T03:00:00.000Z',
    ...takes,
  }
}

export function aRefund(originalReferenceNo: unknown, takes: Record<string, unknown> = {}) {
  return {
    referenceNo: aReference(),
    originalReferenceNo,
    merchantId: 'BRN-0001',
    merchantReferenceNo: 'RF-1',
    amount: rupiah('4000.00'),
    expiresAt: '2099-11-21T03:00:00.000Z',
    ...takes,
  }
}

/** What a gateway asks of the network beside charges. */
export function cardsOf(simulator: Rig) {
  const network = (method: string, path: string, body?: unknown): Promise<Reply> =>
    call(`${simulator.url}/network/v1${path}`, method, body)
  const verify = (referenceNo: string, attempt: number, otp: string) =>
    network('POST', `/bindings/${referenceNo}/verification`, { attempt, otp })

  async function bound(takes: Record<string, unknown> = {}): Promise<string> {
    const binding = aBinding(takes)
    await network('POST', '/bindings', binding)
    const { body } = await verify(binding.referenceNo, 1, RIGHT)
    assert.equal(body.status, 'bound')
    return String(body.networkToken)
  }

  return {
    network,
    verify,
    /** A new network token. */
    bound,
    bind: (takes: Record<string, unknown> = {}) => network('POST', '/bindings', aBinding(takes)),
    inquire: (referenceNo: string) => network('GET', `/bindings/${referenceNo}`),
    resend: (referenceNo: string) => network('POST', `/bindings/${referenceNo}/otp`),
    cancel: (referenceNo: string) => network('POST', `/bindings/${referenceNo}/cancellation`),
    unbind: (networkToken: string, takes: Record<string, unknown> = {}) =>
      network('POST', '/unbindings', {
        referenceNo: aReference(),
        merchantId: 'BRN-0001',
        networkToken,
        ...takes,
      }),
    refund: (originalReferenceNo: unknown, takes: Record<string, unknown> = {}) =>
      network('POST', '/refunds', aRefund(originalReferenceNo, takes)),
    payByToken: (networkToken: string, takes: Record<string, unknown> = {}) =>
      simulator.charge({ cardNumber: undefined, oneTimeToken: undefined, networkToken, ...takes }),
    async inbox(query = ''): Promise<Record<string, string>[]> {
      const { body } = await simulator.control('GET', `/inbox${query}`)
      return body as unknown as Record<string, string>[]
    },
  }
}

/** Status and result code, which every reply has. */
export function words({ body }: Reply): unknown[] {
  return [body.status, body.resultCode]
}
