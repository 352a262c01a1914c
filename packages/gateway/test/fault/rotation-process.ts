import { openVaultRotation, readConfig } from '../../src/index.ts'

// A rotation as an operator starts it, for tests that kill it. It tells its parent of each batch.
const rotation = openVaultRotation(readConfig())
await rotation.rotate({ batch: 10, onProgress: (progress) => void process.send?.(progress) })
await rotation.close()
process.disconnect?.()
