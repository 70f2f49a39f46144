// Reads a file of protection profiles: YAML becomes the profiles that are desired and the place where they are carried out.

import type { DesiredProfile } from '#7-mitigation/protection/profile.ts'
import type { ProtectionPlace } from '#8-enforcement/nftables/place.ts'
import { explain } from '#lib/schema/explain.ts'
import { formatPath, hasErrors, type Problem } from '#lib/schema/problem.ts'
import { settingsOf } from '#lib/schema/settings.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import { formatProblem } from '../config/format-problem.ts'
import { decodeUtf8, readBounded } from '../config/read-file.ts'
import { modesOf, parametersOf } from '../protection/configured-profiles.ts'
import { type ProfilesFile, profilesSchema } from './profiles-schema.ts'

export type ReadProfiles =
  | { readonly kind: 'ok'; readonly desired: readonly DesiredProfile[]; readonly place: ProtectionPlace }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

/** 250,000 addresses take about 5 MB. */
const BYTES_MAX = 32 << 20
const ISSUES_MAX = 20

export function readProfiles(path: string): ReadProfiles {
  const read = readBounded(path, BYTES_MAX)
  if (read.kind === 'missing') return refuse(`${path}: there is no such file`)
  if (read.kind === 'too-large') return refuse(`${path}: is larger than ${BYTES_MAX} bytes`)
  if (read.kind === 'failed') return refuse(`${path}: ${read.error}`)
  const decoded = decodeUtf8(read.bytes)
  if (decoded.kind !== 'ok') return refuse(`${path}:${decoded.line}:${decoded.column}: is not UTF-8`)
  const source = readYaml(decoded.text, path, 'see docs/operate/nftables.md')
  if (hasErrors(source.problems)) return { kind: 'refused', problems: source.problems.map(formatProblem) }
  const parsed = profilesSchema.safeParse(source.settings)
  if (parsed.success) return { kind: 'ok', ...meaningOf(parsed.data) }
  const known = settingsOf(profilesSchema)
  const refusals = explain(parsed.error.issues.slice(0, ISSUES_MAX), source.settings, known)
  const problems = refusals.map(({ kind, path: at, part, message, hint }): Problem => {
    const place = source.locate(at, part)
    return { ...place, code: `config-${kind}`, severity: 'error', path: formatPath(at), message, hint }
  })
  return { kind: 'refused', problems: problems.map(formatProblem) }
}

const refuse = (problem: string): ReadProfiles => ({ kind: 'refused', problems: [problem] })

function meaningOf({ profiles, ...place }: ProfilesFile) {
  const desired = Object.entries(profiles).map(
    ([id, { isOn, prefixes, countermeasures }]): DesiredProfile => ({
      profile: { id, prefixes, parameters: parametersOf(countermeasures) },
      isOn,
      modes: modesOf(countermeasures, () => 'on'),
    }),
  )
  return { desired, place }
}
