import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type CliConfig, GATEWAY_ENV_FILE } from './config.ts'
import { usageFailure } from './failure.ts'
import { readOwnFile, replaceFile } from './start/files.ts'

const LINE = /^GERBANG_CARD_KEYS=(.*)$/m

/** Puts a fresh key in front of the others of `gateway.env`, in one step. @throws CommandFailure when they are not there */
export async function addCardKey(config: CliConfig): Promise<{ file: string; id: string }> {
  const file = join(config.home, GATEWAY_ENV_FILE)
  if (config.environment.GERBANG_CARD_KEYS) {
    throw usageFailure(
      `GERBANG_CARD_KEYS comes from the environment, which goes before ${file}.`,
      'put a new key in front of it yourself: id:base64 of 32 bytes (openssl rand -base64 32), then a comma',
    )
  }
  const text = (await readOwnFile(file, 0o600)) ?? ''
  const keys = LINE.exec(text)?.[1]?.trim()
  if (!keys) throw usageFailure(`There are no keys in ${file}.`, 'npx gerbang start (makes them)')
  const id = nextId(keys)
  const line = `GERBANG_CARD_KEYS=${id}:${randomBytes(32).toString('base64')},${keys}`
  // A replacement text would give dollar signs a meaning.
  await replaceFile(
    file,
    text.replace(LINE, () => line),
    0o600,
  )
  return { file, id }
}

/** `k2` after `k1`; numbers are not used twice, for a backup may still need the key that had it. */
function nextId(keys: string): string {
  const numbers = keys.split(',').map((key) => Number(/^\s*k(\d{1,9}):/.exec(key)?.[1] ?? 0))
  return `k${Math.max(0, ...numbers) + 1}`
}
