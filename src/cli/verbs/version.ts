// `version`: of this program and of what it runs on.

import type { Command } from 'commander'
import { VERSION } from '#lib/version.ts'
import { addJson, addVerb, type Context, type DebugFlag, EXIT, type JsonFlag, printJson } from '../context.ts'

export function addVersion(program: Command, context: Context): void {
  const version = addVerb(program, 'version', 'print the version', ['version', 'version --json'])
  addJson(version).action((flags: DebugFlag & JsonFlag) => {
    const { node } = process.versions
    if (flags.json)
      printJson(context.io, { version: VERSION, node, platform: process.platform, arch: process.arch })
    else context.io.out(`floodwarden ${VERSION} (Node ${node}, ${process.platform} ${process.arch})\n`)
    context.exitCode = EXIT.ok
  })
}
