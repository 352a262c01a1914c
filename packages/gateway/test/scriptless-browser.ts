import { get, type IncomingMessage } from 'node:http'

/** What a browser of today says of a page that it is steered to. `fetch` lets nobody say it. */
export const STEERED = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

/** A browser without a script: it keeps one cookie and posts what the form holds. */
export class Browser {
  cookie: string | undefined
  setCookie: string | null = null
  html = ''
  /** Of the last form, as a browser that posts twice has it. */
  csrf = ''
  status = 0
  headers = new Headers()
  readonly url: string
  /** What it says besides, when it asks for a page. */
  readonly says: Readonly<Record<string, string>>

  constructor(url: string, says: Readonly<Record<string, string>> = STEERED) {
    this.url = url
    this.says = says
  }

  async get(query = ''): Promise<this> {
    const headers = { ...this.#cookies(), ...this.says }
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${this.url}${query}`, { headers }, resolve).on('error', reject)
    })
    const chunks: Uint8Array[] = []
    for await (const chunk of answer) chunks.push(chunk)
    const told = Object.entries(answer.headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    )
    return this.#take(answer.statusCode ?? 0, new Headers(told), Buffer.concat(chunks).toString())
  }

  async post(fields: Record<string, string>, more: RequestInit = {}): Promise<this> {
    this.csrf = this.#held('csrf') ?? this.csrf
    const language = this.#held('language') ?? 'id'
    const kind = this.#held('kind')
    const body = new URLSearchParams({ csrf: this.csrf, language, ...(kind && { kind }), ...fields })
    return this.#send(this.url, { method: 'POST', body, ...more })
  }

  /** What a field of the form holds that nobody sees. */
  #held(name: string): string | undefined {
    return new RegExp(`name="${name}" value="([^"]*)"`).exec(this.html)?.[1]
  }

  #cookies(): Record<string, string> {
    return this.cookie === undefined ? {} : { cookie: this.cookie }
  }

  async #send(url: string, init: RequestInit): Promise<this> {
    const headers = { ...this.#cookies(), ...(init.headers as object) }
    const response = await fetch(url, { ...init, headers })
    return this.#take(response.status, response.headers, await response.text())
  }

  #take(status: number, headers: Headers, html: string): this {
    this.setCookie = headers.get('set-cookie')
    if (this.setCookie !== null) this.cookie = this.setCookie.split(';')[0]
    Object.assign(this, { status, headers, html })
    return this
  }
}
