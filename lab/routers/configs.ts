// Configurations of the daemons of the BGP lab: iBGP in one private AS, unicast of both families.

const AS = 65_001
const HOLD_SECONDS = 9

/** BIRD 2 that takes what the speaker says. `isPassive`: the speaker dials. */
export const birdConfig = (own: string, speaker: string, isPassive: boolean): string => `
router id ${own};
protocol device { scan time 10; }
protocol bgp speaker {
  local ${own} as ${AS};
  neighbor ${speaker} as ${AS};
  ${isPassive ? 'passive on;' : 'connect delay time 1; connect retry time 1;'}
  error wait time 1, 2;
  hold time ${HOLD_SECONDS};
  graceful restart off;
  ipv4 { import keep filtered on; import all; export none; };
  ipv6 { import keep filtered on; import all; export none; };
}
`

/** GoBGP 3 that waits to be dialled. */
export const gobgpdConfig = (own: string, router: string): string => `
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
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv4-unicast"
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv6-unicast"
`

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
  family { ipv4 unicast; ipv6 unicast; }
  api { processes [ commands ]; }
}
`

/** Copies lines from the pipe to ExaBGP. It opens the pipe for both ways, so it never sees an end. */
export const EXABGP_PIPE_READER = `#!/usr/bin/python3
import os, sys
pipe = sys.argv[1]
if not os.path.exists(pipe): os.mkfifo(pipe, 0o600)
with os.fdopen(os.open(pipe, os.O_RDWR), 'r') as lines:
    for line in lines:
        sys.stdout.write(line)
        sys.stdout.flush()
`
