import { readConfig, serve } from '@gerbang/gateway'

await serve(readConfig())
// The channel to the parent would keep the process.
process.exit()
