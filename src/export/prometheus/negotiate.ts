// Which format a scraper wants, by its Accept header (RFC 9110 section 12.5.1).

export type ExpositionFormat = 'openmetrics' | 'text'

interface Range {
  readonly type: string
  readonly version: string | undefined
  readonly quality: number
}

/** A header of a scraper has a handful of ranges. */
const RANGES_MAX = 32

/** OpenMetrics 1.0 when it is asked for by name and not less than plain text; text for whoever does not say. */
export function formatFor(accept: string | undefined): ExpositionFormat {
  const ranges = (accept ?? '').slice(0, 4096).split(',', RANGES_MAX).map(rangeOf)
  const open = best(ranges, isOpenMetrics)
  return open > 0 && open >= best(ranges, isText) ? 'openmetrics' : 'text'
}

const isOpenMetrics = ({ type, version }: Range): boolean =>
  type === 'application/openmetrics-text' && (version === undefined || version === '1.0.0')

const isText = ({ type }: Range): boolean => type === 'text/plain'

const best = (ranges: readonly Range[], fits: (range: Range) => boolean): number =>
  Math.max(0, ...ranges.filter(fits).map(range => range.quality))

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map(part => part.trim().toLowerCase())
  const value = (name: string) =>
    parameters.find(parameter => parameter.startsWith(`${name}=`))?.slice(name.length + 1)
  const quality = Number(value('q') ?? 1)
  return {
    ...{ type, version: value('version')?.replaceAll('"', '') },
    quality: quality >= 0 && quality <= 1 ? quality : 0,
  }
}
