import { Client, escapeIdentifier } from 'pg'

/**
 * Creates a database, empty or as a copy of `template`, and returns its url.
 * Throws PostgreSQL's error when the name is taken (42P04) or somebody is connected to the template (55006).
 */
export async function createDatabase(
  adminUrl: string,
  name: string,
  { template }: { template?: string | undefined } = {},
): Promise<string> {
  // By default PostgreSQL writes each block of a copy to its log as well, which takes several times as long.
  const copied = template === undefined ? '' : ` template ${escapeIdentifier(template)} strategy file_copy`
  await execute(adminUrl, `create database ${escapeIdentifier(name)}${copied}`)
  const url = new URL(adminUrl)
  url.pathname = `/${encodeURIComponent(name)}`
  return url.href
}

/** Drops a database, disconnecting whoever still uses it; nothing happens when there is none. */
export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await execute(adminUrl, `drop database if exists ${escapeIdentifier(name)} with (force)`)
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
