import type { AuthDeps } from './auth/authenticate.ts'
import type { Parts } from './gateway.ts'
import type { PageDeps } from './hosted/routes.ts'

/** What pages of every kind are shown with. */
export function pageDeps(auth: Pick<AuthDeps, 'directory'>, parts: Parts): PageDeps {
  const { clock, vault, database } = parts
  const { directory } = auth
  return { sql: database.sql, vault, clock, directory, publicUrl: () => publicUrl(parts) }
}

/** Where customers reach this gateway. Asked late: who listens on any port knows its own only when it listens. */
export function publicUrl({ app, config }: Pick<Parts, 'app' | 'config'>): string {
  if (config.publicUrl !== undefined) return config.publicUrl
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.port
  return `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
}
