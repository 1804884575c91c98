/**
 * The page of the local network: shards, blocks, signers and transactions as they finalise.
 *
 * Reads the event stream of the local network and draws it. Text from the network is only ever
 * set as text, never as markup.
 */
import type {
  BlockView,
  DashboardMessage,
  EconomyView,
  NetworkView,
  ShardFigures,
  StakerView,
  TransactionView,
} from '../src/dashboard/protocol.js';

const ROWS = 24;
const SPARKS = 32;

type ShardState = ShardFigures & { blocks: BlockView[]; transactions: TransactionView[] };

let shards: ShardState[] = [];
let startedAt = Date.now();
let economy: EconomyView | null = null;

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: { className?: string; text?: string; title?: string } = {},
  ...children: Node[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (properties.className) node.className = properties.className;
  if (properties.text !== undefined) node.textContent = properties.text;
  if (properties.title) node.title = properties.title;
  node.append(...children);
  return node;
}

const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const short = (text: string): string =>
  text.length > 16 ? `${text.slice(0, 8)}…${text.slice(-6)}` : text;
const milliseconds = (value: number | null): string => (value === null ? '–' : `${value} ms`);
const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');

function signerDots(shard: ShardState): HTMLElement {
  const latest = shard.blocks[0];
  const signed = new Set(latest?.signers);
  return element(
    'div',
    { className: 'signers' },
    ...shard.validators.map((validator) => {
      const classes = ['signer'];
      if (!validator.running) classes.push('stopped');
      else if (signed.has(validator.index)) classes.push('signed');
      if (latest?.leader === validator.index) classes.push('leader');
      const role = latest?.leader === validator.index ? ', proposed the newest block' : '';
      const state = !validator.running
        ? 'stopped'
        : signed.has(validator.index)
          ? 'signed the newest block'
          : 'did not sign the newest block';
      return element('span', {
        className: classes.join(' '),
        text: String(validator.index),
        title: `${validator.account}: ${state}${role}`,
      });
    }),
  );
}

function sparkline(shard: ShardState): HTMLElement {
  const values = shard.blocks.slice(0, SPARKS).map((block) => block.finalityMs ?? 0);
  const top = Math.max(1, ...values);
  const bars = values.reverse().map((value) => {
    const bar = element('i', { title: `${value} ms` });
    bar.style.height = `${Math.max(4, (value / top) * 100)}%`;
    return bar;
  });
  return element('div', { className: 'spark', title: 'finality of the newest blocks' }, ...bars);
}

function shardCard(shard: ShardState): HTMLElement {
  const latest = shard.blocks[0];
  const facts: [string, string][] = [
    ['view', grouped(shard.viewId)],
    ['epoch', grouped(shard.epoch)],
    ['signers', latest ? `${latest.signers.length} of ${latest.committeeSize}` : '–'],
    ['finality', `p50 ${milliseconds(shard.finalityP50)}, p99 ${milliseconds(shard.finalityP99)}`],
    ['transactions', grouped(String(shard.transactionCount))],
    ['view changes', String(shard.viewChanges)],
    ['RPC', shard.httpUrl],
  ];
  const list = element('dl', { className: 'facts' });
  for (const [name, value] of facts) {
    list.append(element('dt', { text: name }), element('dd', { text: value, title: value }));
  }
  const heading = element('h2', {}, element('span', { text: `Shard ${shard.shardId}` }));
  heading.append(element('span', { text: latest ? short(latest.hash) : '' }));
  return element(
    'div',
    { className: 'shard' },
    heading,
    element('div', { className: 'height', text: grouped(shard.height) }),
    signerDots(shard),
    list,
    sparkline(shard),
  );
}

