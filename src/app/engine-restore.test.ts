import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack } from '#5-evidence/example.ts'
import { configWith, engineLab, flood, WALL } from './engine-for-tests.ts'

const HOST = '10.0.0.1'

for (const mode of ['budget', 'plain'] as const) {
  test(`a restored ban outlasts its time while the flood goes on, and ends after it (${mode})`, async () => {
    const config = configWith({
      detection: {
        ...{ mode, banSeconds: 30, holdSeconds: 5 },
        thresholds: { incoming: { packetsPerSecond: 500 }, outgoing: {} },
      },
    })
    const lab = await engineLab(config)
    const openedAt = WALL - 25_000
    const attack = exampleAttack({
      ...{ host: HOST, prefixes: [`${HOST}/32`], openedAt, banSeconds: 30, isOver: true, lastOverAt: WALL },
    })

    lab.engine.restore([attack], lab.now())
    const perTick = Math.ceil(2 * lab.engine.tickMs)
    const during = lab.run(15, flood(HOST, perTick))
    const after = lab.run(60)

    const kinds = (events: typeof during) =>
      events.filter(({ kind }) => kind === 'opened' || kind === 'ended').map(({ kind }) => kind)
    assert.deepEqual(kinds(during), [])
    assert.deepEqual(kinds(after), ['ended'])
  })
}

/** 40 packets a second to each of 100 hosts: far below the limit of a host, above that of their /24. */
const CARPET = (perTick: number) =>
  Array.from({ length: 100 }, (_, host) => flood(`10.0.0.${host + 1}`, perTick)).flat()

for (const [scope, settings] of [
  ['prefix', {}],
  ['network', { prefixes: { enabled: false }, networkThresholds: { incoming: { packetsPerSecond: 1000 } } }],
] as const) {
  test(`a restored attack on a ${scope} goes on as the same one while it lasts, and ends after it`, async () => {
    const thresholds = { incoming: { packetsPerSecond: 500 }, outgoing: {} }
    const lab = await engineLab(
      configWith({ detection: { banSeconds: 30, holdSeconds: 5, thresholds, ...settings } }),
    )
    const prefix = '10.0.0.0/24'
    const attack = exampleAttack({
      ...{ scope, host: prefix, prefixes: [prefix], hostgroup: 'global' },
      ...{ openedAt: WALL - 25_000, banSeconds: 30, isOver: true, lastOverAt: WALL },
    })

    lab.engine.restore([attack], lab.now())
    const during = lab.run(15, CARPET(4))
    const open = lab.engine.detector.open
    const after = lab.run(10)

    const kinds = (events: typeof during) =>
      events.filter(({ kind }) => kind === 'opened' || kind === 'ended').map(({ kind }) => kind)
    assert.deepEqual(kinds(during), [])
    assert.deepEqual(
      open.map(({ id, isOver }) => [id, isOver]),
      [[attack.id, true]],
    )
    assert.deepEqual(kinds(after), ['ended'])
  })

  test(`a restored attack on a ${scope} that is ended by hand opens anew while it lasts`, async () => {
    const thresholds = { incoming: { packetsPerSecond: 500 }, outgoing: {} }
    const lab = await engineLab(configWith({ detection: { thresholds, ...settings } }))
    const attack = exampleAttack({ scope, host: '10.0.0.0/24', prefixes: ['10.0.0.0/24'] })
    lab.engine.restore([attack], lab.now())
    lab.run(4, CARPET(4))

    const ended = lab.engine.unban('10.0.0.0/24', lab.now())
    const after = lab.run(4, CARPET(4))

    assert.deepEqual(
      [...ended, ...after]
        .filter(({ kind }) => kind !== 'updated')
        .map(({ kind }) => kind)
        .slice(0, 2),
      ['ended', 'opened'],
    )
  })
}

test('of two attacks on a host the one that is open stays, and the other is told', async () => {
  const lab = await engineLab(configWith({}))
  const attackOn = (id: string, host: string) => exampleAttack({ id, host, prefixes: [`${host}/32`] })
  const taken = lab.engine.restore([attackOn('newer', HOST)], lab.now())

  const superseded = lab.engine.restore([attackOn('older', HOST), attackOn('other', '10.0.0.2')], lab.now())

  assert.deepEqual([taken, superseded], [[], ['older']])
})
