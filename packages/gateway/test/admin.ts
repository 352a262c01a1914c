import { randomBytes } from 'node:crypto'
import { Merchant } from './merchant.ts'
import { openStage, type Stage, type StageOptions } from './stage.ts'

/** An answer of the admin API. */
export interface AdminAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a reply under test has whatever it has
  readonly body: any
}

export interface AdminAsk {
  readonly body?: object | string
  readonly headers?: Readonly<Record<string, string>>
  readonly key?: string | null
}

/** A stage whose admin API is open, with two operators. */
export interface AdminStage extends Stage {
  readonly adminUrl: string
  readonly keys: Readonly<Record<'olivia' | 'oscar', string>>
  /** `PUT /partners/x/state` beneath `/admin/v1`, or a path that begins elsewhere. As olivia unless another key is given. */
  ask(line: string, ask?: AdminAsk): Promise<AdminAnswer>
  /** The same merchant with another secret. */
  withSecret(merchant: Merchant, clientSecret: string): Merchant
}

export async function openAdminStage(options: StageOptions = {}): Promise<AdminStage> {
  const keys = { olivia: newKey(), oscar: newKey() }
  const stage = await openStage({
    ...options,
    env: {
      GERBANG_ADMIN_KEYS: `olivia:${keys.olivia}, oscar:${keys.oscar}`,
      GERBANG_ADMIN_PORT: '0',
      GERBANG_PARTNER_KEEP_MS: '1',
      ...options.env,
    },
  })
  const adminUrl = (await stage.gateway.listenAdmin()) ?? ''
  return {
    ...stage,
    adminUrl,
    keys,
    ask: (line, ask = {}) => askAdmin(adminUrl, line, { key: keys.olivia, ...ask }),
    withSecret: (merchant, clientSecret) => new Merchant({ ...merchant.keys, clientSecret }),
  }
}

export function newKey(): string {
  return randomBytes(32).toString('base64url')
}

export async function askAdmin(
  adminUrl: string,
  line: string,
  { body, headers = {}, key }: AdminAsk,
): Promise<AdminAnswer> {
  const [method = 'GET', path = ''] = line.split(' ')
  const response = await fetch(`${adminUrl}${path.startsWith('/partners') ? '/admin/v1' : ''}${path}`, {
    method,
    headers: {
      ...(typeof key === 'string' && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  }
}
