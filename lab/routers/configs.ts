// Configurations of the daemons of the BGP lab: iBGP in one private AS, unicast and FlowSpec of both families.

const AS = 65_001
const HOLD_SECONDS = 9

export interface BirdOptions {
  /** The speaker dials. */
  readonly isPassive: boolean
  /** By graceful restart. */
  readonly helpsRestart: boolean
  /** The router dials so often. */
  readonly dialSeconds: number
}

/** BIRD 2 that takes what the speaker says. */
export const birdConfig = (
  own: string,
  speaker: string,
  { isPassive, helpsRestart, dialSeconds }: BirdOptions,
): string => `
router id ${own};
flow4 table flow4tab;
flow6 table flow6tab;
protocol device { scan time 10; }
protocol bgp speaker {
  local ${own} as ${AS};
  neighbor ${speaker} as ${AS};
  ${isPassive ? 'passive on;' : `connect delay time ${dialSeconds}; connect retry time ${dialSeconds};`}
  error wait time 1, 2;
  hold time ${HOLD_SECONDS};
  graceful restart ${helpsRestart ? 'aware' : 'off'};
  ipv4 { import keep filtered on; import all; export none; };
  ipv6 { import keep filtered on; import all; export none; };
  flow4 { table flow4tab; import all; export none; };
  flow6 { table flow6tab; import all; export none; };
}
`

const FAMILIES = ['ipv4-unicast', 'ipv6-unicast', 'ipv4-flowspec', 'ipv6-flowspec'] as const

/** GoBGP 3 that waits to be dialled. `restartSeconds`: for so long routers keep what it told when it is gone; 0: not at all. */
export const gobgpdConfig = (own: string, router: string, restartSeconds: number): string => `
[global.config]
  as = ${AS}
  router-id = "${own}"
  port = 179
  local-address-list = ["${own}"]
[[neighbors]]
  [neighbors.config]
    neighbor-address = "${router}"
    peer-as = ${AS}
  [neighbors.transport.config]
    local-address = "${own}"
    passive-mode = true
  [neighbors.timers.config]
    hold-time = ${HOLD_SECONDS}
    keepalive-interval = 3
${restartSeconds === 0 ? '' : `  [neighbors.graceful-restart.config]\n    enabled = true\n    restart-time = ${restartSeconds}\n`}${FAMILIES.map(
  family => `  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "${family}"
${restartSeconds === 0 ? '' : '    [neighbors.afi-safis.mp-graceful-restart.config]\n      enabled = true\n'}`,
).join('')}`

/** ExaBGP 4 with a process that takes commands from a pipe. */
export const exabgpConfig = (own: string, router: string, reader: string, pipe: string): string => `
process commands {
  run ${reader} ${pipe};
  encoder text;
}
neighbor ${router} {
  router-id ${own};
  local-address ${own};
  local-as ${AS};
  peer-as ${AS};
  hold-time ${HOLD_SECONDS};
  family { ipv4 unicast; ipv6 unicast; ipv4 flow; ipv6 flow; }
  api { processes [ commands ]; }
}
`

/** Copies what comes through a pipe to ExaBGP: the program that operators are given. */
export const EXABGP_PIPE_READER = new URL('../../deploy/examples/exabgp-pipe.py', import.meta.url).pathname
