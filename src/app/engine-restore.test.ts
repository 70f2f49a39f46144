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
