/** The address of a SNAP path below the base URL, whose own path prefix is kept and signed. */
export function target(baseUrl: URL, path: string): URL {
  return new URL(baseUrl.pathname.replace(/\/+$/, '') + path, baseUrl.origin)
}
