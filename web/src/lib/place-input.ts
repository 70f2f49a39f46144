// Where the fields of a request travel: those named in the path there, the others in the query or the body.

/** `url` below the origin; `body` as JSON, of methods that have one. */
export function placeInput(
  method: string,
  path: string,
  input: unknown,
): { readonly url: string; readonly body: string | undefined } {
  const fields = typeof input === 'object' && input !== null ? Object.entries(input) : []
  const rest = new Map<string, unknown>(fields.filter(([, value]) => value !== undefined))
  const place = path.replace(/:(\w+)/g, (_, name: string) => {
    const value = String(rest.get(name) ?? '')
    rest.delete(name)
    return encodeURIComponent(value)
  })
  if (method !== 'GET' && method !== 'DELETE')
    return { url: place, body: JSON.stringify(Object.fromEntries(rest)) }
  const query = new URLSearchParams([...rest].map(([name, value]): [string, string] => [name, String(value)]))
  return { url: rest.size === 0 ? place : `${place}?${query}`, body: undefined }
}
