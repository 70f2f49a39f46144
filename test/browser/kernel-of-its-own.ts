// A kernel's tables of their own for the daemon of a stage: its nft works in a namespace where no packet is.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Lab } from '../../lab/namespace.ts'
import { mayUseNamespaces } from '../may-go-on.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const ROLE = 'kernel'
/** As nft answers where no table is. */
const NOTHING_THERE = '#!/bin/sh\necho "Error: No such file or directory: $*" >&2\nexit 1\n'

export class KernelOfItsOwn {
  /** To be named as `protection.nftables.program`; it is there before the namespace is. */
  readonly program: string
  #lab: Lab | undefined

  constructor(t: TestContext) {
    this.program = join(temporaryFolder(t), 'nft')
    writeFileSync(this.program, NOTHING_THERE, { mode: 0o755 })
  }

  /** False: the test is skipped aloud. It is gone when the test is over. */
  async begin(t: TestContext): Promise<boolean> {
    if (!mayUseNamespaces(t) || !(await mayRunPrograms(t, ['ip', 'nft']))) return false
    const lab = await Lab.create({ links: [{ from: { role: ROLE }, to: { role: 'nobody' } }] })
    t.after(() => lab[Symbol.asyncDispose]())
    writeFileSync(this.program, `#!/bin/sh\nexec ip netns exec ${lab.namespace(ROLE)} nft "$@"\n`)
    this.#lab = lab
    return true
  }

  /** All that stands in its tables. */
  async ruleset(): Promise<string> {
    const listed = await this.#lab?.exec(ROLE, ['nft', 'list', 'ruleset'])
    return listed?.stdout ?? ''
  }
}
