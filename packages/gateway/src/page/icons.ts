import { type Html, html } from './html.ts'

/** Drawn here, because a page loads nothing. All are decoration: the word beside them says the same. */
const LINES: Readonly<Record<Icon, Html>> = {
  lock: html`<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>`,
  shield: html`<path d="M12 3l7 3v5c0 4.5-3 8-7 10-4-2-7-5.5-7-10V6z"/><path d="M12 8v5M12 16v.1"/>`,
  check: html`<path d="M5 12.5l4.5 4.5L19 7.5"/>`,
  cross: html`<circle cx="12" cy="12" r="9"/><path d="M9 9l6 6M15 9l-6 6"/>`,
  alert: html`<circle cx="12" cy="12" r="9"/><path d="M12 7.5v5M12 16.4v.1"/>`,
  clock: html`<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>`,
}

export type Icon = 'lock' | 'shield' | 'check' | 'cross' | 'alert' | 'clock'

export function icon(name: Icon): Html {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${LINES[name]}</svg>`
}

/** The large sign beside the word that says how it ended. */
export function badge(name: Icon): Html {
  return html`<div class="badge ${name}">${icon(name)}</div>`
}
