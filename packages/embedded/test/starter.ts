import { startDatabase } from '../src/start-database.ts'

/** Run by the tests as a process of its own: starts a database, says so as one line of JSON, and waits. */
const directory = process.argv[2]
if (directory === undefined) throw new Error('usage: starter.js <directory>')
const { url, pid, port, adopted } = await startDatabase({ directory })
process.stdout.write(`${JSON.stringify({ url, pid, port, adopted })}\n`)
setInterval(() => {}, 1_000)
