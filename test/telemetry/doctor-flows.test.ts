// Doctor beside a real daemon that hears of the same flows twice: from two exporters, and from one at both of its sides.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { fieldsOf, ipfix, number, set, template } from '#2-decode/flow-exports-for-tests.ts'
import { run } from '../../lab/command.ts'
import { FLOODWARDEN } from '../../lab/running-daemon.ts'
import { exporterOf, MINUTE, openStage } from './flow-stage.ts'

const REPORT = z.object({ findings: z.array(z.object({ name: z.string(), detail: z.string() })) })
/** Addresses, ports, protocol, packets, bytes, and flowDirection. */
const TEACH = set(2, [template(256, fieldsOf('8:4 12:4 7:2 11:2 4:1 2:4 1:4 61:1'))])

interface Flow {
  readonly flow: number
  readonly target: number
  readonly direction: 0 | 1
}

const record = ({ flow, target, direction }: Flow) => [
  ...[198, 18, 0, 7, 10, 99, target, flow & 255],
  ...[...number(flow & 0xffff, 2), ...number(443, 2), 6],
  ...[...number(2, 4), ...number(3000, 4), direction],
]

const PER_MESSAGE = 20

test('doctor tells of flows that were told of twice, and of networks that are not ours', MINUTE, async t => {
  const stage = await openStage(t)
  const daemon = await stage.start()
  const [edge, core, both] = [
    ...[await stage.sender('127.0.0.1'), await stage.sender('127.0.0.2'), await stage.sender('127.0.0.3')],
  ]
  assert.ok(edge && core && both)
  let flow = 0
  const sequences = { edge: 0, core: 0, both: 0 }
  const message = (from: keyof typeof sequences, flows: readonly Flow[]) => {
    const sequence = sequences[from]
    sequences[from] += flows.length
    return ipfix([TEACH, set(256, flows.map(record))], { sequence })
  }
  const flows = (target: number, direction: 0 | 1 = 0) =>
    Array.from({ length: PER_MESSAGE }, () => ({ flow: flow++, target, direction }))

  // 2,000 records a second are more than are looked at, so flows are chosen; 500 of each exporter take some seconds.
  for (const endsAt = performance.now() + 11_200; performance.now() < endsAt; ) {
    const [same, foreign] = [flows(1), flows(77)]
    await edge.send(message('edge', same))
    await core.send(message('core', same))
    await both.send(message('both', foreign))
    await both.send(
      message(
        'both',
        foreign.map(one => ({ ...one, direction: 1 as const })),
      ),
    )
    await sleep(40)
  }

  const words = ['doctor', '--config', stage.plan.words[1] ?? '', '--state', daemon.state, '--json']
  const { stdout } = await run([FLOODWARDEN, ...words])
  const told = REPORT.parse(JSON.parse(stdout)).findings.map(({ detail }) => detail)
  const { looked } = await exporterOf(daemon, '127.0.0.3')
  assert.ok(looked.records >= 500 && looked.records < 3000, `${looked.records}`)
  assert.equal(looked.other, looked.records)
  const of = (words: RegExp) => told.find(text => words.test(text)) ?? told.join('\n')
  assert.match(of(/two exporters/), /records of 127\.0\.0\.2 are of flows that 127\.0\.0\.1 told of too$/)
  assert.match(
    of(/go out/),
    /: 127\.0\.0\.3 \d+(\.\d)? % of [\d,]+ records are of flows it told of the other/,
  )
  assert.match(of(/neither address/), /\(10\.99\.1\.0\/24, .*: 127\.0\.0\.3 100 % of [\d,]+ records$/)
  assert.match(of(/one direction/), /: 127\.0\.0\.1 \d+ incoming records, 0 outgoing, 127\.0\.0\.2 /)
  const [, part] = /two exporters: ([\d.]+) %/.exec(of(/two exporters/)) ?? []
  assert.ok(Number(part) > 90, `${part} %`)
})
