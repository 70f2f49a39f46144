// What a telemetry worker tells and answers between its batches, without a thread and without a socket.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ExporterEvent } from '#2-decode/exporter.ts'
import { ExporterState } from '#2-decode/exporter.ts'
import type { TelemetryMessage } from './task.ts'
import { TelemetryRounds } from './telemetry-rounds.ts'

const RATES = { override: 0, fallback: 1 }
const event: ExporterEvent = { kind: 'restarted', domain: 0 }

test('an exporter that changes all the time does not keep what others have to tell', () => {
  const states = Array.from({ length: 5 }, (_, at) => new ExporterState(`192.0.2.${at}`, RATES))
  const told = new Set<string>()
  const rounds = new TelemetryRounds({
    collector: { exporters: { all: () => states.map(state => ({ state })), refused: new Map() } } as never,
    control: new Int32Array(64),
    tell: (message: TelemetryMessage) => {
      if (message.kind === 'events') for (const { exporter } of message.events) told.add(exporter)
    },
    ...{
      memory: undefined as never,
      bound: undefined as never,
      looks: undefined as never,
      inbox: undefined as never,
    },
  })
  states[4]?.tell(event)

  for (let round = 0; round < states.length; round++) {
    for (let at = 0; at < 64; at++) states[0]?.tell(event)
    rounds.report()
  }

  assert.deepEqual([...told], ['192.0.2.0', '192.0.2.4'])
})
