import { writeFileSync } from 'node:fs'
import { OPENAPI } from './openapi.ts'

writeFileSync(new URL('../../openapi.json', import.meta.url), `${JSON.stringify(OPENAPI, null, 2)}\n`)
