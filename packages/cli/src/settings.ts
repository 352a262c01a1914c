/** A variable of the environment that the command line reads itself. */
export interface CliSetting {
  readonly fallback?: string
  /** When there is no fixed fallback: where the value comes from instead. */
  readonly otherwise?: string
  readonly readBy: string
  readonly meaning: string
}

const PARTNER = { otherwise: 'of `demo-partner.json`', readBy: 'every command of a partner' } as const

/** By name. The reader takes no name that is not here, and docs/reference/cli.md is printed from this table. */
export const CLI_SETTINGS = {
  GERBANG_HOME: {
    fallback: '.gerbang',
    readBy: 'every command',
    meaning: 'Folder of keys, credentials, logs, ledger and PostgreSQL; relative to the working directory',
  },
  DATABASE_URL: {
    otherwise: 'of `gateway.env`',
    readBy: '`serve`, `migrate`, `partner`',
    meaning:
      'The database. Given to `start`, it replaces the PostgreSQL of the folder and is not written down',
  },
  GERBANG_HOST: { fallback: '127.0.0.1', readBy: '`start`, `serve`', meaning: 'Address of the gateway' },
  GERBANG_PORT: { fallback: '4010', readBy: '`start`, `serve`', meaning: 'Port of the gateway; 0 takes any' },
  GERBANG_ADMIN_PORT: {
    fallback: '4011',
    readBy: '`start`, `serve`',
    meaning: 'Port of the admin API; 0 takes any',
  },
  SIMULATOR_HOST: {
    fallback: '127.0.0.1',
    readBy: '`start`, `simulate`',
    meaning: 'Address of the simulator',
  },
  SIMULATOR_PORT: {
    fallback: '4020',
    readBy: '`start`, `simulate`',
    meaning: 'Port of the simulator; 0 takes any',
  },
  GERBANG_LISTEN_PORT: {
    fallback: '4030',
    readBy: '`start`, `listen`',
    meaning: 'Port at which the demo partner is told; `start` gives its URLs this port',
  },
  SIMULATOR_DIRECTORY: {
    otherwise: '`simulator` in the folder',
    readBy: '`simulate`',
    meaning: 'Where the simulator keeps its ledger',
  },
  SIMULATOR_NETWORK_KEY: {
    otherwise: 'none',
    readBy: '`simulate`',
    meaning: 'Bearer key that the simulator wants; `start` gives it that of the gateway',
  },
  SIMULATOR_PUBLIC_URL: {
    otherwise: 'where the gateway reaches it',
    readBy: '`simulate`',
    meaning: 'Where people reach the pages of wallets that the simulator plays',
  },
  GERBANG_CLOCK_FILE: {
    otherwise: 'none',
    readBy: '`simulate`',
    meaning: 'The file of `gerbang clock`, by which the simulator sets its clock when it starts',
  },
  GERBANG_BASE_URL: { ...PARTNER, meaning: 'The gateway to ask, such as `http://127.0.0.1:4010`' },
  GERBANG_CLIENT_ID: { ...PARTNER, meaning: 'Client id' },
  GERBANG_CLIENT_SECRET: { ...PARTNER, meaning: 'Client secret' },
  GERBANG_PRIVATE_KEY_FILE: { ...PARTNER, meaning: "PEM file of the partner's RSA private key" },
  GERBANG_GATEWAY_PUBLIC_KEY_FILE: {
    ...PARTNER,
    readBy: '`listen`',
    meaning: "PEM file of the gateway's public key, with which it proves who asks for a token",
  },
  NO_COLOR: { otherwise: 'none', readBy: 'every command', meaning: 'Any value: no colours' },
  CI: { otherwise: 'none', readBy: 'every command', meaning: 'The same' },
} as const satisfies Readonly<Record<string, CliSetting>>

export type CliSettingName = keyof typeof CLI_SETTINGS
