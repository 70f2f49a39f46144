// Bytes of a packet as people read them: sixteen a line, in hexadecimal and as characters.

export interface HexLine {
  /** Of its first byte, four hexadecimal digits. */
  readonly offset: string
  readonly bytes: string
  readonly characters: string
}

const PER_LINE = 16

/** `header`: two hexadecimal digits a byte; what is no such text makes no line. */
export function hexLines(header: string): HexLine[] {
  const bytes = header.match(/[0-9a-f]{2}/gi) ?? []
  return Array.from({ length: Math.ceil(bytes.length / PER_LINE) }, (_, line) => {
    const own = bytes.slice(line * PER_LINE, (line + 1) * PER_LINE)
    return {
      offset: (line * PER_LINE).toString(16).padStart(4, '0'),
      bytes: own.join(' ').padEnd(PER_LINE * 3 - 1),
      characters: own.map(characterOf).join(''),
    }
  })
}

/** Printable ASCII; a point for everything else, so that no byte of an attacker does anything. */
function characterOf(hex: string): string {
  const code = Number.parseInt(hex, 16)
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.'
}
