// The notify script, as a fastnetmon.conf names it.

import type { z } from 'zod'
import type { notifyScriptSchema } from '#8-enforcement/notify-script/config.ts'
import { confProblem } from './conf-lines.ts'
import type { ConfReading } from './conf-section.ts'

const SCRIPT = '/usr/local/bin/notify_about_attack.sh'

interface ScriptPart {
  readonly enforcement: { readonly notifyScript: z.input<typeof notifyScriptSchema> }
}

export function readScript({ values, isOrdered, outside }: ConfReading): ScriptPart {
  const path = values.text('notify_script_path') ?? (outside.exists(SCRIPT) ? SCRIPT : undefined)
  if (isOrdered && path === undefined) {
    const message = `no notify_script_path is set and there is no ${SCRIPT}: bans are shown, and nothing is called`
    values.problems.push(
      confProblem('fastnetmon-no-script', 'warning', values.place('notify_script_path'), message),
    )
  }
  const details = values.isOn('notify_script_pass_details') ? 'always' : 'with-packets'
  if (values.text('notify_script_pass_details') === 'off') {
    const message =
      'notify_script_pass_details = off has no effect, as in FastNetMon 1.2.4: reports are passed'
    const place = values.place('notify_script_pass_details')
    values.problems.push(confProblem('fastnetmon-not-carried', 'notice', place, message))
  }
  const given = isOrdered && path !== undefined ? { path } : {}
  return { enforcement: { notifyScript: { addressForm: 'padded', passDetails: details, ...given } } }
}
