import { mkdtempSync } from 'node:fs'
import { benignCase, benignFrames } from '../lab/benign/benign.ts'
import { writePcap } from '../lab/write-pcap.ts'
import { liveBenign } from './benign-live.ts'
import { onStage } from './stage.ts'
const one = benignCase('speed-test')!
const folder = mkdtempSync('/tmp/fwmine-')
writePcap(folder + '/a', benignFrames(one, { limit: 2000, calmSeconds: 2 }), 128)
console.log('written')
const files = { folder, files: [{ one, path: folder + '/a' }] }
console.log(JSON.stringify(await onStage(stage => liveBenign(stage, files as never, 2000, ['10.10.0.0/16'], 0.05))))
