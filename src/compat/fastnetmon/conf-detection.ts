// Counting and judging, as a fastnetmon.conf asks for them.

import type { z } from 'zod'
import type { trafficSchema } from '#3-traffic/config.ts'
import type { detectionSchema } from '#4-detection/config.ts'
import { confProblem } from './conf-lines.ts'
import { readThresholds } from './conf-policy.ts'
import type { ConfReading } from './conf-section.ts'

export function readTraffic({ values }: ConfReading): { traffic: z.input<typeof trafficSchema> } {
  const traffic = {
    incoming: values.isOn('process_incoming_traffic', true),
    outgoing: values.isOn('process_outgoing_traffic', true),
    averageSeconds: values.number('average_calculation_time', { missing: 15, min: 1, max: 3600 }),
    speedSeconds: values.number('speed_calculation_delay', { missing: 1, min: 1, max: 60 }),
    ...(values.isOn('enable_connection_tracking', true) ? {} : { flows: 'off' as const }),
  }
  return { traffic }
}

interface DetectionPart {
  readonly detection: z.input<typeof detectionSchema>
  readonly evidence: { readonly packets: number }
}

export function readDetection({ values }: ConfReading): DetectionPart {
  const chosenBy = ['average_calculation_time', 'speed_calculation_delay'].find(key => values.has(key))
  if (chosenBy !== undefined) {
    const message = `${chosenBy} is set, so hosts are judged by their averages, as FastNetMon does`
    const hint = 'start with --detection budget to find attacks up to ten times sooner'
    values.problems.push(
      confProblem('fastnetmon-plain-mode', 'notice', values.place(chosenBy), message, hint),
    )
  }
  return {
    detection: {
      mode: chosenBy === undefined ? 'budget' : 'plain',
      enableIpv6: values.isOn('enable_ban_ipv6'),
      banSeconds: values.number('ban_time', { missing: 1800, min: 0, max: 31_536_000 }),
      unbanOnlyIfAttackFinished: values.isOn('unban_only_if_attack_finished', true),
      thresholds: readThresholds(values),
    },
    evidence: { packets: values.number('ban_details_records_count', { missing: 50, min: 0, max: 10_000 }) },
  }
}
