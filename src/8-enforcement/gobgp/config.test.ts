import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCommunity } from '../bgp/community.ts'
import { DEFAULT_MARK, gobgpSchema } from './config.ts'

const problems = (settings: object): string[] =>
  (gobgpSchema.safeParse(settings).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  )

test('what we announce is marked by a large community of a private AS unless it is switched off', () => {
  assert.equal(gobgpSchema.parse({}).mark, DEFAULT_MARK)
  const mark = parseCommunity(DEFAULT_MARK)
  assert.ok(mark?.kind === 'large' && mark.parts[0] >= 4_200_000_000)
  for (const good of ['off', '65001:9', '65001:18007:1']) assert.deepEqual(problems({ mark: good }), [])
  for (const wrong of ['', 'on', '65536:1', '1:2:3:4'])
    assert.equal(problems({ mark: wrong }).length, 1, wrong)
})

test('a mark that stands on announcements anyway marks nothing, and is refused', () => {
  const hostIpv4 = { nextHop: '192.0.2.1', communities: ['65535:666', '65001:9'] }

  assert.deepEqual(problems({ mark: '65001:9', hostIpv4 }), [
    'mark: it is one of the communities that are announced anyway, so it would mark nothing: choose another',
  ])
  assert.deepEqual(problems({ mark: '65001:10', hostIpv4 }), [])
})
