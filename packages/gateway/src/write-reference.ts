import { mkdir, writeFile } from 'node:fs/promises'
import { referencePages } from './reference-pages.ts'

/** Writes the pages of docs/reference, which are printed from the program and committed. */
const directory = new URL('../../../../docs/reference/', import.meta.url)
await mkdir(directory, { recursive: true })
for (const [name, text] of Object.entries(referencePages())) await writeFile(new URL(name, directory), text)
