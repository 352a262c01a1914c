/** PostgreSQL needs next to nothing of our environment, and PG* variables or secrets must not reach it. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR']
  const found = kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  return { ...Object.fromEntries(found), LC_ALL: 'C', TZ: 'UTC' }
}
