// A fastnetmon.conf becomes native settings: the same words, checked by the same schema, each knowing its line.

import { formatPath, type Place, type SettingPath } from '#lib/schema/problem.ts'
import { readAnnouncements } from './conf-announce.ts'
import { readCapture } from './conf-capture.ts'
import { readDetection, readTraffic } from './conf-detection.ts'
import { readExports } from './conf-exports.ts'
import { readFiles } from './conf-files.ts'
import {
  type ConfHostgroup,
  compareHostgroupMatch,
  compareInheritance,
  readHostgroups,
} from './conf-hostgroups.ts'
import { confProblem, readConfLines } from './conf-lines.ts'
import { readLists } from './conf-lists.ts'
import { reportNonsense } from './conf-nonsense.ts'
import { readMetrics, readProcess, readScreen } from './conf-process.ts'
import { readScript } from './conf-script.ts'
import { type ConfSection, type ConfSource, mergeSettings, type OutsideOfConf } from './conf-section.ts'
import { readTelemetry } from './conf-telemetry.ts'
import { ConfValues } from './conf-values.ts'
import { reportOptions } from './option-report.ts'
import { OPTIONS } from './option-table.ts'

/** Each turns its options into a part of the settings; of two that set the same setting the later counts. */
const SECTIONS: readonly ConfSection[] = [
  readCapture,
  readTelemetry,
  readTraffic,
  readDetection,
  readScript,
  readAnnouncements,
  readMetrics,
  readExports,
  readScreen,
  readProcess,
  readFiles,
]

/** Reads the text of a fastnetmon.conf and the lists it names. What is wrong is reported as problems, never thrown. */
export function readConf(text: string, file: string, outside: OutsideOfConf): ConfSource {
  const { lines, problems } = readConfLines(text, file)
  const values = new ConfValues(
    lines.filter(line => line.key !== 'hostgroup'),
    file,
  )
  const hostgroups = readHostgroups(lines, values)
  const { networks, whitelist, rules } = readLists(values, outside)
  const own = values.isOn('monitor_local_ip_addresses', true) ? ['own'] : []
  if (networks.length + own.length === 0) {
    const message = 'there is no network to watch'
    values.problems.push(
      confProblem('fastnetmon-no-network', 'error', values.place('networks_list_path'), message),
    )
  }
  const isOrdered = readOrder(values)
  const settings = mergeSettings([
    {
      networks: networks.length === 0 ? 'own' : [...networks.map(prefix => prefix.text), ...own],
      whitelist: whitelist.map(prefix => prefix.text),
      whitelistRules: rules.map(({ rule }) => rule),
      hostgroups: Object.fromEntries(hostgroups.map(group => [group.name, settingsOf(group)])),
      mitigation: { armed: isOrdered },
    },
    ...SECTIONS.map(section => section({ values, outside, isOrdered })),
  ])
  values.problems.push(
    ...compareHostgroupMatch(hostgroups, networks),
    ...compareInheritance(hostgroups, values),
    ...reportOptions(
      lines,
      values,
      hostgroups.map(group => group.name),
    ),
    ...reportNonsense(lines, values, hostgroups),
  )
  const places = new Map<string, Place>([
    ...placesOf(['networks'], networks),
    ...placesOf(['whitelist'], whitelist),
    ...placesOf(['whitelistRules'], rules),
    ...hostgroups.flatMap(({ name, prefixes }) => placesOf(['hostgroups', name, 'networks'], prefixes)),
    ...hostgroups.map(({ name, place }) => [formatPath(['hostgroups', name]), place] as const),
  ])
  return {
    settings,
    isOrdered,
    problems: [...problems, ...values.problems],
    locate: path => placeAt(path, places) ?? locateOption(path, values),
  }
}

/** All of a group's limits are written out, as the keys give them one by one, so nothing is left to inherit. */
const settingsOf = ({ prefixes, enableBan, thresholds }: ConfHostgroup) => ({
  networks: prefixes.map(prefix => prefix.text),
  enableBan,
  inherit: false,
  thresholds,
})

function placesOf(path: SettingPath, items: readonly { readonly place: Place }[]): [string, Place][] {
  return items.map(({ place }, at) => [formatPath([...path, at]), place])
}

/** Of what came from a list its line there; of a key of a rule the line of the rule. */
function placeAt(path: SettingPath, places: ReadonlyMap<string, Place>): Place | undefined {
  const known = path[0] === 'whitelistRules' ? path.slice(0, 2) : path
  return places.get(formatPath(known))
}

/** The line of the option that became the setting, or of the nearest setting around it. */
function locateOption(path: SettingPath, values: ConfValues): Place {
  const isGroup = path[0] === 'hostgroups' && path.length > 2
  const steps = (isGroup ? ['detection', ...path.slice(2)] : path).map(step =>
    step === 'incoming' || step === 'outgoing' ? '*' : step,
  )
  for (let length = steps.length; length > 0; length--) {
    const setting = formatPath(steps.slice(0, length))
    const keys = OPTIONS.filter(option => option.setting === setting).map(({ name }) => name)
    for (const prefix of isGroup ? [`${path[1]}_`, ''] : ['']) {
      const key = keys.findLast(name => values.has(prefix + name))
      if (key !== undefined) return values.place(prefix + key)
    }
  }
  return values.place('')
}

function readOrder(values: ConfValues): boolean {
  const isOrdered = values.isOn('enable_ban')
  if (!isOrdered) {
    const found = values.has('enable_ban') ? 'off' : 'not set'
    const message = `enable_ban is ${found}: attacks are reported, and no script is called`
    values.problems.push(confProblem('fastnetmon-report-only', 'notice', values.place('enable_ban'), message))
  }
  return isOrdered
}
