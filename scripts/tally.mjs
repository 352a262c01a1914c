/**
 * Counts leaf tests from the events of node:test. A test that holds subtests is not counted, unless it failed by
 * itself (in a hook, or by ending before them). Skipped and unfinished tests are no pass; cancelled ones are failures.
 */
export function createTally() {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const openLevels = new Map()
  const reportedFiles = new Set()

  /** Children are reported before their parent, one level deeper. */
  function isParent({ file, nesting }) {
    const levels = openLevels.get(file) ?? new Set()
    openLevels.set(file, levels)
    const hadChildren = levels.delete(nesting + 1)
    levels.add(nesting)
    return hadChildren
  }

  function failedByItself(data) {
    return data.details?.error?.failureType !== 'subtestsFailed'
  }

  /** `data` of a test:pass or test:fail event. */
  function count(kind, data) {
    if (kind === 'fail' && isFile(data)) {
      counts.failed += failedByItself(data) ? 1 : 0
      reportedFiles.add(data.file)
      return
    }
    if (isFile(data)) return
    const parent = isParent(data)
    reportedFiles.add(data.file)
    if (data.skip !== undefined || data.todo !== undefined) counts.skipped += parent ? 0 : 1
    else if (kind === 'fail') counts.failed += !parent || failedByItself(data) ? 1 : 0
    else if (!parent && data.details?.type !== 'suite') counts.passed += 1
  }

  return { counts, count, hasReported: (file) => reportedFiles.has(file) }
}

/** node:test also reports each file as if it were a test, under the file's own path. */
function isFile({ name, file }) {
  return file !== undefined && name.endsWith('.test.js') && (name === file || file.endsWith(`/${name}`))
}

/** The last line of a run, and what .ci/run adds up. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
