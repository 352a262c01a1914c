import assert from 'node:assert/strict'
import { test } from 'node:test'
import { html } from './html.ts'

test('a value is text, whatever is written in it', () => {
  const name = `<b title="x">'&amp;'</b>`
  assert.equal(
    String(html`<p title="${name}">${name}</p>`),
    '<p title="&lt;b title=&quot;x&quot;&gt;&#39;&amp;amp;&#39;&lt;/b&gt;">&lt;b title=&quot;x&quot;&gt;&#39;&amp;amp;&#39;&lt;/b&gt;</p>',
  )
})

test('markup of our own stays markup, also in lists, and nothing is left of what is absent', () => {
  const rows = ['a', '<'].map((text) => html`<li>${text}</li>`)
  assert.equal(
    String(html`<ol>${rows}</ol>${false}${undefined}${0}${''}`),
    '<ol><li>a</li><li>&lt;</li></ol>0',
  )
})

test('an object that only looks like markup does not pass for it', () => {
  const forged = JSON.parse('{"markup":"<script>"}')
  assert.throws(() => html`${forged}`)
})
