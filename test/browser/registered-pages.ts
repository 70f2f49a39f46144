// The pages of the console as its own table has them, and what stands in the paths of those that have parts.

import { type ConsoleStage, VICTIM } from './console-stage.ts'

interface Registered {
  readonly path: string
  readonly title: string
  readonly group?: string
  readonly needs: readonly string[]
}

/** By a name that is made up, for the types of components are not those of tests. */
const TABLE = new URL('../../web/src/pages.ts', import.meta.url).href

export async function registeredPages(): Promise<readonly Registered[]> {
  const { PAGES }: { PAGES: readonly Registered[] } = await import(TABLE)
  return PAGES
}

/** What stands in a path for each of its parts, by the path as it is registered. */
const PARTS: Readonly<Record<string, (stage: ConsoleStage) => Promise<string>>> = {
  '/attacks/:id': async stage => `/attacks/${await stage.attack()}`,
  '/attacks/:id/report': async stage => `/attacks/${await stage.attack()}/report`,
  '/hosts/:host': async () => `/hosts/${VICTIM}`,
  '/traffic/:series': async () => `/traffic/${encodeURIComponent('network:10.99.1.0/24')}`,
  '/protection/:id': async () => '/protection/web',
  '/exporters/:address': async () => '/exporters/127.0.0.1',
}

/** The path of a page that shows something. */
export async function pathOf({ path }: Registered, stage: ConsoleStage): Promise<string> {
  if (!path.includes('/:')) return path
  const made = await PARTS[path]?.(stage)
  if (made === undefined) throw new Error(`say in ${import.meta.filename} what stands in ${path}`)
  return made
}
