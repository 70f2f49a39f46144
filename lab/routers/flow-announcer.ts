// Announces FlowSpec rules by the gobgpd of the detector's namespace, from outside of it.

import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { Lab } from '../namespace.ts'

const PROGRAM = new URL('./announce-flows.ts', import.meta.url).pathname
const answerSchema = z.object({ error: z.string().nullable() })

export class FlowAnnouncer implements Disposable {
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>

  constructor(lab: Lab) {
    this.#child = lab.spawn('detector', [process.execPath, PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]()
  }

  /** Settles when gobgpd has taken all of them; throws what it said when it has not. One call at a time. */
  announce(rules: readonly string[]): Promise<void> {
    return this.#order('announce', rules)
  }

  withdraw(rules: readonly string[]): Promise<void> {
    return this.#order('withdraw', rules)
  }

  async #order(verb: 'announce' | 'withdraw', rules: readonly string[]): Promise<void> {
    this.#child.stdin!.write(`${JSON.stringify({ verb, rules })}\n`)
    const { done, value } = await this.#answers.next()
    if (done === true) throw new Error('the announcer has ended')
    const { error } = answerSchema.parse(JSON.parse(value))
    if (error !== null) throw new Error(`gobgpd: ${error}`)
  }

  [Symbol.dispose](): void {
    this.#child.kill()
  }
}
