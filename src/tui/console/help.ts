// What the keys of the console do, for its help and its page.

export const HELP: readonly string[] = [
  '1 2 3 4, tab      traffic, attacks, mitigations, exporters',
  'up down, j k      choose a row; page up, page down, home, end',
  'enter             the row in full; escape goes back',
  '/                 only rows that hold a text; escape shows all',
  's                 another order; p b f in traffic: packets, bytes, flows',
  '+ -               more or fewer hosts in traffic',
  'a                 also attacks and mitigations that are over',
  'r                 ask the daemon now',
  '',
  'Capital letters change something, and ask before they do:',
  'B                 ban a host, the chosen one or another',
  'U                 end the ban of the chosen host or attack',
  'W                 withdraw the chosen mitigation',
  '',
  'q, Ctrl-C         leave',
]
