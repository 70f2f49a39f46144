// What the page of BGP daemons says to write is taken by the daemons it is for.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { run } from '../../lab/command.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const PAGE = readFileSync(new URL('../../docs/operate/routers/bgp-daemons.md', import.meta.url), 'utf8')

/** The program that checks a file, and a word of the snippet that makes it wrong when changed. */
const CHECKS = [
  { language: 'bird', program: 'bird', words: ['-p', '-c'], breakable: 'RTD_BLACKHOLE' },
  { language: 'gobgpd', program: 'gobgpd', words: ['-d', '-f'], breakable: 'as = 65010' },
  { language: 'exabgp', program: 'exabgp', words: ['--test'], breakable: 'local-as' },
]

for (const { language, program, words, breakable } of CHECKS) {
  test(`${program} takes the snippets of the page, and refuses them with a word misspelt`, async t => {
    if (!(await mayRunPrograms(t, [program]))) return
    const folder = temporaryFolder(t)
    const check = async (text: string): Promise<number> => {
      const file = join(folder, 'snippet')
      // ExaBGP looks whether the program exists that it is told to run.
      writeFileSync(file, text.replace('/usr/local/bin/exabgp-pipe.py', '/bin/cat'))
      return (await run(['sh', '-c', 'PATH=$PATH:/usr/sbin exec "$@"', 'sh', program, ...words, file])).code
    }
    const snippets = [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(m => m[1]!)

    const codes = await Promise.all(snippets.map(check))
    const broken = await check(snippets[0]!.replace(breakable, 'no-such-word'))

    assert.deepEqual(codes, [0])
    assert.notEqual(broken, 0)
  })
}
