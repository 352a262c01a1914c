/** What the document shows. */
export const AN_ADDED_KEY = '-----BEGIN PUBLIC KEY-----\n…\n-----END PUBLIC KEY-----\n'

export const A_PARTNER = {
  partnerId: 'BRN-0042-1795341456931',
  version: 7,
  name: 'Toko Buku',
  state: 'active',
  profile: 'doku',
  idempotencyProfile: 'doku',
  notificationMode: 'symmetric',
  notificationCustomerToken: 'issued',
  frameAncestors: ['https://shop.example'],
  urls: [{ channel: 'any', purpose: 'notification', url: 'https://shop.example/notify' }],
  channels: { KARTU_KREDIT_INDONESIA_SNAP: true },
  limits: { requestsPerSecond: 50, burst: null, tokensPerSecond: null },
  keys: [
    {
      keyId: 'public-1',
      kind: 'public',
      fingerprint: '5f2c…',
      createdAt: '2026-11-21T04:17:36.931Z',
      lastUsedAt: '2026-11-21T05:01:12.004Z',
    },
    { keyId: 'secret-2', kind: 'secret', createdAt: '2026-11-21T05:00:00.000Z' },
    {
      keyId: 'secret-1',
      kind: 'secret',
      createdAt: '2026-11-21T04:17:36.931Z',
      validUntil: '2026-11-22T05:00:00.000Z',
      lastUsedAt: '2026-11-21T05:01:12.004Z',
    },
  ],
  createdAt: '2026-11-21T04:17:36.931Z',
} as const
