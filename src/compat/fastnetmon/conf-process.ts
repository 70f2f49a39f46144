// The screen, the log, the metrics endpoint and the process itself, as a fastnetmon.conf sets them.

import type { z } from 'zod'
import type { logSchema } from '#lib/log/config.ts'
import type { processSchema } from '#lib/pid-file/config.ts'
import { confProblem } from './conf-lines.ts'
import type { ConfReading } from './conf-section.ts'

interface ScreenPart {
  readonly screen: { readonly sort: string; readonly rows: number; readonly redrawSeconds: number }
  readonly log: z.input<typeof logSchema>
}

export function readScreen({ values }: ConfReading): ScreenPart {
  return {
    screen: {
      sort: values.choice('sort_parameter', ['packets', 'bytes', 'flows'], 'bytes'),
      rows: values.number('max_ips_in_list', { missing: 7, min: 1, max: 1000 }),
      redrawSeconds: values.number('check_period', { missing: 3, min: 1, max: 60 }),
    },
    log: { level: values.choice<'info' | 'debug'>('logging_level', ['info', 'debug'], 'info') },
  }
}

/** FastNetMon's endpoint is on whenever the option is not off. */
export function readMetrics({ values }: ConfReading): { metrics: { readonly listen: string } } {
  if (!values.isOn('prometheus', true)) return { metrics: { listen: 'off' } }
  const named = values.text('prometheus_host') ?? '127.0.0.1'
  const host = named === 'localhost' ? '127.0.0.1' : named
  const port = values.number('prometheus_port', { missing: 9209, min: 1, max: 65_535 })
  return { metrics: { listen: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}` } }
}

/** A pid file is written only where one is asked for: the lock on the state directory is what keeps a second daemon out. */
export function readProcess({ values }: ConfReading): { process?: z.input<typeof processSchema> } {
  const pidFile = values.text('pid_path')
  if (pidFile === undefined) return {}
  if (pidFile.startsWith('/')) return { process: { pidFile } }
  const message = 'pid_path: expected a path that begins with /; no pid file is written'
  values.problems.push(confProblem('fastnetmon-path', 'warning', values.place('pid_path'), message))
  return {}
}
