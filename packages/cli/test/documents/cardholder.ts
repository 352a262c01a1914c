import assert from 'node:assert/strict'

const PIN = '123456'

/**
 * What a customer does in a browser: opens the page, types the code and sends it, and the PIN where the page asks for one. Resolves with
 * the page that follows.
 */
export async function typeCode(pageUrl: string, code: string): Promise<string> {
  const opened = await fetch(pageUrl)
  const [cookie = ''] = opened.headers.getSetCookie().map((set) => set.split(';')[0] ?? '')
  const type = async (page: string, typed: string) => {
    const hidden = [...page.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)]
    const fields = new URLSearchParams(
      hidden.map(([, name = '', value = '']): [string, string] => [name, value]),
    )
    assert.ok(fields.has('csrf'), page)
    fields.set('action', 'verify')
    fields.set('code', typed)
    const { origin } = new URL(pageUrl)
    const answer = await fetch(pageUrl, { method: 'POST', body: fields, headers: { origin, cookie } })
    const next = await answer.text()
    assert.equal(answer.status, 200, next)
    return next
  }
  const next = await type(await opened.text(), code)
  return /type="password"/.test(next) ? type(next, PIN) : next
}
