// Which encodings whoever asks can read (RFC 9110, section 12.5.3).

import type { Encoding } from './console-files.ts'

const KNOWN = ['br', 'gzip'] as const
const WORDS_MAX = 32

/** The smallest first, `identity` last. */
export function acceptedEncodings(header: string | undefined): readonly Encoding[] {
  const wanted = new Map(
    (header ?? '').split(',', WORDS_MAX).map(word => {
      const [name = '', ...parameters] = word.split(';').map(part => part.trim().toLowerCase())
      const quality = parameters.find(parameter => parameter.startsWith('q='))
      return [name, quality === undefined || Number(quality.slice(2)) > 0]
    }),
  )
  return [...KNOWN.filter(name => wanted.get(name) ?? wanted.get('*') ?? false), 'identity']
}
