/** Reads what the checks need from Markdown: code fences, links and heading anchors. */

/** A fenced block: the words after the backticks, its text, and the line it starts on. */
export interface Fence {
  readonly info: string;
  readonly text: string;
  readonly line: number;
}

/** Every fenced block, in order. */
export function fencesOf(markdown: string): readonly Fence[] {
  const fences: Fence[] = [];
  let open: { info: string; marks: string; from: number } | undefined;
  const lines = markdown.split('\n');
  for (const [index, line] of lines.entries()) {
    const mark = /^\s*(`{3,}|~{3,})\s*(.*)$/.exec(line);
    if (mark === null) continue;
    if (open === undefined) open = { info: mark[2]!.trim(), marks: mark[1]!, from: index + 1 };
    else if (mark[1]!.startsWith(open.marks) && mark[2] === '') {
      const text = lines.slice(open.from, index).join('\n');
      fences.push({ info: open.info, text, line: open.from + 1 });
      open = undefined;
    }
  }
  return fences;
}

/** The text with its code, in fences and in backticks, blanked; line numbers stay. */
function withoutCode(markdown: string): string {
  const lines = markdown.split('\n');
  for (const fence of fencesOf(markdown)) {
    const length = fence.text === '' ? 0 : fence.text.split('\n').length;
    for (let at = fence.line - 2; at <= fence.line - 1 + length; at++) lines[at] = '';
  }
  return lines.join('\n').replaceAll(/`[^`\n]*`/g, '');
}

/** Targets of links and images, with their lines. */
export function linksOf(markdown: string): readonly { target: string; line: number }[] {
  return withoutCode(markdown)
    .split('\n')
    .flatMap((text, index) =>
      [...text.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)|^\[[^\]]+\]:\s*(\S+)/g)].map(
        (match) => ({
          target: match[1] ?? match[2]!,
          line: index + 1,
        }),
      ),
    );
}

/** Anchors of the headings, as code hosts make them. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading] of withoutFences(markdown).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const base = heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    let anchor = base;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${base}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

function withoutFences(markdown: string): string {
  return fencesOf(markdown).reduce((text, fence) => text.replace(fence.text, ''), markdown);
}

/** Rows of every table: trimmed cells, with their lines; heads and rulers included. */
export function tableRowsOf(
  markdown: string,
): readonly { readonly cells: readonly string[]; readonly line: number }[] {
  return markdown.split('\n').flatMap((text, index) => {
    const row = /^\s*\|(.*)\|\s*$/.exec(text);
    if (row === null) return [];
    return [{ cells: row[1]!.split('|').map((cell) => cell.trim()), line: index + 1 }];
  });
}
