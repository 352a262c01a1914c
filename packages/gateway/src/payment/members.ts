/** The first of the members that a body has not, by its dotted path: `additionalInfo.remarks`. The body has no empty members. */
export function lackOf(body: object, paths: readonly string[]): string | undefined {
  return paths.find((path) => memberOf(body, path) === undefined)
}

function memberOf(body: object, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Readonly<Record<string, unknown>>)[name]
          : undefined,
      body,
    )
}
