// The differential report: what FastNetMon did, what we did, and where that is not the same.

import { type Comparison, compareScenario, percent } from './compare.ts'
import { type Crossings, crossingsOf } from './crossing.ts'
import type { Played } from './stage.ts'
import { type SteadyRow, steadyRows } from './steady.ts'

export interface Findings {
  readonly comparisons: readonly Comparison[]
  readonly crossings: Crossings
  readonly steady: readonly SteadyRow[]
}

export function findingsOf(played: Played): Findings {
  const crossings = crossingsOf(played)
  return {
    comparisons: played.run.scenarios.map(scenario => compareScenario(played, scenario, crossings)),
    crossings,
    steady: played.run.isSteady ? steadyRows(played) : [],
  }
}

/** One sentence for each difference nobody meant. */
export const wrongIn = ({ comparisons, steady }: Findings): string[] => [
  ...comparisons.flatMap(({ run, scenario, differences }) =>
    differences.map(text => `${run}: ${scenario}: ${text}`),
  ),
  ...steady
    .filter(({ share, allowedShare }) => !(share <= allowedShare))
    .map(
      ({ what, theirs, ours, share }) =>
        `${what}: FastNetMon ${theirs}, Floodwarden ${ours}: ${percent(share)} apart`,
    ),
]

const INTRODUCTION = `# Beside the real FastNetMon

FastNetMon 1.2.4 of Debian and Floodwarden in plain mode on the same interface, with the same \`fastnetmon.conf\`, at the same
time. The traffic comes from the lab's generator. Numbers of an attack differ because the two do not tick at the same moment; that both follow the
same formula is the second table: what each told at a crossing against FastNetMon's formula, worked out from what tcpdump
recorded and from the moments of its own ticks.

Made by \`npm run differential -- --write docs/design/differential.md\` (root, about two minutes). \`npm test\` makes the same comparison
and fails at a difference that is not meant.`

const MEANT = `## Meant differences

- A report about an IPv6 host begins with its address; FastNetMon writes \`IP: 0.0.0.0\`.
- \`attack_details\` is called for IPv6 hosts too, and they have a file of the attack.
- In lines of packets GRE and others are called by their name, where FastNetMon says \`unknown\`.
- A ban over IPv6 lasts while the attack does, as over IPv4; FastNetMon unbans and bans again.`

export function reportText(all: readonly Findings[]): string {
  const comparisons = all.flatMap(findings => findings.comparisons)
  const crossings = all.flatMap(findings => [...findings.crossings.values()].flat())
  const steady = all.flatMap(findings => findings.steady)
  return `${[
    INTRODUCTION,
    '## Calls',
    table(
      ['scenario', 'FastNetMon', 'Floodwarden', 'difference'],
      comparisons.map(row => [`${row.scenario}, ${row.host}`, row.theirs, row.ours, differenceText(row)]),
    ),
    '## The formula',
    'The delay is that of the ring: the one at which the formula comes closest.',
    table(
      ['program', 'host', 'told, packets/s', 'off the formula', 'delay, ms'],
      crossings.map(({ who, host, told, share, delayMs }) => [
        who,
        host,
        `${told}`,
        percent(share),
        `${delayMs}`,
      ]),
    ),
    '## Ten seconds of steady traffic',
    'FastNetMon divides by one second what it counted in a tick of some 1.02 s; the second column divides by the real length.',
    table(
      ['number', 'FastNetMon', 'by its real ticks', 'Floodwarden', 'apart', 'allowed'],
      steady.map(({ what, theirs, corrected, ours, share, allowedShare }) => [
        what,
        theirs.toFixed(0),
        corrected.toFixed(0),
        ours.toFixed(0),
        percent(share),
        percent(allowedShare),
      ]),
    ),
    MEANT,
  ].join('\n\n')}\n`
}

const differenceText = ({ differences, deliberate }: Comparison): string =>
  [...differences, ...deliberate.map(text => `meant: ${text}`)].join('; ') || 'none'

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map(row => `| ${row.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
