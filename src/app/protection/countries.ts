// The countries that protection profiles name, from the file that is configured.

import { readFileSync, statSync } from 'node:fs'
import { errorText } from '#lib/log/facts.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { type CountryPrefixes, DATABASE_BYTES_MAX, readCountries } from './country-database.ts'

export interface Countries {
  readonly prefixesOf: CountryPrefixes
  /** Why no country is known, and then none has a prefix; missing: all are known that are named. */
  readonly problem?: string
}

const NONE: CountryPrefixes = () => []

export function countriesOf({ profiles, geo }: ResolvedConfig['protection']): Countries {
  const wanted = new Set(
    Object.values(profiles).flatMap(({ countermeasures }) => countermeasures.geo?.countries ?? []),
  )
  if (wanted.size === 0) return { prefixesOf: NONE }
  if (geo.database === undefined)
    return { prefixesOf: NONE, problem: 'countries are named, and there is no database' }
  try {
    if (statSync(geo.database).size > DATABASE_BYTES_MAX)
      return { prefixesOf: NONE, problem: `${geo.database} is larger than ${DATABASE_BYTES_MAX} bytes` }
    const read = readCountries(readFileSync(geo.database, 'utf8'), wanted)
    return read.kind === 'read'
      ? { prefixesOf: read.prefixesOf }
      : { prefixesOf: NONE, problem: `${geo.database}: ${read.problem}` }
  } catch (error) {
    return { prefixesOf: NONE, problem: errorText(error) }
  }
}
