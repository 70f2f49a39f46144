// A report and a capture file for each attack, written beside everything else: nothing waits for them.
//
// Only files that were written here are ever deleted: a mark in the directory says since when it is ours, and what is
// older, such as the files another program left, is neither counted nor touched.

import { constants } from 'node:fs'
import { mkdir, open, readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Attack } from '#4-detection/attack.ts'
import type { EvidenceFilesConfig } from '#5-evidence/config.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import { reportOf } from '#5-evidence/report.ts'
import { addressText, banText, detailsText, type TextStyle } from '#5-evidence/report-text.ts'
import { errorText } from '#lib/log/facts.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import { fileStem, isAttackFile } from './file-name.ts'
import { pcapFiles } from './pcap-text.ts'
import { Retention } from './retention.ts'

export interface AttackFilesOptions {
  readonly config: EvidenceFilesConfig & { readonly directory: string }
  readonly style: TextStyle
  /** What `bytes` of a packet means. */
  readonly counted: 'frame' | 'ip'
  readonly log: Logger
  readonly now: () => number
  /** Nothing is looked for or written before this has settled: another one writes into the directory. */
  readonly after?: Promise<unknown> | undefined
  /** Writes that may wait, and their bytes; 2000 and 64 MiB unless a test is in a hurry. */
  readonly waitingMax?: number
  readonly waitingBytesMax?: number
}

interface Job {
  readonly name: string
  readonly kind: 'text' | 'pcap'
  readonly bytes: Uint8Array
}

/** Its time of writing says since when the directory is ours. */
const MARK = '.floodwarden'
const MODE = { directory: 0o750, file: 0o640 } as const
const TO_WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK
const WAITING_MAX = 2000
const WAITING_BYTES_MAX = 64 << 20
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const SAME_NAME_MAX = 9

/** FastNetMon leaves two empty lines behind each report in the file. */
const BEHIND_REPORT = '\n\n'

export class AttackFiles {
  readonly #options: AttackFilesOptions
  readonly #retention: Retention
  readonly #jobs: Job[] = []
  readonly #hourly: NodeJS.Timeout
  readonly #counts = { text: 0, pcap: 0, failed: 0, dropped: 0, deleted: 0 }
  #waitingBytes = 0
  #isReady = false
  #troubled = false
  #working: Promise<void> | undefined

  constructor(options: AttackFilesOptions) {
    const { filesMax, totalMegabytes, days } = options.config
    this.#options = options
    this.#retention = new Retention({ filesMax, bytesMax: totalMegabytes * 1e6, ageMs: days * DAY_MS })
    this.#hourly = setInterval(() => this.#work(), HOUR_MS).unref()
    this.#work()
  }

  /** What a script reads on `ban`. */
  opened(attack: Attack, flows: readonly FlowSection[]): void {
    const { config, style } = this.#options
    if (config.text) this.#report(attack, () => banText(reportOf({ attack, flows, packets: [] }), style))
  }

  /** What a script reads on `attack_details`, behind it; and the packets themselves. */
  evidence(attack: Attack, packets: readonly PacketRecord[]): void {
    const { config, style, counted } = this.#options
    if (packets.length === 0) return
    if (config.text) {
      this.#report(attack, () => detailsText(reportOf({ attack, flows: [], packets }), style))
    }
    if (!config.pcap) return
    for (const [at, { link, bytes }] of pcapFiles(packets, counted).entries()) {
      const name = `${this.#stemOf(attack)}${at === 0 ? '' : `_link${link}`}`
      this.#offer({ name, kind: 'pcap', bytes })
    }
  }

