// What FastNetMon writes besides its log: screen files, files of attacks, and the syslog.

import type { z } from 'zod'
import type { evidenceSchema } from '#5-evidence/config.ts'
import { parseAddress } from '#lib/ip/address.ts'
import type { logSchema } from '#lib/log/config.ts'
import { confProblem } from './conf-lines.ts'
import type { ConfReading } from './conf-section.ts'
import type { ConfValues } from './conf-values.ts'

const SCREEN = { ipv4: '/tmp/fastnetmon.dat', ipv6: '/tmp/fastnetmon_ipv6.dat' } as const
/** FastNetMon has no option for it, and writes a text file there for each attack. */
const ATTACKS = '/var/log/fastnetmon_attacks'

interface FilesPart {
  readonly screen: { readonly files: { readonly ipv4: string; readonly ipv6: string } }
  readonly evidence: Pick<z.input<typeof evidenceSchema>, 'files'>
  readonly log: Pick<z.input<typeof logSchema>, 'syslog'>
}

export function readFiles({ values }: ConfReading): FilesPart {
  return {
    screen: {
      files: {
        ipv4: screenPath(values, 'cli_stats_file_path', SCREEN.ipv4),
        ipv6: screenPath(values, 'cli_stats_ipv6_file_path', SCREEN.ipv6),
      },
    },
    evidence: { files: { directory: ATTACKS, pcap: values.isOn('collect_attack_pcap_dumps') } },
    log: {
      syslog: {
        ident: 'fastnetmon',
        local: values.isOn('logging_local_syslog_logging'),
        remote: remoteSyslog(values),
        remoteForm: 'rfc3164',
      },
    },
  }
}

function screenPath(values: ConfValues, key: string, missing: string): string {
  const path = values.text(key) ?? missing
  if (path.startsWith('/')) return path
  const message = `${key}: expected a path that begins with /; ${missing} is used`
  values.problems.push(confProblem('fastnetmon-path', 'warning', values.place(key), message))
  return missing
}

/** Without a server and a port FastNetMon says that there is an error, and sends nothing. */
function remoteSyslog(values: ConfValues): string {
  if (!values.isOn('logging_remote_syslog_logging')) return 'off'
  const server = values.text('logging_remote_syslog_server')
  const port = values.number('logging_remote_syslog_port', { missing: 0, min: 0, max: 65_535 })
  const address = parseAddress(server ?? '')
  if (address === undefined || port === 0) {
    const key = address === undefined ? 'logging_remote_syslog_server' : 'logging_remote_syslog_port'
    const expected = address === undefined ? 'an IP address' : 'a port'
    const place = values.place(values.has(key) ? key : 'logging_remote_syslog_logging')
    const message = `logging_remote_syslog_logging is on and ${key} is not ${expected}: nothing is sent`
    values.problems.push(confProblem('fastnetmon-syslog', 'warning', place, message))
    return 'off'
  }
  return address.family === 6 ? `[${server}]:${port}` : `${server}:${port}`
}
