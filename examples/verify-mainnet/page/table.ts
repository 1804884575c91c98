/** The page's table: one row per block and engine. Text is only ever set as text. */
import { computeHeaderHash, type Header } from '@polyphony/chain';

/** What was found out about a block. */
export interface Result {
  readonly header: Header;
  readonly engine: string;
  readonly valid: boolean;
  /** The answer for the same block with one bit changed. */
  readonly forgedValid: boolean;
  /** Milliseconds. */
  readonly took: number;
}

const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
let rows = 0;
let wrong = 0;

/** Appends a row. */
export function addRow({ header, engine, valid, forgedValid, took }: Result): void {
  const hash = computeHeaderHash(header);
  const row = document.createElement('tr');
  const cell = (text: string, className = ''): void => {
    const node = document.createElement('td');
    node.textContent = text;
    node.className = className;
    row.append(node);
  };
  cell(String(header.number));
  cell(`${hash.slice(0, 18)}…`);
  cell(engine);
  cell(valid ? 'yes' : 'no', valid ? '' : 'wrong');
  cell(forgedValid ? 'valid' : 'refused', forgedValid ? 'wrong' : '');
  cell(took.toFixed(1), 'number');
  row.title = hash;
  byId('results').append(row);
  rows++;
  if (!valid || forgedValid) wrong++;
}

/** Says how it ended. */
export function finish(): void {
  byId('summary').textContent =
    wrong === 0 ? `${rows} checks, all as they must be.` : `${wrong} of ${rows} checks went wrong.`;
  document.body.dataset.done = String(wrong === 0);
}

/** Lets the browser draw before the next check. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve, 0));
  });
}
