// The two speakers of BGP that Floodwarden talks to, in the detector's namespace: GoBGP and ExaBGP, all four families.

import type { ChildProcess } from 'node:child_process'
import { execFileSync } from 'node:child_process'
import { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../namespace.ts'
import { EXABGP_PIPE_READER } from './configs.ts'
import { AS, type Peering } from './topology.ts'

/** The shortest that BGP allows (RFC 4271, section 4.2), so that tests need not wait long for a silent peer to be missed. */
export const HOLD_SECONDS = 3

const FAMILIES = ['ipv4-unicast', 'ipv6-unicast', 'ipv4-flowspec', 'ipv6-flowspec']
export const GOBGPD_API = '127.0.0.1:50051'

/** Starts a program whose output goes to a file of the folder. */
export function startDaemon(lab: Lab, role: string, folder: string, argv: readonly string[]): ChildProcess {
  const log = openSync(join(folder, `${role}-${argv[0]?.split('/').at(-1)}.txt`), 'a')
  return lab.spawn(role, argv, { stdio: ['ignore', log, log] })
}

/** gobgpd in the detector, waiting to be dialled, which is fast. Its gRPC port is on the loopback of the namespace. */
export function startGobgpd(lab: Lab, folder: string, peerings: readonly Peering[]): ChildProcess {
  const neighbours = peerings.map(({ speaker, router }) => ({ own: speaker.ipv4, other: router.ipv4 }))
  return startGobgpdIn(lab, 'detector', folder, neighbours, 'waits')
}

interface Neighbour {
  readonly own: string
  readonly other: string
}

/** gobgpd in a role; one that dials needs some seconds for it, and listens all the same. */
export function startGobgpdIn(
  lab: Lab,
  role: string,
  folder: string,
  neighbours: readonly Neighbour[],
  manner: 'waits' | 'dials',
): ChildProcess {
  const file = join(folder, `${role}-gobgpd.toml`)
  writeFileSync(file, gobgpdConfig(neighbours, manner))
  return startDaemon(lab, role, folder, ['gobgpd', '-f', file, '--api-hosts', GOBGPD_API])
}

/** ExaBGP in the detector, with a process that copies the lines of `pipe` to it. It dials. */
export function startExabgp(
  lab: Lab,
  folder: string,
  pipe: string,
  peerings: readonly Peering[],
): ChildProcess {
  const file = join(folder, 'exabgp.conf')
  writeFileSync(file, exabgpConfig(`${EXABGP_PIPE_READER} ${pipe}`, peerings))
  const settings = ['daemon.daemonize=false', 'daemon.user=root', 'daemon.drop=false', 'tcp.bind=']
  const api = ['api.cli=false', 'api.ack=false']
  const environment = [...settings, ...api].map(setting => `exabgp.${setting}`)
  return startDaemon(lab, 'detector', folder, ['env', ...environment, 'exabgp', file])
}

/** Makes the pipe before anybody reads it. */
export function makePipe(path: string): void {
  execFileSync('mkfifo', ['-m', '600', path])
}

const gobgpdConfig = (neighbours: readonly Neighbour[], manner: 'waits' | 'dials'): string => `
[global.config]
  as = ${AS}
  router-id = "${neighbours[0]?.own}"
  port = 179
${neighbours.map(neighbour => neighbourConfig(neighbour, manner)).join('')}`

const neighbourConfig = ({ own, other }: Neighbour, manner: 'waits' | 'dials'): string => `
[[neighbors]]
  [neighbors.config]
    neighbor-address = "${other}"
    peer-as = ${AS}
  [neighbors.transport.config]
    local-address = "${own}"
    passive-mode = ${manner === 'waits'}
  [neighbors.timers.config]
    connect-retry = 1
    hold-time = ${HOLD_SECONDS}
    keepalive-interval = 1
${FAMILIES.map(family => `  [[neighbors.afi-safis]]\n    [neighbors.afi-safis.config]\n      afi-safi-name = "${family}"\n`).join('')}`

const exabgpConfig = (run: string, peerings: readonly Peering[]): string => `
process commands {
  run ${run};
  encoder text;
}
${peerings
  .map(
    ({ speaker, router }) => `neighbor ${router.ipv4} {
  router-id ${speaker.ipv4};
  local-address ${speaker.ipv4};
  local-as ${AS};
  peer-as ${AS};
  hold-time ${HOLD_SECONDS};
  family { ipv4 unicast; ipv6 unicast; ipv4 flow; ipv6 flow; }
  api { processes [ commands ]; }
}
`,
  )
  .join('')}`
