// Where the demonstration keeps its files: its own script, and config/demo.yaml with that script armed.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RecordingScript, recordingScript } from '../recording-script.ts'

const DEMO_CONFIG = join(import.meta.dirname, '../../config/demo.yaml')

export class DemoFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'floodwarden-demo-'))
  readonly script: RecordingScript
  readonly config = join(this.path, 'demo.yaml')
  readonly state = join(this.path, 'state')
  readonly capture = join(this.path, 'demo.pcap')
  readonly #remove = () => rmSync(this.path, { recursive: true, force: true })

  constructor() {
    process.on('exit', this.#remove)
    this.script = recordingScript(this.path)
    const added = `mitigation: { armed: true }\nenforcement: { notifyScript: { path: ${this.script.path} } }\n`
    writeFileSync(
      this.config,
      `${readFileSync(DEMO_CONFIG, 'utf8')}\n# Added by the demonstration.\n${added}`,
    )
  }

  [Symbol.dispose](): void {
    this.#remove()
    process.off('exit', this.#remove)
  }
}
