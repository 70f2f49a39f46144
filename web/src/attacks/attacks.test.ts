import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_ATTACK } from '#api/contract/examples.ts'
import { EXAMPLE_COURSE } from '#api/contract/examples-resources.ts'
import { shownRows } from '../lib/table-view.ts'
import { attackColumns, doneText, factorText, kindText, secondsOf } from './attack-words.ts'
import { courseChart, unitOf, unitsOf, unitWords } from './course-chart.ts'
import { hexLines } from './hex-lines.ts'
import { incidentReport, reportText } from './incident-report.ts'
import { endText, flowRows, packetRows } from './report-view.ts'

const OPENED = Date.parse(EXAMPLE_ATTACK.openedAt)
const { finding: _finding, ...UNNAMED } = EXAMPLE_ATTACK

test('an attack is named by its packets, by who reported it, or by nobody yet', () => {
  const parts = [{ vector: 'dns-amplification', share: 0.92, reasons: [] }]
  const reported = { source: 'fnm', vector: 'udp_flood', confidence: 1, ports: [] }

  assert.equal(
    kindText({ ...UNNAMED, finding: { parts, confidence: 1, packets: 9 } }),
    'dns-amplification 92 %',
  )
  assert.equal(kindText({ ...UNNAMED, reported }), 'udp_flood')
  assert.equal(kindText({ ...UNNAMED, origin: 'manual' }), 'banned by hand')
  assert.equal(kindText(UNNAMED), 'not named yet')
})

test('how long it lasts grows while it is open', () => {
  const ended = { ...EXAMPLE_ATTACK, endedAt: new Date(OPENED + 60_000).toISOString() }

  assert.equal(secondsOf({ ...UNNAMED }, OPENED + 5000), 5)
  assert.equal(secondsOf(ended, OPENED + 500_000), 60)
  assert.equal(secondsOf(UNNAMED, OPENED - 5000), 0)
})

test('what is done is counted: active ones, failed ones, and whether it is a dry run', () => {
  const [measure] = EXAMPLE_ATTACK.mitigations
  const withStates = (...states: (typeof EXAMPLE_ATTACK.mitigations)[number]['state'][]) =>
    doneText({
      ...EXAMPLE_ATTACK,
      mitigations: states.map(state => ({ ...measure!, state, isDryRun: false })),
    })

  assert.equal(doneText({ ...EXAMPLE_ATTACK, mitigations: [] }), 'nothing')
  assert.equal(withStates('announced', 'failed', 'withdrawn'), '2 active, 1 failed')
  assert.equal(withStates('withdrawn', 'expired'), '2 over')
  assert.match(
    doneText({ ...EXAMPLE_ATTACK, mitigations: [{ ...measure!, isDryRun: true }] }),
    /in a dry run$/,
  )
})

test('the list is sorted by numbers and times, not by their words', () => {
  const rows = [9, 1000, 20].map((peak, at) => ({ ...EXAMPLE_ATTACK, id: String(at), peak }))
  const columns = attackColumns(
    () => OPENED,
    at => at,
  )

  const shown = shownRows(rows, columns, '', { key: 'peak', isDown: true })

  assert.deepEqual(
    shown.map(({ peak }) => peak),
    [1000, 20, 9],
  )
  assert.equal(columns[0]?.href?.(EXAMPLE_ATTACK), `/attacks/${EXAMPLE_ATTACK.id}`)
})

test('speeds are drawn against the limit they are about', () => {
  const packets = courseChart(EXAMPLE_COURSE, 'packets')
  const bits = courseChart(EXAMPLE_COURSE, 'bits')

  assert.deepEqual(packets?.levels, [{ label: 'limit of packets', value: 20_000 }])
  assert.deepEqual(packets.times, [OPENED / 1000, OPENED / 1000 + 1])
  assert.deepEqual(
    packets.series.map(({ label }) => label),
    ['packets'],
  )
  assert.deepEqual(bits?.levels, [])
  assert.equal(bits.unit, 'bits')
  const young = { ...EXAMPLE_COURSE.speeds!, points: 1, average: { packets: [7], bits: [], flows: [] } }
  const first = courseChart({ ...EXAMPLE_COURSE, speeds: young }, 'packets')
  assert.deepEqual([first?.times.length, first?.series[0]?.values], [2, [null, 7]])
  const { speeds: _speeds, ...none } = EXAMPLE_COURSE
  assert.equal(courseChart(none, 'packets'), undefined)
})

