// Lists that have the newest first: places in them, how the state is walked through, and where a page ends.

/** Whole milliseconds of the wall clock; of the same moment the greater id stands first. */
export interface Place {
  readonly at: number
  readonly id: string
}

/** Cursors are places: `<ms>.<id>`. */
export const placeText = ({ at, id }: Place): string => `${at}.${id}`

/** `undefined`: it is none of these cursors. */
export function readPlace(cursor: string | undefined): Place | undefined {
  const [, at, id] = /^(\d{1,16})\.([0-9a-z.-]{1,64})$/.exec(cursor ?? '') ?? []
  return at === undefined || id === undefined ? undefined : { at: Number(at), id }
}

/** Whether it comes after that place in such a list; after none everything does. */
export const isBehind = ({ at, id }: Place, place: Place | undefined): boolean =>
  place === undefined || at < place.at || (at === place.at && id < place.id)

export const newestFirst = (a: Place, b: Place): number =>
  b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)

/** `At`: how the state says where a row stands. */
export interface Walk<Row, At, Item> {
  /** At most `rowsMax` rows that come after that place; fewer are the last ones. */
  readonly ask: (after: At | undefined) => Promise<readonly Row[]>
  readonly rowsMax: number
  readonly roundsMax: number
  readonly placeOf: (row: Row) => At
  /** `undefined`: it is not looked for. */
  readonly pick: (row: Row) => Item | undefined | Promise<Item | undefined>
  readonly most: number
  readonly after: At | undefined
}

export interface Walked<At, Item> {
  readonly found: Item[]
  /** So few fit that the rounds were over first: from here on nothing was looked at. */
  readonly unseen: At | undefined
}

export async function walk<Row, At, Item>(way: Walk<Row, At, Item>): Promise<Walked<At, Item>> {
  const { ask, rowsMax, roundsMax, placeOf, pick, most } = way
  const found: Item[] = []
  let place = way.after
  for (let round = 0; round < roundsMax && found.length < most; round++) {
    const rows = await ask(place)
    for (const row of rows) {
      const item = await pick(row)
      if (item !== undefined) found.push(item)
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < rowsMax) return { found, unseen: undefined }
    place = placeOf(last)
  }
  return { found, unseen: found.length < most ? place : undefined }
}

/** A page of what was found, and where the next one begins; nowhere: `next` is missing. */
export function cutPage<At, Item>(
  { found, unseen }: Walked<At, Item>,
  placeOf: (item: Item) => At,
  { limit, offset = 0 }: { readonly limit: number; readonly offset?: number },
): { readonly items: Item[]; readonly next?: At } {
  const items = found.slice(offset, offset + limit)
  const last = items.at(-1)
  const next = last !== undefined && found.length > offset + limit ? placeOf(last) : unseen
  return next === undefined ? { items } : { items, next }
}
