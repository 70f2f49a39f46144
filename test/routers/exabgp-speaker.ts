// The real ExaBGP with one neighbour on this machine, for the length of a test.

import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** `run`: the program it takes commands from, with its words. `families` as ExaBGP writes them. It ends with the test. */
export function startExabgp(
  t: TestContext,
  folder: string,
  { port, run, families }: { readonly port: number; readonly run: string; readonly families: string },
): void {
  const config = join(folder, 'exabgp.conf')
  writeFileSync(config, configOf(port, run, families))
  const settings = {
    'exabgp.daemon.daemonize': 'false',
    'exabgp.daemon.user': 'root',
    'exabgp.daemon.drop': 'false',
    'exabgp.api.cli': 'false',
    'exabgp.api.ack': 'false',
    'exabgp.tcp.bind': '',
    'exabgp.tcp.port': String(port),
  }
  const child = spawn('exabgp', [config], { env: { ...process.env, ...settings }, stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
}

const configOf = (port: number, run: string, families: string): string => `
process commands {
  run ${run};
  encoder text;
}
neighbor 127.0.0.1 {
  router-id 192.0.2.250;
  local-address 127.0.0.1;
  local-as 65001;
  peer-as 65001;
  connect ${port};
  hold-time 30;
  group-updates false;
  family { ${families} }
  api { processes [ commands ]; }
}
`
