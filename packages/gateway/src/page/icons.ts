import { type Html, html } from './html.ts'

/** Drawn here, because a page loads nothing. All are decoration: the word beside them says the same. */
const LINES: Readonly<Record<Icon, Html>> = {
  lock: html`<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>`,
  shield: html`<path d="M12 3l7 3v5c0 4.5-3 8-7 10-4-2-7-5.5-7-10V6z"/><path d="M12 8v5M12 16v.1"/>`,
  check: html`<path d="M5 12.5l4.5 4.5L19 7.5"/>`,
  cross: html`<path d="M7 7l10 10M17 7L7 17"/>`,
  alert: html`<path d="M12 6v8M12 17.9v.1"/>`,
  clock: html`<path d="M12 6v6l4 2.5"/>`,
}

export type Icon = 'lock' | 'shield' | 'check' | 'cross' | 'alert' | 'clock'

export function icon(name: Icon): Html {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${LINES[name]}</svg>`
}

/** The large sign beside the word that says how it ended. */
export function badge(name: Icon): Html {
  return html`<div class="badge ${name}">${icon(name)}</div>`
}
