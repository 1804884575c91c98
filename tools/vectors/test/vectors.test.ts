import { describe, expect, test } from 'vitest';
import { addressOfBech32, bech32Address } from '../src/bech32.js';
import { addressParse, rlpItems, signedTransaction, units } from '../src/ethers.js';
import { formProblems } from '../src/form.js';

describe('form', () => {
  const birth = { what: 'w', source: 's', 'made-by': 'm' };
  const good = { name: 'one', in: {}, out: 1 };

  test('a good file has no problem', () => {
    expect(formProblems({ ...birth, note: 'n', cases: [good] })).toEqual([]);
  });

  test.each([
    ['is no object', []],
    ['has an unknown field "x"', { ...birth, x: 1, cases: [good] }],
    ['lacks "source"', { ...birth, source: ' ', cases: [good] }],
    ['has no cases', { ...birth, cases: [] }],
    ['case "one" has the name of another', { ...birth, cases: [good, good] }],
    ['case "one" has an unknown field "y"', { ...birth, cases: [{ ...good, y: 1 }] }],
    ['case "one" has no "in"', { ...birth, cases: [{ name: 'one', out: 1 }] }],
    ['case "one" needs either "out" or "error"', { ...birth, cases: [{ name: 'one', in: 1 }] }],
    ['case 0 has no name', { ...birth, cases: [{ in: 1, out: 1 }] }],
  ])('%s', (problem, file) => {
    expect(formProblems(file)).toEqual([problem]);
  });

  test('an error that is no code', () => {
    const entry = { name: 'one', in: 1, error: 'Too short' };
    expect(formProblems({ ...birth, cases: [entry] })).toEqual([
      'case "one" has the error "Too short", which is no code',
    ]);
  });
});

describe('oracles find a wrong figure', () => {
  const differs = expect.stringMatching(/the file (says|refuses)/);

  test('RLP', () => {
    const entry = { name: 'dog', in: { item: '646f67' } };
    expect(rlpItems.check({ ...entry, out: { rlp: '83646f67' } })).toBeUndefined();
    expect(rlpItems.check({ ...entry, out: { rlp: '84646f6767' } })).toEqual(differs);
  });

  test('amounts', () => {
    const entry = { name: 'a', in: { unit: 'nano', text: '1.5' } };
    expect(units.check({ ...entry, out: { value: '1500000000' } })).toBeUndefined();
    expect(units.check({ ...entry, out: { value: '1500000001' } })).toEqual(differs);
  });

  test('addresses', () => {
    const text = 'one1a50tun737ulcvwy0yvve0pvu5skq0kjargvhwe';
    const address = '0xed1ebe4fd1f73f86388f231997859ca42c07da5d';
    expect(bech32Address('one', address)).toBe(text);
    expect(addressOfBech32(text, ['one'])).toBe(address);
    expect(addressOfBech32(text.replace('a50', 'a5q'), ['one'])).toBeUndefined();
    expect(addressParse.check({ name: 'a', in: { text }, out: { address } })).toBeUndefined();
    expect(addressParse.check({ name: 'a', in: { text }, error: 'x/y' })).toEqual(differs);
  });

  test('signed transactions', () => {
    const rlp =
      '0xf85f02016480019414791697260e4c9a71f18484c9f997b308e59325058026a02a203357ca6d7cdec981ad3d3692ad2c9e24536a9b6e7b486ce2f94f28c7563ea010d38cd0312a153af0aa7d8cd986040c36118bba373cb94e3e86fd4aedce904d';
    const out = { sender: '0xebcd16e8c1d8f493ba04e99a56474122d81a9c58', chainId: '1' };
    expect(signedTransaction.check({ name: 'a', in: { rlp }, out })).toBeUndefined();
    const wrong = { ...out, chainId: '2' };
    expect(signedTransaction.check({ name: 'a', in: { rlp }, out: wrong })).toEqual(differs);
  });
});
