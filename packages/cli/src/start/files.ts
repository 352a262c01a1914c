import { randomBytes } from 'node:crypto'
import { chmod, open, readFile, rename } from 'node:fs/promises'

/** Replaces a file in one step: a reader, or a crash, finds the old content or the new, never a part. */
export async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  const file = await open(draft, 'wx', mode)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}

/** A file's text; undefined when there is none. Files that hold secrets are closed to others on the way. */
export async function readOwnFile(path: string, mode: number): Promise<string | undefined> {
  try {
    const text = await readFile(path, 'utf8')
    await chmod(path, mode)
    return text
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** True when a failed system call ended in one of the codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
