// What somebody typed as a list: one a line, or parted by commas or blanks.

export const linesOf = (text: string): string[] => text.split(/[\s,;]+/).filter(word => word !== '')