test('a limit of a kind of traffic has a line of its own, which is shown first', () => {
  const crossing = { ...EXAMPLE_ATTACK.crossing!, limit: 'udp-bits', threshold: 5 }
  const course = {
    ...{ ...EXAMPLE_COURSE, attack: { ...EXAMPLE_ATTACK, crossing } },
    limits: [{ limit: 'udp-bits', threshold: 5 }],
    speeds: { ...EXAMPLE_COURSE.speeds!, stepSeconds: 4 },
  }

  assert.deepEqual(unitsOf(EXAMPLE_COURSE), ['packets', 'bits', 'flows'])
  assert.deepEqual([unitOf(course, undefined), unitOf(course, 'bits')], ['crossed', 'bits'])
  const chart = courseChart(course, 'crossed')
  assert.equal(chart?.unit, 'bits')
  assert.deepEqual(
    chart.series.map(({ label }) => label),
    ['udp-bits, mean of 4 s', 'highest second'],
  )
  assert.equal(chart.levels.length, 1)
  assert.deepEqual([unitWords('crossed', course), unitWords('bits', course)], ['udp-bits', 'bit/s'])
})

test('bytes are shown sixteen a line, and none of them does anything', () => {
  const [first, second, ...rest] = hexLines(`4500${'00'.repeat(13)}3c413e`)

  assert.deepEqual([first?.offset, second?.offset, rest.length], ['0000', '0010', 0])
  assert.equal(first?.bytes, `45 00 ${'00 '.repeat(13)}3c`)
  assert.equal(first.characters, 'E..............<')
  assert.equal(second?.characters, 'A>')
  assert.equal(second.bytes.length, 47)
  assert.deepEqual(hexLines(''), [])
})

test('packets and flows of a report are read with care', () => {
  const packet = {
    ...{ time: '2026-11-20T10:11:49.533001Z', source: '2001:db8::7', sourcePort: 53, target: '10.0.0.1' },
    ...{ targetPort: 0, protocol: { number: 17, name: 'udp' }, tcpFlags: ['syn'], isFragment: true },
    ...{ ttl: 60, bytes: 1400.4, header: '45' },
  }
  const flow = { hostPort: 80, remote: '198.51.100.7', remotePort: 53, packets: 4, bytes: 800 }

  const [row] = packetRows({ packets: [packet] })
  const flows = flowRows({
    flows: [{ direction: 'incoming', protocol: 'udp', flows: [flow, { ...flow, packets: 9 }] }],
  })

  assert.deepEqual([row?.source, row?.target, row?.flags], ['[2001:db8::7]:53', '10.0.0.1', 'syn fragment'])
  assert.deepEqual([row?.bytes, row?.protocol, row?.header], [1400, 'udp', '45'])
  assert.deepEqual(
    flows.map(({ packets, remote }) => [packets, remote]),
    [
      [9, '198.51.100.7:53'],
      [4, '198.51.100.7:53'],
    ],
  )
  for (const odd of [undefined, null, 'x', {}, { packets: 'x', flows: 7 }, { packets: [null, 3] }]) {
    assert.ok(packetRows(odd).every(({ source }) => source === ''))
    assert.deepEqual(flowRows(odd), [])
  }
  assert.equal(endText('10.0.0.1', 53), '10.0.0.1:53')
})

test('the incident report says what, why, when and what was done, and its text holds it all', () => {
  const sections = incidentReport(EXAMPLE_COURSE, 'utc', OPENED + 90_000)
  const text = reportText('Incident report', sections)

  assert.deepEqual(
    sections.slice(0, 3).map(({ title }) => title),
    ['Summary', 'Why it was an attack', 'What it was'],
  )
  assert.match(text, /^Incident report\n=+\n/)
  assert.match(text, /Lasted {5}1 min 30 s/)
  assert.match(text, /Target {5}10\.99\.1\.1 \(incoming\)/)
  assert.match(text, /1\.7 times the limit/)
  assert.match(text, /Sources .*53 100 %/)
  assert.match(text, /2026-11-20 10:11:49Z {2}in force: announce by gobgp/)
  assert.equal(factorText({ ...EXAMPLE_ATTACK.crossing!, value: 60_000, threshold: 20_000 }), '3 times')
})

test('a report of an attack of which little is known says so', () => {
  const { crossing: _crossing, ...bare } = UNNAMED
  const { tallies: _tallies, ...course } = { ...EXAMPLE_COURSE, isWhole: false, momentsLeftOut: 3 }
  const text = reportText(
    'X',
    incidentReport({ ...course, attack: { ...bare, mitigations: [] } }, 'utc', OPENED),
  )

  assert.match(text, /Too few packets/)
  assert.match(text, /began before the program did/)
  assert.match(text, /3 moments in between were not kept/)
  assert.match(text, /Nothing\./)
})
