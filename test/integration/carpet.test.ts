// Carpet bombing on a real interface: 3,000 packets a second to each of 256 hosts, far below what one host may have.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ROUTES } from '#api/contract/routes.ts'
import { mirrorPlan } from '../../lab/plan.ts'
import { mayUseNamespaces } from '../may-go-on.ts'
import { Stage } from '../scenario/stage.ts'
import { until } from '../until.ts'

const RATE = 3000 * 256

test('a carpet over a /24 opens one attack, on the /24, and none on its hosts', {
  timeout: 240_000,
}, async t => {
  if (!mayUseNamespaces(t)) return
  const settings = 'detection: { banSeconds: 5, holdSeconds: 1 }'
  await using stage = await Stage.open(t, mirrorPlan(), settings)

  const sending = stage.send({
    scenario: 'carpet',
    target: '10.10.20.0/24',
    rate: RATE,
    seconds: 5,
    bytes: 60,
  })
  // It is over soon after its flood: looked at while that lasts.
  await until(async () => (await stage.daemon.call(ROUTES.attacks, {})).attacks.length > 0, 'an attack')
  const { attacks: open } = await stage.daemon.call(ROUTES.attacks, {})
  const { bans } = await stage.daemon.call(ROUTES.bans, {})
  const [sent] = await sending
  const { attacks } = await stage.daemon.call(ROUTES.attacks, {})

  assert.deepEqual(
    attacks.map(({ host, direction, type, protocol }) => [host, direction, type, protocol]),
    [['10.10.20.0/24', 'incoming', 'udp_flood', 'udp']],
  )
  // A busy machine sends less than it was asked for; what was found is what was sent.
  const [{ power } = assert.fail()] = attacks
  assert.ok(power > 0.5 * sent.pps && power < 1.5 * sent.pps, `power ${power}, sent ${sent.pps}`)
  assert.deepEqual(
    open.map(({ state }) => state),
    ['open'],
  )
  assert.deepEqual(
    bans.map(({ host }) => host),
    ['10.10.20.0/24'],
  )
  await until(async () => {
    const { attacks: known } = await stage.daemon.call(ROUTES.attacks, {})
    return known.every(attack => attack.state === 'ended')
  }, 'the end')
  const after = await stage.daemon.call(ROUTES.attacks, {})
  assert.deepEqual(
    after.attacks.map(attack => [attack.state, attack.endedBy]),
    [['ended', 'finished']],
  )
  // The script expects an address: it is called for no prefix unless that is asked for.
  assert.deepEqual(stage.script.calls(), [])
})