function blockRow(block: BlockView): HTMLElement {
  return element(
    'tr',
    {},
    element('td', { text: String(block.shardId) }),
    element('td', { text: grouped(block.number) }),
    element('td', { className: 'hash', text: short(block.hash), title: block.hash }),
    element('td', { text: grouped(block.viewId) }),
    element('td', { text: block.leader < 0 ? '–' : String(block.leader) }),
    element('td', { text: `${block.signers.length}/${block.committeeSize}` }),
    element('td', { className: 'number', text: String(block.transactionCount) }),
    element('td', { className: 'number', text: milliseconds(block.finalityMs) }),
  );
}

function transactionRow(transaction: TransactionView): HTMLElement {
  const failed = transaction.status === 'failure';
  return element(
    'tr',
    failed ? { className: 'failure', title: 'failed' } : {},
    element('td', { text: String(transaction.shardId) }),
    element('td', { text: grouped(transaction.blockNumber) }),
    element('td', { className: 'hash', text: short(transaction.hash), title: transaction.hash }),
    element('td', { className: 'hash', text: short(transaction.from), title: transaction.from }),
    element('td', {
      className: 'hash',
      text: transaction.to === null ? 'new contract' : short(transaction.to),
      title: transaction.to ?? '',
    }),
    element('td', { className: 'number', text: transaction.amount }),
  );
}

function emptyRow(columns: number, text: string): HTMLElement {
  const cell = element('td', { className: 'empty', text });
  cell.colSpan = columns;
  return element('tr', {}, cell);
}

/** Whole ONE with groups of digits; the exact amount is in the title. */
const whole = (amount: string): string => grouped(amount.split('.')[0]!);

/** Stake and what counts of it, side by side. */
function stakeBars(staker: StakerView, most: number): HTMLElement {
  const width = (amount: string | null): string => `${(100 * Number(amount ?? 0)) / most}%`;
  const stake = element('i', { className: 'stake', title: `stake ${staker.stake} ONE` });
  stake.style.width = width(staker.stake);
  const effective = element('i', {
    className: 'effective',
    title: `effective stake ${staker.effectiveStake ?? 0} ONE`,
  });
  effective.style.width = width(staker.effectiveStake);
  return element('td', { className: 'bars' }, stake, effective);
}

function stakerRow(staker: StakerView, most: number): HTMLElement {
  const seats = staker.shards.length === 0 ? '–' : staker.shards.join(', ');
  return element(
    'tr',
    staker.status === 'active' ? {} : { className: 'failure' },
    element('td', { text: staker.name }),
    element('td', { className: 'hash', text: short(staker.account), title: staker.account }),
    element('td', {
      text: staker.moved ? `${seats} ←` : seats,
      title: staker.moved ? 'sat in another shard the epoch before' : '',
    }),
    element('td', { text: staker.status.split(' ')[0]! }),
    element('td', { className: 'number', text: whole(staker.stake), title: staker.stake }),
    element('td', {
      className: 'number',
      text: staker.effectiveStake === null ? '–' : whole(staker.effectiveStake),
      title: staker.effectiveStake ?? 'not elected',
    }),
    stakeBars(staker, most),
    element('td', { className: 'number', text: `${staker.signed}/${staker.toSign}` }),
    element('td', { className: 'number', text: whole(staker.rewards), title: staker.rewards }),
  );
}

