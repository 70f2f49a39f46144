// The catalogue of what can be said about the files of prefixd.

import type { CatalogueEntry } from '#lib/schema/problem.ts'

export const ERRORS = [
  {
    code: 'prefixd-unknown-key',
    what: 'A file of prefixd holds a key that prefixd does not know.',
    means: 'prefixd ignores it silently; here it is ignored and named.',
    do: 'Use the key that the hint names, or remove the line.',
  },
  {
    code: 'prefixd-not-carried',
    what: 'A file of prefixd holds a key that has no effect here.',
    means: 'The rest of the file is used. The message says why.',
    do: 'Nothing, or remove the line.',
  },
  {
    code: 'prefixd-range-end',
    what: 'An asset has a range_end.',
    means: 'prefixd ignores it and knows the first address only; here the whole range is the asset.',
    do: 'Nothing when the range is meant; otherwise remove the line.',
  },
  {
    code: 'prefixd-file',
    what: 'A file of the folder is missing or cannot be read.',
    means: 'The folder is refused as a whole.',
    do: 'Name the folder that holds prefixd.yaml, inventory.yaml and playbooks.yaml, and let the user who runs this read them.',
  },
  {
    code: 'prefixd-playbook',
    what: 'A playbook is one that the API of prefixd refuses, or one whose every rule prefixd would refuse.',
    means:
      'The texts are those of prefixd, whose file is not checked so. An error refuses the folder; a warning says what is done instead.',
    do: 'Change the playbook as the message says.',
  },
  {
    code: 'prefixd-unreachable',
    what: 'A playbook stands behind another one for the same vector.',
    means: 'It never answers, as in prefixd, where the first that fits is taken.',
    do: 'Remove one of the two, or let the first require ports.',
  },
  {
    code: 'prefixd-now-real',
    what: 'A key does here what the documentation of prefixd says, and nothing in prefixd.',
    means: 'From now on it has an effect; the message says which.',
    do: 'Nothing when that is meant; otherwise change or remove the key.',
  },
  {
    code: 'prefixd-bound',
    what: 'A value is beyond what is possible here, or is none.',
    means: 'Another one is taken, which the message names.',
    do: 'Write a value within the bounds.',
  },
  {
    code: 'prefixd-dry-run',
    what: 'The folder says that nothing is announced.',
    means: 'Attacks are found and shown; what would be announced is shown with them.',
    do: 'Set mode: enforced, with bgp.mode: sidecar, when rules are to be announced.',
  },
  {
    code: 'prefixd-no-capture',
    what: 'prefixd captures no traffic, so its folder names no interface.',
    means: 'Nothing is found by itself until interfaces are named on the command line.',
    do: 'Name interfaces: floodwarden run eth1 --config /etc/prefixd.',
  },
  {
    code: 'prefixd-alerting',
    what: 'A destination of alerts is one that the API of prefixd refuses.',
    means: 'The texts are those of prefixd. An error says that prefixd could not send to it either.',
    do: 'Correct the destination.',
  },
  {
    code: 'prefixd-kept',
    what: 'Keys are read and checked, and nothing here uses them, such as the database of prefixd.',
    means: 'They have no effect.',
    do: 'Nothing.',
  },
  {
    code: 'prefixd-value',
    what: 'A value of a file of prefixd is missing, has the wrong type or is not possible.',
    means: 'The file is refused as a whole.',
    do: 'Write what the message expects.',
  },
] as const satisfies readonly CatalogueEntry[]

export type PrefixdErrorCode = (typeof ERRORS)[number]['code']
