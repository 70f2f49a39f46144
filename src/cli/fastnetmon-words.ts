// FastNetMon's command line in our words, so that a unit file needs nothing but another program name.

const CONFIGURATION = '/etc/fastnetmon.conf'

/** Options with a value; those of FastNetMon may also be written with `=`. */
const WITH_VALUE: Readonly<Record<string, string>> = {
  '--configuration_file': '--config',
  '--log_file': '--log-file',
}

/** Options without one, and what they become. The log goes to standard output and a pid file is written as configured. */
const SWITCHES: Readonly<Record<string, readonly string[]>> = {
  '--daemonize': ['--daemonize'],
  '--disable_pid_logic': ['--pid-file', 'off'],
  '--pid_logic': [],
  '--log_to_console': [],
}
const CHECK = '--configuration_check'

/** The arguments as they are, but for FastNetMon's words. Without a verb they mean `run`, with FastNetMon's own file. */
export function fromFastnetmon(argv: readonly string[]): readonly string[] {
  const theirs = argv.filter(word => isTheirs(word))
  if (theirs.length === 0) return argv
  const words = argv.flatMap(translate)
  if (theirs.includes(CHECK)) return ['check', configOf(words) ?? CONFIGURATION]
  if (!argv[0]?.startsWith('-')) return words
  return ['run', ...words, ...(configOf(words) === undefined ? ['--config', CONFIGURATION] : [])]
}

const nameOf = (word: string): string => word.split('=', 1)[0] ?? ''

const isTheirs = (word: string): boolean =>
  word === CHECK || Object.hasOwn(SWITCHES, word) || Object.hasOwn(WITH_VALUE, nameOf(word))

function translate(word: string): readonly string[] {
  if (word === CHECK) return []
  const ours = Object.hasOwn(SWITCHES, word) ? SWITCHES[word] : undefined
  if (ours !== undefined) return ours
  const name = nameOf(word)
  const option = Object.hasOwn(WITH_VALUE, name) ? WITH_VALUE[name] : undefined
  if (option === undefined) return [word]
  return word === name ? [option] : [option, word.slice(name.length + 1)]
}

function configOf(words: readonly string[]): string | undefined {
  const at = words.lastIndexOf('--config')
  return at < 0 ? undefined : words[at + 1]
}
