import type { Setting } from './setting.ts'

/** Which banks and wallets payments are taken from, and where they are reached. */
export const CHANNEL_SETTINGS = {
  channels: {
    env: 'GERBANG_CHANNELS',
    kind: 'list',
    fallback: '',
    pattern: /^[a-z][a-z0-9]{0,31}$/,
    form: 'names between commas, as `kki,cimb,ovo`',
    meaning: 'The channels that are opened; empty: `kki` alone, in demo mode all',
  },
  channelUrls: {
    env: 'GERBANG_CHANNEL_URLS',
    kind: 'list',
    fallback: '',
    pattern: /^[a-z][a-z0-9]{0,31}=https?:\/\/[!-~]+$/,
    form: 'as `cimb=https://…` between commas',
    meaning:
      'Where channels are reached; without an address `GERBANG_NETWORK_URL`, for banks and wallets with `/bank/v1/NAME`',
  },
} as const satisfies Record<string, Setting>
