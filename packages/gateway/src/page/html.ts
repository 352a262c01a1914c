const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Markup that `html` made. Nothing else counts as markup: any other text is escaped. */
export class Html {
  readonly #markup: string

  /** @internal Only `html` and `trusted` call this. */
  constructor(markup: string) {
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }
}

export type Part = Html | string | number | false | undefined | readonly Part[]

/** Markup with every value escaped, unless `html` made it. `false` and `undefined` leave nothing behind. */
export function html(fixed: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(fixed.map((text, at) => text + markupOf(values[at])).join(''))
}

/** Our own style sheet and script: a text that is markup already. Never for a value from outside. */
export function trusted(markup: string): Html {
  return new Html(markup)
}

function markupOf(part: Part): string {
  if (part === undefined || part === false) return ''
  if (part instanceof Html) return part.toString()
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part))
  return part.map(markupOf).join('')
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '')
}
