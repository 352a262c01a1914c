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

  constructor(url: string) {
    this.url = url
  }

  async get(query = ''): Promise<this> {
    return this.#send(`${this.url}${query}`, {})
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

  async #send(url: string, init: RequestInit): Promise<this> {
    const cookie: Record<string, string> = this.cookie === undefined ? {} : { cookie: this.cookie }
    const response = await fetch(url, { ...init, headers: { ...cookie, ...(init.headers as object) } })
    this.setCookie = response.headers.get('set-cookie')
    if (this.setCookie !== null) this.cookie = this.setCookie.split(';')[0]
    this.status = response.status
    this.headers = response.headers
    this.html = await response.text()
    return this
  }
}
