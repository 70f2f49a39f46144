import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildFrame } from '../../lab/frame.ts'
import { configWith, engineLab, flood, SYN, UDP } from './engine-for-tests.ts'
import { previewRule } from './preview-rule.ts'

const VICTIM = '10.0.0.1'
const DNS = `destination ${VICTIM}/32 protocol =udp source-port =53`

test('a rule is held against what the rings hold of its target in the last minute', async () => {
  const lab = await engineLab(configWith({}))
  lab.run(2, [...flood(VICTIM, 30), ...flood(VICTIM, 10, SYN), ...flood('10.0.0.2', 50)])

  const { seconds, packets, bits, friends } = previewRule(lab.engine, { target: VICTIM, flow: DNS })
  const nothing = previewRule(lab.engine, {
    target: '10.0.0.7',
    flow: 'destination 10.0.0.7/32 protocol =udp',
  })
  const around = previewRule(lab.engine, {
    ...{ target: '10.0.0.0/24', flow: 'destination 10.0.0.0/24 protocol =tcp' },
  })

  assert.ok(Math.abs(packets.share - 0.75) < 0.02, `${packets.share}`)
  assert.ok(packets.of > 100 && packets.low < packets.share && packets.share < packets.high)
  assert.ok(bits.share < packets.share, 'a SYN with its header is longer than the UDP packets here')
  assert.ok(seconds >= 1 && seconds <= 60)
  assert.equal(friends.of, 0)
  assert.deepEqual([nothing.seconds, nothing.packets.of], [0, 0])
  assert.ok(Math.abs(around.packets.share - 10 / 90) < 0.02, `${around.packets.share}`)
})

test('what older samples say is left out, and packets from the target are no packets to it', async () => {
  const lab = await engineLab(configWith({}))
  lab.run(1, flood(VICTIM, 20))
  lab.run(70, flood('10.0.0.9', 1))
  const answers = Array.from({ length: 20 }, () =>
    buildFrame([{ kind: 'ethernet' }, { kind: 'ipv4', source: VICTIM, target: '198.18.0.1' }, UDP]),
  )
  lab.run(1, answers)

  assert.equal(previewRule(lab.engine, { target: VICTIM, flow: DNS }).packets.of, 0)
})

test('packets of friends are told by themselves: they are what a rule should spare', async () => {
  const lab = await engineLab(configWith({}))
  const [asked] = flood(VICTIM, 1, { kind: 'udp', sourcePort: 5000, targetPort: 53 })
  const answer = buildFrame([
    { kind: 'ethernet' },
    { kind: 'ipv4', source: VICTIM, target: '198.18.0.0' },
    { kind: 'udp', sourcePort: 53, targetPort: 5000 },
  ])
  lab.run(20, [asked!, answer])

  const { friends } = previewRule(lab.engine, {
    ...{ target: VICTIM, flow: `destination ${VICTIM}/32 protocol =udp destination-port =53` },
  })

  assert.ok(friends.of > 0)
  assert.equal(friends.share, 1)
})
