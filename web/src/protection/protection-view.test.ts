import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_INCIDENT, EXAMPLE_PROFILE } from '#api/contract/examples-protection.ts'
import { ROUTES } from '#api/contract/routes.ts'
import {
  activeText,
  COUNTERMEASURE_COLUMNS,
  droppedOf,
  holderText,
  incidentColumns,
  modeOf,
  PROFILE_COLUMNS,
  readBlock,
} from './protection-view.ts'

const [acl, limit] = EXAMPLE_PROFILE.countermeasures

test('a profile tells what drops, and what only counts', () => {
  const counting = {
    ...EXAMPLE_PROFILE,
    countermeasures: [acl!, { ...acl!, name: 'filter' as const, mode: 'monitor' as const }, limit!],
  }

  assert.equal(activeText(counting), 'acl, filter (monitor)')
  assert.equal(activeText({ ...counting, isOn: false }), '')
  assert.equal(droppedOf(counting), acl?.counters?.droppedPacketsPerSecond)
  assert.equal(PROFILE_COLUMNS[0]?.href?.(EXAMPLE_PROFILE), '/protection/web')
})

test('who keeps it on is told with what and until when', () => {
  const [holder] = EXAMPLE_PROFILE.holders
  const person = { ...holder!, by: 'operator' as const, who: 'user:ann', until: 'T' }

  assert.equal(
    holderText(holder!, at => at),
    'attack mi7kq3l9-1 on 10.99.1.1: on',
  )
  assert.equal(
    holderText(person, at => at),
    'user:ann: on, until T',
  )
})

test('counters are empty where nothing is in place', () => {
  const cells = (row: typeof acl) => COUNTERMEASURE_COLUMNS.map(({ text }) => text(row!))

  assert.deepEqual(cells(limit), ['source-limit', 'off', 'off', '', '', '', '', '', ''])
  assert.deepEqual(cells(acl).slice(3, 6), ['50 kpackets/s', '1,204,500', '310'])
})

test('an incident goes on until it has an end', () => {
  const ended = incidentColumns(at => at).find(({ key }) => key === 'ended')
  const { endedAt: _end, ...open } = EXAMPLE_INCIDENT

  assert.equal(ended?.text(open), 'goes on')
})

test('what is typed to block is what the contract takes', () => {
  const read = readBlock({ sources: '192.0.2.7\n2001:db8:7::/64', ttl: '10m' })

  assert.deepEqual(read, { sources: ['192.0.2.7', '2001:db8:7::/64'], ttlSeconds: 600 })
  assert.ok(ROUTES.blockSources.input.safeParse({ id: 'web', reason: 'x', ...read }).success)
  assert.deepEqual(readBlock({ sources: 'x', ttl: '' }), { sources: ['x'] })
  assert.equal(readBlock({ sources: 'x', ttl: 'soon' }), undefined)
  assert.equal(readBlock({ sources: ' ', ttl: '' }), undefined)
  assert.equal(modeOf('monitor'), 'monitor')
  assert.equal(modeOf('else'), 'configured')
})
