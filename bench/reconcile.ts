// How long it takes until all that is desired is in a real gobgpd, and until what differs there is put right: rules and
// host routes told by the gobgp enforcer, counted in gobgpd's own tables.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EXAMPLE_LIFE } from '#7-mitigation/example.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { DEFAULT_MARK } from '#8-enforcement/gobgp/config.ts'
import { Gobgp } from '#8-enforcement/gobgp/driver.ts'
import { assert } from '#lib/assert.ts'
import { SILENT } from '#lib/log/logger.ts'
import { LoneGobgpd } from '../lab/routers/lone-gobgpd.ts'
import { atMost, type Gate, printGates } from './gate.ts'
import { type Cell, printTable } from './table.ts'

const isQuick = process.argv.includes('--quick')
const ROUNDS = isQuick ? 1 : 5
const RECONCILED = 10_000
/** One of a hundred is missing, one has other actions, and one more is there that nobody wants. */
const SHARE = 100

interface Row {
  readonly what: string
  readonly limitMs: number
  readonly millisecondsOf: (driver: Gobgp, gobgpd: LoneGobgpd) => Promise<number>
}

const ROWS: readonly Row[] = [
  {
    what: '1,000 FlowSpec rules announced and listed',
    limitMs: 300,
    millisecondsOf: driver => announced(driver, rules(1000)),
  },
  {
    what: '10,000 host routes announced and listed',
    limitMs: 1000,
    millisecondsOf: driver => announced(driver, routes(10_000)),
  },
  { what: '10,000 rules reconciled', limitMs: 1000, millisecondsOf: reconciled },
  { what: '10,000 rules compared, none wrong', limitMs: 1000, millisecondsOf: compared },
]

const rows: Cell[][] = []
const gates: Gate[] = []
for (const { what, limitMs, millisecondsOf } of ROWS) {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) times.push(await withGobgpd(millisecondsOf))
  const sorted = times.toSorted((a, b) => a - b)
  const median = sorted[sorted.length >> 1] ?? Number.NaN
  const worst = sorted.at(-1) ?? Number.NaN
  rows.push([what, Math.round(median), Math.round(worst), limitMs, median / limitMs])
  gates.push(atMost(`${what}, median`, median, limitMs, 'ms'))
}
printTable(
  `Told to gobgpd until its tables hold it, and reconciled; ${ROUNDS} rounds`,
  ['what', 'median ms', 'worst ms', 'gate ms', 'of the gate'],
  rows,
)
printGates(gates)

/** Each round has a gobgpd and an enforcer of its own. Both are warm: connected, with one route told and taken back. */
async function withGobgpd(work: Row['millisecondsOf']): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'gobgpd-'))
  await using gobgpd = await LoneGobgpd.start(folder)
  const driver = driverOf(gobgpd)
  const [first] = routes(1)
  assert(first !== undefined, 'there is a route')
  await driver.announce(first)
  await driver.withdraw(first)
  try {
    return await work(driver, gobgpd)
  } finally {
    await driver.stop(1000)
    rmSync(folder, { recursive: true })
  }
}

function driverOf({ address }: LoneGobgpd): Gobgp {
  const settings = {
    address,
    deadlineSeconds: 20,
    listDeadlineSeconds: 20,
    reconcileSeconds: 3600,
    orphansAfterSeconds: 0,
    mark: DEFAULT_MARK,
    flowspecOffsets: false,
  }
  return new Gobgp(settings, SILENT)
}

/** From the first word to the end of a listing that has all of them. */
async function announced(driver: Gobgp, mitigations: readonly Mitigation[]): Promise<number> {
  const start = performance.now()
  const outcomes = await Promise.all(mitigations.map(mitigation => driver.announce(mitigation)))
  assert(
    outcomes.every(({ kind }) => kind === 'done'),
    'all are taken',
  )
  await mustHold(driver, mitigations.length)
  return performance.now() - start
}

/** A new enforcer takes up what another one left, of which some is missing, other and too much. */
async function reconciled(earlier: Gobgp, gobgpd: LoneGobgpd): Promise<number> {
  const wanted = rules(RECONCILED)
  const some = RECONCILED / SHARE
  const drifted = rules(RECONCILED, 'rate 1000 bytes/s').slice(some, 2 * some)
  const orphans = rules(RECONCILED + some).slice(RECONCILED)
  await announced(earlier, [...wanted.slice(2 * some), ...drifted, ...orphans])
  await earlier.stop(0)
  const driver = driverOf(gobgpd)
  try {
    await driver.list()
    const start = performance.now()
    const outcome = await driver.reconcile(wanted)
    const milliseconds = performance.now() - start
    assert(outcome.kind === 'done', 'all is reconciled')
    await mustHold(driver, RECONCILED)
    const counted = new Map([...driver.metrics()].map(({ name, value }) => [name, value]))
    assert(counted.get('floodwarden_bgp_repairs_total') === 2 * some, 'what was missing or other is repaired')
    assert(counted.get('floodwarden_bgp_orphans_total') === some, 'what was too much is withdrawn')
    return milliseconds
  } finally {
    await driver.stop(1000)
  }
}

async function compared(driver: Gobgp): Promise<number> {
  const wanted = rules(RECONCILED)
  await announced(driver, wanted)
  const start = performance.now()
  const outcome = await driver.reconcile(wanted)
  assert(outcome.kind === 'done', 'all is compared')
  return performance.now() - start
}

/** Exactly so many with our mark, and none that says `rate`. */
async function mustHold(driver: Gobgp, count: number): Promise<void> {
  const listing = await driver.list()
  assert(listing.kind === 'listed', 'gobgpd lists what it holds')
  const ours = listing.held.filter(({ isOurs }) => isOurs)
  assert(ours.length === count, `${count} are held`)
}

function routes(count: number): Mitigation[] {
  return Array.from({ length: count }, (_, at) => {
    const prefix = `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}/32`
    return mitigation(`h-${at}`, {
      kind: 'blackhole',
      prefix,
      nextHop: '192.0.2.1',
      communities: ['65535:666'],
      enforcer: 'gobgp',
    })
  })
}

/** Rules as a detector makes them: a target, a protocol, a source port, a length. */
function rules(count: number, actions = 'discard'): Mitigation[] {
  return Array.from({ length: count }, (_, at) => {
    const target = `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}/32`
    const match = `destination ${target} protocol =udp source-port =53 packet-length >=1000&<=1500`
    return mitigation(`r-${at}`, { kind: 'filter', enforcer: 'gobgp', rule: `${match} then ${actions}` })
  })
}

function mitigation(id: string, action: Mitigation['action']): Mitigation {
  return {
    state: 'pending',
    id,
    attackId: id,
    target: '10.0.0.1',
    action,
    reason: 'the bench wants it',
    enforcer: 'gobgp',
    ...EXAMPLE_LIFE,
    createdAt: 0,
    expiresAt: 60_000,
  }
}
