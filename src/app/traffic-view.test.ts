import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configWith, type EngineLab, engineLab, flood, fromHost } from './engine-for-tests.ts'
import { TrafficView } from './traffic-view.ts'

/** Steady traffic of three hosts: the first has most packets, the second most bytes, the third most flows. */
async function threeHosts(): Promise<EngineLab> {
  const lab = await engineLab(configWith({ detection: { thresholds: { incoming: {}, outgoing: {} } } }))
  const [many] = flood('10.0.0.1', 1)
  const [long] = flood('10.0.0.2', 1)
  for (let tick = 0; tick < 100; tick++) {
    lab.send(Array<Uint8Array>(50).fill(many!), 60)
    lab.send(Array<Uint8Array>(10).fill(long!), 1500)
    lab.send(flood('2001:db8::3', 20), 80)
    lab.send(fromHost('10.0.0.1', 5), 100)
    lab.tick()
  }
  return lab
}

const hostsOf = (rows: readonly { host: string }[]) => rows.map(({ host }) => host)
const near = (actual: number, expected: number, share = 0.2) =>
  assert.ok(Math.abs(actual / expected - 1) < share, `${actual}, not about ${expected}`)

test('hosts are sorted by packets, bytes or flows, IPv4 and IPv6 together', async () => {
  const view = new TrafficView((await threeHosts()).engine)

  assert.deepEqual(hostsOf(view.read('packets', 7).incoming.hosts), ['10.0.0.1', '2001:db8::3', '10.0.0.2'])
  assert.deepEqual(hostsOf(view.read('bytes', 7).incoming.hosts), ['10.0.0.2', '10.0.0.1', '2001:db8::3'])
  assert.deepEqual(hostsOf(view.read('flows', 2).incoming.hosts).slice(0, 1), ['2001:db8::3'])
})

test('a list ends where it was asked to, with the biggest', async () => {
  const view = new TrafficView((await threeHosts()).engine)

  assert.deepEqual(hostsOf(view.read('packets', 1).incoming.hosts), ['10.0.0.1'])
  assert.deepEqual(view.read('packets', 1).outgoing.hosts.length, 1)
})

test('rows and totals tell speeds per second', async () => {
  const { incoming, outgoing, internal, other } = new TrafficView((await threeHosts()).engine).read(
    'packets',
    7,
  )

  const [first, third] = incoming.hosts
  near(first!.packets, 500)
  near(first!.bits, 500 * 60 * 8)
  assert.equal(first!.flows, 1)
  near(third!.flows, 20, 0.4)
  near(incoming.packets, 800)
  near(incoming.bits, (500 * 60 + 100 * 1500 + 200 * 80) * 8)
  near(incoming.flows, 22, 0.4)
  near(outgoing.packets, 50)
  assert.deepEqual(hostsOf(outgoing.hosts), ['10.0.0.1'])
  assert.deepEqual([internal.packets, other.packets], [0, 0])
})

test('flows are per second, also when their window is longer', async () => {
  const lab = await engineLab(
    configWith({ traffic: { speedSeconds: 5 }, detection: { thresholds: { incoming: {}, outgoing: {} } } }),
  )
  lab.run(6, flood('10.0.0.1', 50))

  const { incoming } = new TrafficView(lab.engine).read('packets', 7)

  near(incoming.hosts[0]!.flows, 10, 0.4)
  near(incoming.flows, 10, 0.4)
})

test('hosts that have fallen silent leave the lists', async () => {
  const lab = await threeHosts()
  lab.run(60)

  const { incoming } = new TrafficView(lab.engine).read('packets', 7)

  assert.deepEqual(incoming.hosts, [])
  assert.equal(incoming.flows, 0)
})

test('a host under a ban is marked', async () => {
  const lab = await engineLab(
    configWith({ detection: { thresholds: { incoming: { packetsPerSecond: 500 }, outgoing: {} } } }),
  )
  lab.run(2, [...flood('10.0.0.1', 200), ...flood('10.0.0.2', 20)])

  const { incoming } = new TrafficView(lab.engine).read('packets', 7)

  assert.deepEqual(
    incoming.hosts.map(({ host, banned }) => `${host} ${banned}`),
    ['10.0.0.1 true', '10.0.0.2 false'],
  )
})

test('a view is made anew when time has passed or something else is asked for, and not in between', async () => {
  const lab = await threeHosts()
  const view = new TrafficView(lab.engine)

  const first = view.read('packets', 7)
  lab.run(0.1)
  assert.equal(view.read('packets', 7), first)
  assert.notEqual(view.read('packets', 6), first)
  lab.run(0.3)
  assert.notEqual(view.read('packets', 7), first)
})
