// Which page a path names: parts as `:name` take whatever stands there.

export interface Match<Page> {
  readonly page: Page
  readonly parts: Readonly<Record<string, string>>
}

/** The first page whose path fits; undefined: there is none. */
export function matchPath<Page extends { readonly path: string }>(
  pages: readonly Page[],
  path: string,
): Match<Page> | undefined {
  const asked = segments(path)
  for (const page of pages) {
    const parts = partsOf(segments(page.path), asked)
    if (parts !== undefined) return { page, parts }
  }
  return undefined
}

const segments = (path: string): string[] => path.split('/').filter(each => each !== '')

function partsOf(wanted: readonly string[], asked: readonly string[]): Record<string, string> | undefined {
  if (wanted.length !== asked.length) return undefined
  const parts: Record<string, string> = {}
  for (const [at, each] of wanted.entries()) {
    const given = asked[at] ?? ''
    if (each.startsWith(':')) parts[each.slice(1)] = decoded(given)
    else if (each !== given) return undefined
  }
  return parts
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The path of a page with its parts filled in, and a query of what is said. */
export function pathTo(
  path: string,
  parts: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const place = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(parts[name] ?? ''))
  const said = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === '' ? [] : [[name, value]],
  )
  return said.length === 0 ? place : `${place}?${new URLSearchParams(said)}`
}
