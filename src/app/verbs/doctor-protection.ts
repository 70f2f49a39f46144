// What would keep protection profiles from being carried out: a program, a permission, settings of the kernel, a password.

import { readFileSync } from 'node:fs'
import { nftProgram } from '#8-enforcement/nftables/nft-program.ts'
import { hasCapability } from '#lib/linux/capability.ts'
import { protectorsOf } from '../config/carriers.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { mitigatorSettingsOf } from '../protection/mitigator-config.ts'
import type { Finding } from './doctor.ts'

/** Nothing where there is no profile. What is wrong with profiles themselves is told with the configuration. */
export async function protectionFindings(config: ResolvedConfig): Promise<Finding[]> {
  const by = protectorsOf(config)
  return [
    ...(by.includes('nftables') ? await nftablesFindings(config) : []),
    ...(by.includes('mitigator') ? [mitigatorFinding(config)] : []),
  ]
}

const NAME = 'protection'

async function nftablesFindings({ protection }: ResolvedConfig): Promise<Finding[]> {
  const { program, maySetKernel } = protection.nftables
  const version = await nftProgram(program)({ argv: ['--version'] })
  const isProxied = Object.values(protection.profiles).some(
    ({ backEnd, countermeasures }) => backEnd === 'nftables' && countermeasures['syn-proxy'] !== undefined,
  )
  return [
    version.kind === 'done'
      ? { name: NAME, verdict: 'ok', detail: version.text.trim() }
      : { name: NAME, verdict: 'bad', detail: version.error, remedy: 'install the package nftables' },
    ...(hasCapability('netAdmin')
      ? []
      : [
          {
            ...({
              name: NAME,
              verdict: 'bad',
              detail: 'CAP_NET_ADMIN is missing: nftables cannot be set',
            } as const),
            remedy: 'run as root, or as a service with AmbientCapabilities=CAP_NET_ADMIN',
          },
        ]),
    ...(isProxied && !maySetKernel && isLoose() ? [LOOSE] : []),
  ]
}

const LOOSE: Finding = {
  ...{ name: NAME, verdict: 'warning' },
  detail:
    'a SYN proxy needs net.netfilter.nf_conntrack_tcp_loose=0 and may not set it: it is left out until then',
  remedy: 'sysctl -w net.netfilter.nf_conntrack_tcp_loose=0, or protection.nftables.maySetKernel: true',
}

/** Before the module is loaded nobody knows. */
function isLoose(): boolean {
  try {
    return readFileSync('/proc/sys/net/netfilter/nf_conntrack_tcp_loose', 'utf8').trim() !== '0'
  } catch {
    return true
  }
}

function mitigatorFinding({ protection }: ResolvedConfig): Finding {
  const settled = mitigatorSettingsOf(protection.mitigator, '')
  return settled.kind === 'settings'
    ? { name: NAME, verdict: 'ok', detail: `MITIGATOR at ${settled.settings.origin}` }
    : {
        name: NAME,
        verdict: 'bad',
        detail: settled.problems.join('; '),
        remedy: 'see docs/operate/protection.md',
      }
}
