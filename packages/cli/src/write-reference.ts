import { mkdir, writeFile } from 'node:fs/promises'
import { readCliConfig } from './config.ts'
import { openProgram } from './program.ts'
import { referencePage } from './reference-page.ts'
import { openTerminal } from './terminal.ts'

/** Writes the command line's page of docs/reference. */
const directory = new URL('../../../../docs/reference/', import.meta.url)
const program = openProgram({ config: readCliConfig({}), terminal: openTerminal(false) })
await mkdir(directory, { recursive: true })
await writeFile(new URL('cli.md', directory), referencePage(program))
