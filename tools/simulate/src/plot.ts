/**
 * A plot of a simulation as SVG: what effective stake makes of stakes, how evenly stakes, votes and
 * rewards are spread, and how concentration moves. A pure function of the figures; coordinates come from
 * integer arithmetic, so equal figures give equal bytes.
 */
import { type Figures, greatestOf } from './figures.js';
import { fixed, wholeOne } from './report.js';

const WIDTH = 1180;
const HEIGHT = 470;
const WHOLE = 10n ** 18n;
const PANEL = { width: 320, height: 270, top: 84 };
const LEFTS = [70, 460, 850] as const;

const RAW = '#c2410c';
const EFFECTIVE = '#1d4ed8';
const REWARD = '#15803d';
const INK = '#1f2937';
const FAINT = '#d1d5db';

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function text(x: number, y: number, content: string, more = ''): string {
  return `<text x="${x}" y="${y}" ${more}>${escapeXml(content)}</text>`;
}

/** A value's height in a panel whose top is `most`. */
function heightOf(value: bigint, most: bigint): number {
  return most === 0n ? 0 : Number((value * BigInt(PANEL.height * 10)) / most) / 10;
}

function xOf(index: number, count: number): number {
  return count < 2 ? 0 : Math.round((index * PANEL.width * 10) / (count - 1)) / 10;
}

interface Series {
  readonly colour: string;
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly dash?: string;
}

