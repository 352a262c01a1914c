import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Where compiled files lie, and which folder each was compiled from. */
function outputFolders(root) {
  const packages = readdirSync(join(root, 'packages'))
  return [
    ...packages.flatMap((name) =>
      ['src', 'test'].map((part) => ({
        output: join(root, 'packages', name, 'dist', part),
        source: join(root, 'packages', name, part),
      })),
    ),
    { output: join(root, 'bench', 'dist'), source: join(root, 'bench', 'src') },
    { output: join(root, 'test', 'dist'), source: join(root, 'test') },
  ].filter(({ output }) => existsSync(output))
}

/** Every compiled file with the source it came from. */
function compiledFiles(root) {
  return outputFolders(root).flatMap(({ output, source }) =>
    readdirSync(output, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(js|js\.map|d\.ts|d\.ts\.map)$/.test(entry.name))
      .map((entry) => {
        const file = join(entry.parentPath ?? entry.path, entry.name)
        const stem = relative(output, file).replace(/\.(js|d\.ts)(\.map)?$/, '')
        return { file, source: join(source, `${stem}.ts`) }
      }),
  )
}

/**
 * Deletes compiled files whose source is gone: `tsc -b` leaves them, and a stale test would go on passing.
 * @returns the number of files deleted
 */
export function removeStaleOutputs(root) {
  const stale = compiledFiles(root).filter(({ source }) => !existsSync(source))
  for (const { file } of stale) rmSync(file)
  return stale.length
}

/** The compiled test files, relative to `root`: those whose path contains one of `filters`, and none of `exceptions`. */
export function findTestFiles(root, filters, exceptions = []) {
  return compiledFiles(root)
    .filter(({ file, source }) => file.endsWith('.test.js') && existsSync(source))
    .map(({ file }) => relative(root, file).split(sep).join('/'))
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
    .filter((file) => !exceptions.some((exception) => file.includes(exception)))
    .sort()
}
