import assert from 'node:assert/strict'
import { test } from 'node:test'
import { notice } from '../notice/notices-for-tests.ts'
import { destinationsFor, routeText } from './route.ts'
import { routesSchema } from './routes-config.ts'

const ALL = ['chat', 'pager', 'acme', 'siem']
const routed = (
  routes: object[],
  changes: Parameters<typeof notice>[1] = {},
  kind: Parameters<typeof notice>[0] = 'opened',
) => destinationsFor(notice(kind, changes), routesSchema.parse(routes), ALL).join(' ')

test('without routes all are told; with some, what fits none is told to nobody', () => {
  assert.equal(routed([]), 'chat pager acme siem')
  assert.equal(routed([{ severity: 'critical', to: ['pager'] }]), '')
})

test('the first that fits is the only one, unless it says to continue; each destination is told once', () => {
  const routes = [
    { severity: 'high', to: ['pager', 'chat'], continue: true },
    { customers: ['acme'], to: ['acme'], continue: true },
    { events: ['ended'], to: [] },
    { to: ['chat', 'siem'] },
  ]

  assert.equal(routed(routes), 'pager chat acme siem')
  assert.equal(routed(routes, { severity: 'low', customer: 'other' }), 'chat siem')
  assert.equal(routed(routes, {}, 'ended'), 'pager chat acme')
})

test('each condition asks for what its name says', () => {
  const fits = (route: object, changes: Parameters<typeof notice>[1] = {}) =>
    routed([{ ...route, to: ['chat'] }], changes) === 'chat'
  const cases: readonly (readonly [object, boolean])[] = [
    [{ severity: 'high' }, true],
    [{ severity: 'critical' }, false],
    [{ customers: ['acme', 'x'] }, true],
    [{ customers: ['x'] }, false],
    [{ networks: ['192.0.2.0/25'] }, true],
    [{ networks: ['198.51.100.0/24', '2001:db8::/32'] }, false],
    [{ hostgroups: ['global'] }, true],
    [{ hostgroups: ['web'] }, false],
    [{ vectors: ['dns-*'] }, true],
    [{ vectors: ['dns-amplification'] }, true],
    [{ vectors: ['dns'] }, false],
    [{ directions: ['incoming'] }, true],
    [{ directions: ['outgoing'] }, false],
    [{ events: ['opened'] }, true],
    [{ events: ['ended'] }, false],
    [{ severity: 'high', customers: ['x'] }, false],
  ]

  for (const [route, expected] of cases) assert.equal(fits(route), expected, JSON.stringify(route))
})

test('routes are told in words', () => {
  const routes = routesSchema.parse([
    { severity: 'high', customers: ['acme'], to: ['pager'], continue: true },
    { events: ['ended', 'opened'], to: [] },
    { to: ['chat', 'siem'] },
  ])

  assert.deepEqual(routes.map(routeText), [
    'severity high and more, customers acme: to pager, and on',
    'events ended or opened: to nobody',
    'everything: to chat and siem',
  ])
})
