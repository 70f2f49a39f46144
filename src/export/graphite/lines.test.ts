import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHUNK_LINES } from '../push/line-chunks.ts'
import { hostColumns, snapshotWith } from '../push/snapshots-for-tests.ts'
import { type GraphiteForm, graphiteLines } from './lines.ts'

const CLASSIC: GraphiteForm = { prefix: 'fastnetmon', form: 'classic', ipv6: false }
const HOSTS = hostColumns([
  { host: '10.99.1.1', incoming: [21_712.5, 4_342_553.2, 11_442] },
  { host: '2001:db8:99::1', incoming: [5, 500, 0], outgoing: [2, 200, 0] },
])

async function linesOf(form: GraphiteForm): Promise<string[]> {
  const chunks = await Array.fromAsync(graphiteLines(snapshotWith(HOSTS), form))
  const text = chunks.map(chunk => chunk.text).join('')
  assert.equal(text.at(-1), '\n')
  return text.slice(0, -1).split('\n')
}

test('names, values and times are those FastNetMon 1.2.4 sends; zeros of hosts are not sent', async () => {
  const lines = await linesOf(CLASSIC)

  assert.deepEqual(lines, [
    'fastnetmon.total.incoming.pps 21712 1795169947',
    'fastnetmon.total.incoming.bps 34740424 1795169947',
    'fastnetmon.total.incoming.flows 16376 1795169947',
    'fastnetmon.total.other.pps 0 1795169947',
    'fastnetmon.total.other.bps 0 1795169947',
    'fastnetmon.networks.10_99_0_0_16.incoming.pps 21712 1795169947',
    'fastnetmon.networks.10_99_0_0_16.incoming.bps 34740424 1795169947',
    'fastnetmon.networks.10_99_0_0_16.outgoing.pps 0 1795169947',
    'fastnetmon.networks.10_99_0_0_16.outgoing.bps 0 1795169947',
    'fastnetmon.hosts.10_99_1_1.incoming.average.pps 21712 1795169947',
    'fastnetmon.hosts.10_99_1_1.incoming.average.bps 34740424 1795169947',
    'fastnetmon.hosts.10_99_1_1.incoming.average.flows 11442 1795169947',
  ])
})

test('the newest form has no average in its names, and IPv6 has names of its own', async () => {
  const lines = await linesOf({ prefix: 'fw.dc1', form: 'head', ipv6: true })

  assert.ok(lines.includes('fw.dc1.hosts.10_99_1_1.incoming.pps 21712 1795169947'))
  assert.ok(lines.includes('fw.dc1.total_ipv6.incoming.pps 21712 1795169947'))
  assert.ok(lines.includes('fw.dc1.networks_ipv6.2001_db8_99___48.incoming.pps 0 1795169947'))
  assert.ok(lines.includes('fw.dc1.hosts_ipv6.2001_db8_99__1.outgoing.bps 1600 1795169947'))
})

test('no chunk is much longer than others, however many hosts there are', async () => {
  const many = Array.from({ length: 5000 }, (_, host) => ({
    host: `10.99.${host >> 8}.${host & 255}`,
    incoming: [1, 100, 1] as const,
  }))

  const chunks = await Array.fromAsync(graphiteLines(snapshotWith(hostColumns(many)), CLASSIC))

  assert.equal(
    chunks.reduce((sum, { lines }) => sum + lines, 0),
    5000 * 3 + 9,
  )
  assert.ok(
    chunks.every(({ lines, text }) => lines <= CHUNK_LINES + 5 && text.split('\n').length === lines + 1),
  )
})
