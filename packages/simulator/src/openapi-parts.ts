/** How a schema of the document is referred to, by its name. */
export interface Describing {
  json(schema: string, description: string, mediaType?: string): object
  takes(schema: string): object
}

export const KEYED = { security: [{ networkKey: [] }] }
export const REFERENCE_NO = { name: 'referenceNo', in: 'path', required: true, schema: { type: 'string' } }
export const DONE = { description: 'Done.' }
export const BAD = { description: 'The body does not follow the schema.' }

/** Refers to schemas among `schemas`. @throws when a name is none of theirs */
export function describing(schemas: Readonly<Record<string, unknown>>): Describing {
  function json(schema: string, description: string, mediaType = 'application/json') {
    if (!Object.hasOwn(schemas, schema)) throw new Error(`${schema} is no schema of the document`)
    return { description, content: { [mediaType]: { schema: { $ref: `#/components/schemas/${schema}` } } } }
  }
  return { json, takes: (schema) => ({ required: true, content: json(schema, '').content }) }
}
