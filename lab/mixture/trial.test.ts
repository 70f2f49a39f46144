// The labelled benchmark in short: a few cases of each class, one seed. bench/distill.ts has them all.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { distill } from '#5-evidence/distill/distill.ts'
import { caseNamed } from './cases.ts'
import { type Honest, honestOf } from './labelled.ts'
import type { ServerName } from './servers.ts'
import { isMet, runTrial } from './trial.ts'

const SIZE = { calm: 5000, perSecond: 2000, seconds: 10 } as const
const CONDITIONS = { samples: 1000, calm: SIZE.calm } as const

const NAMES = [
  'dns-amplification, with fragments',
  'ntp-amplification, on a time server',
  'srcds-amplification, on a game server',
  'xmas-flood',
  'syn-flood, without options',
  'udp-flood, all ports, on a QUIC server',
  'udp-flood, long packets on the port of the game',
  'gre-flood',
  'ntp- and memcached-amplification',
  'dns-amplification with fragments and xmas-flood',
  'syn-flood, ordinary options',
  'ack-flood',
  'udp-flood, as QUIC begins',
  'udp-flood, as players',
] as const

const honest = new Map<ServerName, Honest>()

for (const name of NAMES) {
  const one = caseNamed(name)
  assert.ok(one, `there is a case ${name}`)
  test(`${one.kind}: ${name} (${one.on})`, () => {
    const traffic = honest.get(one.on) ?? honestOf(one.on, 1, SIZE)
    honest.set(one.on, traffic)

    const outcome = runTrial(distill, one, traffic, { seed: 1, conditions: CONDITIONS, packets: 4000 })

    const { kind, attack, honest: harmed, rules } = outcome
    assert.ok(
      isMet(one.kind, outcome),
      `${kind}, ${rules} rules, ${attack} of the attack, ${harmed} of honest packets`,
    )
  })
}
