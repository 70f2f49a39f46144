// The gobgp enforcer over a gobgpd of its own, for tests.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { announcementOf, flowAnnouncement } from '#7-mitigation/announcement.ts'
import type { HeldItem } from '#7-mitigation/enforcer.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { routeMitigation, ruleMitigation } from '#8-enforcement/bgp/mitigation-for-tests.ts'
import { DEFAULT_MARK } from '#8-enforcement/gobgp/config.ts'
import { Gobgp, type GobgpOptions } from '#8-enforcement/gobgp/driver.ts'
import { anyRule } from '#lib/flowspec/arbitrary-for-tests.ts'
import { printRule } from '#lib/flowspec/print.ts'
import { problemsForGobgpd } from '#lib/flowspec/validate.ts'
import { SILENT } from '#lib/log/logger.ts'
import { LoneGobgpd } from '../../lab/routers/lone-gobgpd.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

export function driverFor(t: TestContext, gobgpd: LoneGobgpd, options: Partial<GobgpOptions> = {}): Gobgp {
  const driver = new Gobgp(
    {
      address: gobgpd.address,
      deadlineSeconds: 5,
      listDeadlineSeconds: 10,
      reconcileSeconds: 3600,
      orphansAfterSeconds: 0,
      mark: DEFAULT_MARK,
      flowspecOffsets: true,
      ...options,
    },
    SILENT,
  )
  t.after(() => driver.stop(100))
  return driver
}

export async function start(t: TestContext): Promise<LoneGobgpd | undefined> {
  if (!(await mayRunPrograms(t, ['gobgpd', 'gobgp']))) return undefined
  const gobgpd = await LoneGobgpd.start(temporaryFolder(t))
  t.after(() => gobgpd.kill())
  return gobgpd
}

/** What a mitigation is held as. */
export function itemOf({ action }: Mitigation, isOurs = true): HeldItem {
  const announced = announcementOf(action)
  assert.ok(announced.kind !== 'impossible')
  return { key: announced.key, says: announced.says, isOurs }
}

export const byKey = (items: readonly HeldItem[]) => items.toSorted((a, b) => (a.key < b.key ? -1 : 1))

export async function heldBy(driver: Gobgp): Promise<HeldItem[]> {
  const listing = await driver.list()
  assert.ok(listing.kind === 'listed', listing.kind === 'unknown' ? listing.error : '')
  return byKey(listing.held)
}

export async function announceAll(driver: Gobgp, mitigations: readonly Mitigation[]): Promise<void> {
  const outcomes = await Promise.all(mitigations.map(mitigation => driver.announce(mitigation)))
  const failed = outcomes.find(({ kind }) => kind !== 'done')
  assert.equal(failed, undefined, JSON.stringify(failed))
}

/** Rules that may be sent, each of another match. */
export function someRules(count: number): Mitigation[] {
  const texts = new Map<string, string>()
  for (const rule of fc.sample(anyRule, { numRuns: count * 4, seed: 5 })) {
    const { key, rule: sent } = flowAnnouncement(rule)
    if (texts.size < count && problemsForGobgpd(sent, { allowOffsets: true }).length === 0)
      texts.set(key, printRule(sent))
  }
  assert.equal(texts.size, count)
  return [...texts.values()].map((text, at) => ruleMitigation(`r-${at}`, text, 'gobgp'))
}

export const ROUTES = [
  routeMitigation('h4', '203.0.113.10/32', 'gobgp', {
    communities: ['65001:666', '65535:666', '65001:666:1'],
  }),
  routeMitigation('n4', '203.0.113.0/24', 'gobgp', { communities: [] }),
  routeMitigation('h6', '2001:db8:113::10/128', 'gobgp', { communities: ['65001:666', '4200000000:1:2'] }),
]

export function rule(text: string): Mitigation {
  return ruleMitigation('unsafe', text, 'gobgp')
}