function panel(left: number, title: string, note: string, series: readonly Series[]): string {
  const { width, height, top } = PANEL;
  const bottom = top + height;
  const lines = series.map(({ colour, points, dash }) => {
    const at = points
      .map(([x, y]) => `${left + x},${Math.round((bottom - y) * 10) / 10}`)
      .join(' ');
    const style = `fill="none" stroke="${colour}" stroke-width="2"`;
    return `<polyline points="${at}" ${style}${dash === undefined ? '' : ` stroke-dasharray="${dash}"`}/>`;
  });
  const keys = series.map(({ colour, label, dash }, i) => {
    const y = bottom + 44 + i * 18;
    const stroke = `stroke="${colour}" stroke-width="3"${dash === undefined ? '' : ` stroke-dasharray="${dash}"`}`;
    return `<line x1="${left}" y1="${y - 4}" x2="${left + 22}" y2="${y - 4}" ${stroke}/>${text(left + 30, y, label)}`;
  });
  return [
    text(left, top - 30, title, 'class="title"'),
    text(left, top - 12, note, 'class="note"'),
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="${FAINT}"/>`,
    ...lines,
    ...keys,
  ].join('\n');
}

function axis(left: number, least: string, most: string, below: readonly [string, string]): string {
  const bottom = PANEL.top + PANEL.height;
  const end = 'text-anchor="end" class="note"';
  return [
    text(left - 8, PANEL.top + 10, most, end),
    text(left - 8, bottom, least, end),
    text(left, bottom + 18, below[0], 'class="note"'),
    text(left + PANEL.width, bottom + 18, below[1], end),
  ].join('\n');
}

function stakes({ slots, epochs }: Figures): string {
  const [left] = LEFTS;
  const median = epochs.at(-1)!.median;
  const greatest = greatestOf(slots.flatMap(({ raw, effective }) => [raw, effective]));
  const isCut = greatest > 4n * median;
  const most = isCut ? 4n * median : greatest;
  const line = (of: (slot: { raw: bigint; effective: bigint }) => bigint) =>
    slots.map((slot, i) => {
      const fits = of(slot) <= most;
      return [xOf(i, slots.length), heightOf(fits ? of(slot) : most, most)] as const;
    });
  const note = isCut ? `cut at 4 medians; the greatest has ${wholeOne(greatest)} ONE` : 'by stake';
  const level = heightOf(median, most);
  const series = [
    { colour: RAW, label: 'stake behind the slot', points: line(({ raw }) => raw) },
    { colour: EFFECTIVE, label: 'stake that counts', points: line(({ effective }) => effective) },
    {
      colour: INK,
      label: `median, ${wholeOne(median)} ONE`,
      points: [
        [0, level],
        [PANEL.width, level],
      ] as const,
      dash: '4 4',
    },
  ];
  return [
    panel(left, 'Stake of each elected slot', note, series),
    axis(left, '0', `${wholeOne(most / 1_000_000n)}M`, ['slot 1', `slot ${slots.length}`]),
  ].join('\n');
}

/** Parts of the whole that the least holders have together, from none of them to all. */
export function lorenz(amounts: readonly bigint[]): readonly (readonly [number, number])[] {
  const ascending = [...amounts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const total = ascending.reduce((sum, amount) => sum + amount, 0n);
  let held = 0n;
  return [0n, ...ascending].map((amount, i) => {
    held += amount;
    return [xOf(i, ascending.length + 1), heightOf(held, total)] as const;
  });
}

function spread({ members }: Figures): string {
  const left = LEFTS[1];
  const series = [
    { colour: RAW, label: 'stake', points: lorenz(members.map(({ stake }) => stake)) },
    {
      colour: EFFECTIVE,
      label: 'votes (effective stake)',
      points: lorenz(members.map(({ effective }) => effective)),
    },
    {
      colour: REWARD,
      label: 'rewards',
      points: lorenz(members.map(({ earned }) => earned)),
      dash: '2 3',
    },
    {
      colour: FAINT,
      label: 'if all were equal',
      points: [
        [0, 0],
        [PANEL.width, PANEL.height],
      ] as const,
    },
  ];
  return [
    panel(left, 'Spread over validators', 'part of the whole held by the least of them', series),
    axis(left, '0', '100 %', ['none', `all ${members.length}`]),
  ].join('\n');
}

interface Bar {
  readonly colour: string;
  readonly value: string;
  readonly height: number;
}

/** Bars side by side in one half of the third panel. */
function bars(left: number, label: string, group: readonly Bar[]): string {
  const bottom = PANEL.top + PANEL.height;
  const width = 36;
  const drawn = group.map(({ colour, value, height }, i) => {
    const x = left + i * (width + 8);
    const middle = `text-anchor="middle"`;
    return [
      `<rect x="${x}" y="${bottom - height}" width="${width}" height="${height}" fill="${colour}"/>`,
      text(x + width / 2, bottom - height - 6, value, middle),
    ].join('\n');
  });
  return [...drawn, text(left, bottom + 18, label, 'class="note"')].join('\n');
}

function concentration({ epochs, rewards }: Figures): string {
  const left = LEFTS[2];
  const { raw, effective } = epochs.at(-1)!;
  const all = [
    { colour: RAW, of: raw },
    { colour: EFFECTIVE, of: effective },
    { colour: REWARD, of: rewards },
  ];
  // Room for the figures above the bars.
  const room = (height: number) => Math.round(height * 9) / 10;
  const most = BigInt(Math.max(1, ...all.map(({ of }) => of.nakamoto)));
  const nakamoto = all.map(({ colour, of }) => ({
    colour,
    value: String(of.nakamoto),
    height: room(heightOf(BigInt(of.nakamoto), most)),
  }));
  const gini = all.map(({ colour, of }) => ({
    colour,
    value: fixed(of.gini, 3),
    height: room(heightOf(of.gini, WHOLE)),
  }));
  const labels = ['stake', 'votes (effective stake)', 'rewards'];
  const keys = all.map(({ colour }, i) => ({ colour, label: labels[i]!, points: [] }));
  const note = 'Nakamoto: who can stop consensus; Gini: 0 even, 1 uneven';
  return [
    panel(left, 'Concentration', note, keys),
    bars(left + 14, 'Nakamoto (more is better)', nakamoto),
    bars(left + 176, 'Gini (less is better)', gini),
  ].join('\n');
}

/** The plot. */
export function plot(figures: Figures, title: string): string {
  const style = `text{font-family:system-ui,sans-serif;font-size:12px;fill:${INK}}.title{font-size:15px;font-weight:600}.note{font-size:11px;fill:#6b7280}.head{font-size:18px;font-weight:600}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">
<title>${escapeXml(title)}</title>
<style>${style}</style>
<rect width="100%" height="100%" fill="#ffffff"/>
${text(LEFTS[0], 28, title, 'class="head"')}
${stakes(figures)}
${spread(figures)}
${concentration(figures)}
</svg>
`;
}
