import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAnnouncements } from './conf-announce.ts'
import { readConfLines } from './conf-lines.ts'
import { ConfValues } from './conf-values.ts'

function read(text: string) {
  const values = new ConfValues(readConfLines(text, 'fastnetmon.conf').lines, 'fastnetmon.conf')
  const outside = { exists: () => false, readList: () => ({ kind: 'missing' }) as const }
  const { enforcement, compatibility } = readAnnouncements({ values, outside, isOrdered: true })
  return {
    ...enforcement,
    api: compatibility.fastnetmonApi.listen,
    said: values.problems.map(({ message }) => message),
  }
}

const EXABGP = 'exabgp = on\nexabgp_command_pipe = /run/e.cmd\nexabgp_next_hop = 10.0.3.114\n'

test('the options of ExaBGP become announcements, communities as FastNetMon falls back to them', () => {
  const { exabgp, said } = read(
    `${EXABGP}exabgp_community = [65001:666 65001:777]\nexabgp_community_host = 65001:668\nexabgp_announce_host = on\nexabgp_announce_whole_subnet = on\n`,
  )

  assert.deepEqual(exabgp, {
    pipe: '/run/e.cmd',
    networkIpv4: { nextHop: '10.0.3.114', communities: ['65001:666', '65001:777'] },
    hostIpv4: { nextHop: '10.0.3.114', communities: ['65001:668'] },
  })
  assert.deepEqual(said, [])
})

test('what FastNetMon leaves off is off: nothing is announced that was not switched on', () => {
  assert.deepEqual(read(EXABGP).exabgp, { pipe: '/run/e.cmd' })
  assert.deepEqual(read('gobgp = on\n').gobgp, { mark: 'off' })
  assert.deepEqual(read('exabgp = off\ngobgp = yes\n'), {
    ...read(''),
    said: ['gobgp: "yes" is not on, so it is off'],
  })
  assert.equal(read('').api, 'off')
})

test('the options of GoBGP have their defaults for each family, and nothing is added to what FastNetMon announces', () => {
  const { gobgp } = read(
    'gobgp = on\ngobgp_announce_host = on\ngobgp_announce_whole_subnet = on\ngobgp_announce_host_ipv6 = on\ngobgp_announce_whole_subnet_ipv6 = on\n',
  )

  assert.deepEqual(gobgp, {
    mark: 'off',
    networkIpv4: { nextHop: '0.0.0.0', communities: ['65001:667'] },
    hostIpv4: { nextHop: '0.0.0.0', communities: ['65001:668'] },
    networkIpv6: { nextHop: '100::1', communities: ['65001:667'] },
    hostIpv6: { nextHop: '100::1', communities: ['65001:668'] },
  })
})

test('a next hop of its own counts unless it is zero, as the shipped file has it', () => {
  const { gobgp } = read(
    'gobgp = on\ngobgp_next_hop = 192.0.2.66\ngobgp_next_hop_host_ipv4 = 0.0.0.0\ngobgp_next_hop_subnet_ipv4 = 192.0.2.77\ngobgp_next_hop_host_ipv6 = ::0\ngobgp_announce_host = on\ngobgp_announce_whole_subnet = on\ngobgp_announce_host_ipv6 = on\n',
  )

  assert.equal(gobgp?.hostIpv4?.nextHop, '192.0.2.66')
  assert.equal(gobgp?.networkIpv4?.nextHop, '192.0.2.77')
  assert.equal(gobgp?.hostIpv6?.nextHop, '100::1')
})

test('nonsense is left out and named', () => {
  assert.deepEqual(read('exabgp = on\n').said, [
    'exabgp is on without an exabgp_next_hop: nothing is announced by ExaBGP',
  ])
  const { exabgp, said } = read(
    `${EXABGP}exabgp_announce_host = on\nexabgp_community = [70000:1 blackhole]\n`,
  )
  assert.deepEqual(exabgp?.hostIpv4?.communities, ['65535:666'])
  assert.deepEqual(said, [
    'exabgp_community: expected a community such as 65001:666, found "70000:1"; it is left out',
  ])
})

test('enable_api opens the port fastnetmon_api_client asks', () => {
  assert.equal(read('enable_api = on\n').api, '127.0.0.1:50052')
})