  readonly metrics: MetricSource = () => {
    const { text, pcap, failed, dropped, deleted } = this.#counts
    return [
      { name: 'floodwarden_attack_files_written_total', value: text, labels: { kind: 'text' } },
      { name: 'floodwarden_attack_files_written_total', value: pcap, labels: { kind: 'pcap' } },
      { name: 'floodwarden_attack_files_failed_total', value: failed },
      { name: 'floodwarden_attack_files_dropped_total', value: dropped },
      { name: 'floodwarden_attack_files_deleted_total', value: deleted },
      { name: 'floodwarden_attack_files', value: this.#retention.files },
      { name: 'floodwarden_attack_files_bytes', value: this.#retention.bytes },
    ]
  }

  /** Writes what waits, but no longer than so many milliseconds. */
  async stop(deadlineMs: number): Promise<void> {
    clearInterval(this.#hourly)
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, deadlineMs)
    await Promise.race([this.#working, late])
    clearTimeout(timer)
    this.#counts.dropped += this.#jobs.splice(0).length
  }

  /** Ends for another one: settles when all that waits is written or refused by the disk. */
  async leave(): Promise<void> {
    clearInterval(this.#hourly)
    while (this.#working !== undefined) await this.#working
  }

  #stemOf(attack: Attack): string {
    return fileStem(addressText(attack.host, this.#options.style.addressForm), attack.openedAt)
  }

  /** The text is not made when nobody would write it: thousands of attacks may open in one tick. */
  #report(attack: Attack, text: () => string): void {
    if (this.#isFull) this.#counts.dropped++
    else this.#offer({ name: this.#stemOf(attack), kind: 'text', bytes: Buffer.from(text() + BEHIND_REPORT) })
  }

  get #isFull(): boolean {
    return this.#jobs.length >= (this.#options.waitingMax ?? WAITING_MAX)
  }

  #offer(job: Job): void {
    const { waitingBytesMax = WAITING_BYTES_MAX } = this.#options
    if (this.#isFull || this.#waitingBytes + job.bytes.length > waitingBytesMax) {
      this.#counts.dropped++
      return
    }
    this.#jobs.push(job)
    this.#waitingBytes += job.bytes.length
    this.#work()
  }

  #work(): void {
    this.#working ??= this.#run().finally(() => {
      this.#working = undefined
      if (this.#jobs.length > 0) this.#work()
    })
  }

  async #run(): Promise<void> {
    await this.#options.after
    await this.#prepare().catch(error => this.#failed(error))
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      this.#waitingBytes -= job.bytes.length
      try {
        if (!this.#isReady) await this.#prepare()
        await this.#write(job)
        this.#counts[job.kind]++
        this.#recovered()
      } catch (error) {
        this.#counts.failed++
        this.#failed(error)
      }
      await this.#deleteSurplus()
    }
    await this.#deleteSurplus()
  }

  /** The directory, the mark, and the files an earlier run left. */
  async #prepare(): Promise<void> {
    if (this.#isReady) return
    const { directory } = this.#options.config
    await mkdir(directory, { recursive: true, mode: MODE.directory })
    const mark = await open(join(directory, MARK), TO_WRITE, MODE.file)
    await mark.close()
    const since = (await stat(join(directory, MARK))).mtimeMs
    const names = (await readdir(directory)).filter(isAttackFile)
    const files = []
    for (const name of names) {
      const found = await stat(join(directory, name)).catch(() => undefined)
      if (found?.isFile() && found.mtimeMs >= since)
        files.push({ name, bytes: found.size, at: found.mtimeMs })
    }
    for (const file of files.sort((a, b) => a.at - b.at)) this.#retention.keep(file)
    this.#isReady = true
  }

  async #write({ name, kind, bytes }: Job): Promise<void> {
    if (kind === 'text') {
      await this.#put(`${name}.txt`, constants.O_APPEND, bytes)
      return
    }
    for (let at = 1; ; at++) {
      try {
        await this.#put(`${name}${at === 1 ? '' : `_${at}`}.pcap`, constants.O_EXCL, bytes)
        return
      } catch (error) {
        if (codeOf(error) !== 'EEXIST' || at === SAME_NAME_MAX) throw error
      }
    }
  }

  async #put(name: string, how: number, bytes: Uint8Array): Promise<void> {
    const path = join(this.#options.config.directory, name)
    const file = await open(path, TO_WRITE | how, MODE.file)
    try {
      await file.writeFile(bytes)
    } finally {
      const { size } = await file.stat()
      await file.close()
      // A full disk makes names and takes no bytes.
      if (size === 0) await unlink(path)
      else this.#retention.keep({ name, bytes: size, at: this.#options.now() })
    }
  }

  async #deleteSurplus(): Promise<void> {
    for (const name of this.#retention.surplus(this.#options.now())) {
      this.#retention.forget(name)
      try {
        await unlink(join(this.#options.config.directory, name))
        this.#counts.deleted++
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') this.#failed(error)
      }
    }
  }

  #failed(error: unknown): void {
    // Somebody took the directory away: it is made again, and looked into again.
    if (codeOf(error) === 'ENOENT') this.#isReady = false
    if (this.#troubled) return
    this.#troubled = true
    this.#options.log.warn('files of attacks cannot be written', { error: errorText(error) })
  }

  #recovered(): void {
    if (this.#troubled) this.#options.log.info('files of attacks are written again')
    this.#troubled = false
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined
