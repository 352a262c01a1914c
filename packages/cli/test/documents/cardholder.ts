import assert from 'node:assert/strict'

/** What a cardholder does in a browser: opens the page, types the code and sends it. Resolves with the page that follows. */
export async function typeCode(pageUrl: string, code: string): Promise<string> {
  const opened = await fetch(pageUrl)
  const page = await opened.text()
  const [, csrf] = /name="csrf" value="([^"]+)"/.exec(page) ?? []
  assert.ok(csrf !== undefined, page)
  const [cookie = ''] = opened.headers.getSetCookie().map((set) => set.split(';')[0] ?? '')
  const fields = new URLSearchParams({ action: 'verify', code, csrf, language: 'en' })
  const { origin } = new URL(pageUrl)
  const answer = await fetch(pageUrl, { method: 'POST', body: fields, headers: { origin, cookie } })
  const next = await answer.text()
  assert.equal(answer.status, 200, next)
  return next
}
