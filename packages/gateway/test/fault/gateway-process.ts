import { readConfig, serve } from '../../src/index.ts'

// The gateway as an operator starts it, for tests that kill it.
await serve(readConfig())
process.exit(0)