function drawEconomy(): void {
  const shown = economy !== null && (economy.validators.length > 0 || economy.seed !== null);
  byId('economy').hidden = !shown;
  if (economy === null || !shown) return;
  byId('epoch').textContent = `${economy.epoch}, to block ${economy.lastBlock}`;
  const facts: [string, string, string][] = [
    ['seed', economy.seed === null ? '–' : short(economy.seed), economy.seed ?? ''],
    ['from', economy.seedOrigin ?? '–', economy.seedOrigin ?? ''],
    [
      'next seed',
      economy.nextSeed === null ? 'open' : short(economy.nextSeed),
      economy.nextSeed ?? '',
    ],
    ['issued', `${whole(economy.issued)} ONE`, economy.issued],
    ['burnt', `${economy.burntFees} ONE fees, ${economy.burntStake} ONE stake`, ''],
    ['net issuance', `${whole(economy.netIssuance)} ONE`, economy.netIssuance],
    [
      'a third is held by',
      `${economy.nakamotoStake ?? '–'} by stake, ${economy.nakamotoEffective ?? '–'} by effective stake`,
      'fewest validators that hold more than a third',
    ],
  ];
  byId('economy-facts').replaceChildren(
    ...facts.map(([name, value, title]) =>
      element('div', {}, element('dt', { text: name }), element('dd', { text: value, title })),
    ),
  );
  const most = Math.max(1, ...economy.validators.map(({ stake }) => Number(stake)));
  const rows = economy.validators.map((staker) => stakerRow(staker, most));
  byId('validators').replaceChildren(
    ...(rows.length > 0 ? rows : [emptyRow(9, 'Nobody has registered yet.')]),
  );
}

function draw(): void {
  drawEconomy();
  byId('shards').replaceChildren(...shards.map(shardCard));
  const blocks = shards
    .flatMap((shard) => shard.blocks)
    .sort((a, b) => b.timestamp - a.timestamp || a.shardId - b.shardId);
  const blockRows = blocks.slice(0, ROWS).map(blockRow);
  byId('blocks').replaceChildren(
    ...(blockRows.length > 0 ? blockRows : [emptyRow(8, 'No block is final yet.')]),
  );
  const rows = shards
    .flatMap((shard) => shard.transactions)
    .sort((a, b) => Number(b.blockNumber) - Number(a.blockNumber))
    .slice(0, ROWS)
    .map(transactionRow);
  byId('transactions').replaceChildren(
    ...(rows.length > 0
      ? rows
      : [emptyRow(6, 'None yet. Run “npm run demo” in another terminal.')]),
  );
  const validators = shards.flatMap((shard) => shard.validators);
  const running = validators.filter((validator) => validator.running).length;
  const minutes = Math.floor((Date.now() - startedAt) / 60_000);
  byId('summary').textContent =
    `${shards.length} shards, ${running} of ${validators.length} validators running, up ${minutes} min`;
}

let drawing = false;
function scheduleDraw(): void {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    draw();
  });
}

function show(view: NetworkView): void {
  startedAt = view.startedAt;
  economy = view.economy;
  byId('network').textContent = `${view.network} network`;
  shards = view.shards.map((shard) => ({
    ...shard,
    blocks: [...shard.blocks],
    transactions: [...shard.transactions],
  }));
  scheduleDraw();
}

function receive(message: DashboardMessage): void {
  if (message.type === 'snapshot') {
    show(message.view);
    return;
  }
  if (message.type === 'economy') {
    economy = message.economy;
    scheduleDraw();
    return;
  }
  const id = message.type === 'block' ? message.shard.shardId : message.shardId;
  const at = shards.findIndex((shard) => shard.shardId === id);
  const shard = shards[at];
  if (shard === undefined) return;
  if (message.type === 'validators') {
    shards[at] = { ...shard, validators: message.validators };
  } else {
    // A block is reported again when more is known of it, such as late signers.
    const { number } = message.block;
    const known = shard.blocks.findIndex((block) => block.number === number);
    const blocks = [...shard.blocks];
    let { transactions } = shard;
    if (known >= 0) {
      blocks[known] = message.block;
    } else {
      blocks.unshift(message.block);
      blocks.length = Math.min(blocks.length, Math.max(ROWS, SPARKS));
      transactions = [...message.block.transactions, ...transactions].slice(0, ROWS);
    }
    shards[at] = { ...message.shard, blocks, transactions };
  }
  scheduleDraw();
}

function connect(): void {
  const events = new EventSource('./api/events');
  events.onmessage = (event): void => receive(JSON.parse(event.data as string) as DashboardMessage);
  events.onerror = () => {
    byId('summary').textContent = 'The local network does not answer; trying again…';
  };
}

connect();
