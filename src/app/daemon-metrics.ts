// Every metric of the daemon, each from the part that counts it.

import { METRICS as CAPTURE_METRICS } from '#1-capture/metrics.ts'
import { METRICS as TELEMETRY_METRICS } from '#1-capture/udp/metrics.ts'
import { METRICS as DECODE_METRICS } from '#2-decode/metrics.ts'
import { addSlots, slotSource, METRICS as TRAFFIC_METRICS } from '#3-traffic/metrics.ts'
import { METRICS as DETECTION_METRICS, SUSPICION_METRICS } from '#4-detection/metrics.ts'
import { METRICS as EVIDENCE_METRICS } from '#5-evidence/metrics.ts'
import { METRICS as POLICY_METRICS } from '#6-policy/metrics.ts'
import { METRICS as MITIGATION_METRICS } from '#7-mitigation/metrics.ts'
import { METRICS as SCRIPT_METRICS } from '#8-enforcement/notify-script/metrics.ts'
import { PROCESS_METRICS, processSource } from '#export/prometheus/metrics.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import { VERSION } from '#lib/version.ts'
import { METRICS as STORE_METRICS } from '#store/metrics.ts'
import type { CaptureCrew } from './capture/capture-crew.ts'
import { captureSource } from './capture/capture-metrics.ts'
import type { EngineLink } from './engine-worker/engine-link.ts'
import { METRICS as LINK_METRICS } from './engine-worker/metrics.ts'
import { METRICS as LEARNING_METRICS } from './learning/metrics.ts'
import { METRICS as LOOP_METRICS } from './loops/metrics.ts'
import { METRICS as SCREEN_METRICS } from './screen/metrics.ts'
import type { TelemetryRoom } from './telemetry/telemetry-room.ts'

interface Counting {
  readonly metrics: MetricSource
}

export interface CountingParts {
  readonly crew: CaptureCrew
  readonly telemetry: TelemetryRoom
  readonly engine: EngineLink
  readonly attacks: Counting
  readonly decisions: Counting
  readonly store: Counting
  readonly state: Counting
  readonly learning: Counting
  readonly screens: Counting
  readonly script: Counting
  /** They have several families and know where they belong. */
  readonly others: readonly { addMetrics(registry: MetricRegistry): void }[]
}

export function addDaemonMetrics(registry: MetricRegistry, parts: CountingParts): void {
  const { crew, telemetry, engine } = parts
  registry.add(PROCESS_METRICS, processSource(VERSION))
  registry.add(CAPTURE_METRICS, captureSource(crew))
  registry.add(TELEMETRY_METRICS, telemetry.metrics)
  const slots = slotSource(() => addSlots(crew.slotCounts, telemetry.crew.slotCounts))
  registry.add(TRAFFIC_METRICS, slots)
  registry.add(DETECTION_METRICS, parts.attacks.metrics)
  registry.add(POLICY_METRICS, parts.decisions.metrics)
  registry.add(MITIGATION_METRICS, parts.store.metrics)
  registry.add(STORE_METRICS, parts.state.metrics)
  registry.add(LEARNING_METRICS, parts.learning.metrics)
  registry.add(SCREEN_METRICS, parts.screens.metrics)
  registry.add(SCRIPT_METRICS, parts.script.metrics)
  for (const part of parts.others) part.addMetrics(registry)
  // What is counted where the engine runs comes with its facts once a second, also values of metrics declared above.
  const ofEngine = [
    ...[...DECODE_METRICS, ...EVIDENCE_METRICS, ...SUSPICION_METRICS],
    ...[...LOOP_METRICS, ...LINK_METRICS],
  ]
  registry.add(ofEngine, () => engine.facts.metrics)
}
