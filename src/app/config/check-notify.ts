// Whether notices can be told to whom the configuration names, asked before the first attack rather than during it.

import { allowanceOf, judgeUrl } from '#lib/safe-fetch.ts'
import type { Problem, SettingPath, SettingsSource } from '#lib/schema/problem.ts'
import { compileNoticeTemplate } from '#notify/template/notice-fields.ts'
import { serviceOf } from '../alerts/notice-services.ts'
import type { Config } from './config.ts'
import { isReadable } from './is-readable.ts'
import { problemAt } from './problems.ts'
import { SecretReader } from './read-secret.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Report = (
  code: 'config-notify' | 'config-notify-name' | 'config-template',
  path: SettingPath,
  text: string,
) => Problem

/** No text holds a secret. What is missing outside is a warning: detection does not need notices. */
export function checkNotify(
  config: Config,
  source: SettingsSource,
  environment: Environment = process.env,
): Problem[] {
  const refuse: Report = (code, path, text) => problemAt(source, code, 'error', ['notify', ...path], text)
  const warn: Report = (code, path, text) => problemAt(source, code, 'warning', ['notify', ...path], text)
  return [
    ...templateProblems(config, refuse),
    ...nameProblems(config, refuse, warn),
    ...reachProblems(config, warn, environment),
  ]
}

function templateProblems({ notify: { templates } }: Config, refuse: Report): Problem[] {
  return Object.entries(templates).flatMap(([name, parts]) =>
    Object.entries(parts).flatMap(([part, text]) => {
      const compiled = text === undefined ? undefined : compileNoticeTemplate(text)
      if (compiled?.kind !== 'wrong') return []
      const { line, column, message } = compiled.fault
      const where = `line ${line}, column ${column} of the text: ${message}`
      return [refuse('config-template', ['templates', name, part], where)]
    }),
  )
}

function nameProblems({ notify, inventory, hostgroups }: Config, refuse: Report, warn: Report): Problem[] {
  const customers = new Set(inventory.customers.map(({ id }) => id))
  const missing = (names: readonly string[] | undefined, isThere: (name: string) => boolean) =>
    (names ?? []).flatMap((name, at) => (isThere(name) ? [] : [{ name, at }]))
  return [
    ...Object.entries(notify.destinations).flatMap(([name, { template }]) =>
      template === undefined || Object.hasOwn(notify.templates, template)
        ? []
        : [
            refuse(
              'config-notify-name',
              ['destinations', name, 'template'],
              `there is no template ${template}`,
            ),
          ],
    ),
    ...notify.routes.flatMap((route, index) => {
      const at = (field: string, place: number) => ['routes', index, field, place]
      return [
        ...missing(route.to, name => Object.hasOwn(notify.destinations, name)).map(({ name, at: place }) =>
          refuse('config-notify-name', at('to', place), `there is no destination ${name}`),
        ),
        ...missing(route.customers, name => customers.has(name)).map(({ name, at: place }) =>
          warn('config-notify-name', at('customers', place), `there is no customer ${name}`),
        ),
        ...missing(route.hostgroups, name => name === 'global' || Object.hasOwn(hostgroups, name)).map(
          ({ name, at: place }) =>
            warn('config-notify-name', at('hostgroups', place), `there is no hostgroup ${name}`),
        ),
      ]
    }),
  ]
}

function reachProblems({ notify, outgoing }: Config, warn: Report, environment: Environment): Problem[] {
  const reader = new SecretReader(environment)
  const allowance = allowanceOf(outgoing.allow, outgoing.plainHttp)
  return Object.entries(notify.destinations).flatMap(([name, settings]) => {
    const here = ['destinations', name]
    const report = (field: string, text: string) =>
      warn('config-notify', [...here, ...field.split(/\.(.*)/s, 2)], text)
    if (settings.type === 'email' && notify.email.server === 'off')
      return [report('type', 'no mail can be sent: notify.email.server is off')]
    if (settings.caFile !== undefined && !isReadable(settings.caFile))
      return [report('caFile', `${settings.caFile} cannot be read by this user`)]
    const read = serviceOf(settings, reader)
    if (read.kind === 'failed')
      return read.faults.map(({ field, text }) => report(field, `it is told nothing: ${text}`))
    const url = 'url' in read.service ? read.service.url : undefined
    const judged = url === undefined ? undefined : judgeUrl(url, allowance)
    return judged?.kind === 'refused'
      ? [report(settings.apiUrl === undefined ? 'url' : 'apiUrl', `it is told nothing: ${judged.error}`)]
      : []
  })
}
