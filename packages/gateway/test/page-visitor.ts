/** A browser without a script: it keeps one cookie and posts what the form holds. */
export class PageVisitor {
  #cookie: string | undefined
  html = ''
  status = 0
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  get(query = ''): Promise<this> {
    return this.#send(`${this.url}${query}`, {})
  }

  post(fields: Readonly<Record<string, string>>): Promise<this> {
    const csrf = /name="csrf" value="([^"]*)"/.exec(this.html)?.[1] ?? ''
    const language = /name="language" value="([^"]*)"/.exec(this.html)?.[1] ?? 'id'
    return this.#send(this.url, {
      method: 'POST',
      body: new URLSearchParams({ csrf, language, ...fields }),
    })
  }

  /** Types a code and presses Enter. */
  type(code: string): Promise<this> {
    const kind = /name="kind" value="([^"]*)"/.exec(this.html)?.[1] ?? ''
    return this.post({ action: 'verify', code, kind })
  }

  async #send(url: string, init: RequestInit): Promise<this> {
    const headers: Record<string, string> = this.#cookie === undefined ? {} : { cookie: this.#cookie }
    const response = await fetch(url, { ...init, headers })
    this.#cookie ??= response.headers.get('set-cookie')?.split(';')[0]
    this.status = response.status
    this.html = await response.text()
    return this
  }
}
