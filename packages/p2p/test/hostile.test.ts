import { fuzz, packageFolder, propertyRuns, unreadVectorFiles } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { P2pError } from '../src/errors.js';
import {
  compareVersions,
  formatProtocolId,
  matchesProtocol,
  parseProtocolId,
} from '../src/index.js';
import { decoders } from './decoders.js';

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});

describe('hostile bytes and mutated samples', () => {
  const seed = Number(process.env.SEED ?? 1);
  for (const target of decoders()) {
    test(target.name, () => {
      expect(fuzz(target, { executions: 500, seed }).finding).toBeUndefined();
    });
  }
});

describe('identifiers', () => {
  const WANTED = { service: 'sync', network: 'mainnet', shardId: 0 };
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(
        fc.constantFrom('harmony', '/', 'sync', 'mainnet', '0', '1.0.0', '.', '-', '+', 'v', '~'),
        {
          maxLength: 40,
        },
      )
      .map((parts) => parts.join('')),
  );

  test('any text is an identifier that can be written again, or refused', () => {
    fc.assert(
      fc.property(texts, (text) => {
        let parsed: ReturnType<typeof parseProtocolId>;
        try {
          parsed = parseProtocolId(text);
        } catch (error) {
          expect(error).toBeInstanceOf(P2pError);
          expect(matchesProtocol(text, WANTED)).toBe(false);
          return;
        }
        const { service, network, shardId, version } = parsed;
        expect(parseProtocolId(`harmony/${service}/${network}/${shardId}/${version}`)).toEqual(
          parsed,
        );
      }),
      propertyRuns(300),
    );
  });

  test('what is written is read, and matches', () => {
    const word = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
    const number = fc.oneof(fc.nat(20), fc.nat()).map(String);
    const version = fc
      .tuple(fc.array(number, { minLength: 3, maxLength: 5 }), fc.constantFrom('', '-rc.1', '+b'))
      .map(([numbers, tail]) => numbers.join('.') + tail);
    fc.assert(
      fc.property(
        word,
        word,
        fc.nat({ max: 0xffffffff }),
        version,
        (service, network, shardId, v) => {
          const protocol = { service, network, shardId, version: v };
          const id = formatProtocolId(protocol);
          expect(parseProtocolId(id)).toEqual(protocol);
          expect(matchesProtocol(id, { service, network, shardId, minVersion: v })).toBe(true);
          expect(matchesProtocol(id, { service, network, shardId })).toBe(
            compareVersions(v, '1.0.0') >= 0,
          );
        },
      ),
      propertyRuns(200),
    );
  });

  test('the longest text takes no time', () => {
    const start = process.cpuUsage();
    for (const part of ['1.', '-', '~', 'a', '1', '-a.', '+', '1-1.']) {
      for (const end of ['', '/', '!', '+', '.']) {
        const version = part.repeat(256).slice(0, 230) + end;
        matchesProtocol(`harmony/sync/mainnet/0/${version}`, WANTED);
      }
    }
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(200);
  });

  test('what is too long is refused before it is looked at', () => {
    const long = '1'.repeat(257);
    for (const run of [
      () => parseProtocolId(`harmony/sync/mainnet/0/${long}`),
      () => compareVersions(long, '1.0.0'),
      () => formatProtocolId({ ...WANTED, version: `1.0.0-${'a'.repeat(240)}` }),
    ]) {
      expect(run).toThrow(expect.objectContaining({ code: 'p2p/invalid-protocol-id' }));
    }
  });

  test('values of the wrong type', () => {
    expect(() => parseProtocolId(7 as never)).toThrow(TypeError);
    expect(() => matchesProtocol(undefined as never, WANTED)).toThrow(TypeError);
    expect(() => compareVersions('1.0.0', 1 as never)).toThrow(TypeError);
    expect(() => formatProtocolId({ ...WANTED, network: 1 as never, version: '1' })).toThrow(
      TypeError,
    );
  });
});
