import { type Row, Table } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AttributeHistoryOptions, attributeHistory } from './attribute-history.js';

const kinds = {
  who: 'category',
  since: 'time',
  entered: 'time',
  tier: 'category',
  limit: 'number',
  vip: 'flag',
  born: 'time',
} as const;
const versionsOf = (rows: readonly Row[]) => Table.fromRows(rows, kinds);
const version = (who: string, since: number, entered: number, tier: string | null): Row => ({
  who,
  since,
  entered,
  tier,
  limit: null,
  vip: null,
  born: null,
});

const roles = { key: 'who', validFrom: 'since', knownAt: 'entered' } as const;
const asOf = { on: 'customer', at: 'at' } as const;

const transactionsOf = (...rows: readonly (readonly [string | null, number])[]) =>
  Table.fromRows(
    rows.map(([customer, at]) => ({ customer, at })),
    { customer: 'category', at: 'time' },
  );

/** Tiers that transactions see. */
const tiers = (versions: readonly Row[], transactions: Table, options: Partial<AttributeHistoryOptions> = {}) =>
  attributeHistory(versionsOf(versions), { ...roles, ...options })
    .join(transactions, asOf)
    .toRows()
    .map(({ tier }) => tier);

describe('attributeHistory', () => {
  it('shows a version from the later of its two times on', () => {
    const versions = [version('A', 10, 20, 'late entry'), version('B', 20, 10, 'announced')];
    const transactions = transactionsOf(['A', 19], ['A', 20], ['B', 19], ['B', 20]);
    expect(tiers(versions, transactions)).toEqual([null, 'late entry', null, 'announced']);
  });

  it('prefers the latest validFrom, then the latest knownAt, then the last row', () => {
    const versions = [version('A', 10, 10, 'first'), version('A', 10, 30, 'corrected'), version('A', 5, 40, 'older')];
    expect(tiers(versions, transactionsOf(['A', 10], ['A', 30], ['A', 40]))).toEqual(['first', 'corrected', 'corrected']);
    expect(tiers([version('A', 1, 1, 'x'), version('A', 1, 1, 'y')], transactionsOf(['A', 1]))).toEqual(['y']);
  });

  it('takes versions as known when they begin to hold, without knownAt', () => {
    const { knownAt: _, ...without } = roles;
    const history = attributeHistory(versionsOf([version('A', 10, 99, 'x')]), { ...without, attributes: ['tier'] });
    expect(history.enrich({ customer: 'A', at: 10 }, asOf)).toEqual({ customer: 'A', at: 10, tier: 'x' });
  });

  it('leaves attributes missing without a key, without versions, and where the version has none', () => {
    const versions = [version('A', 0, 0, null)];
    expect(tiers(versions, transactionsOf([null, 1], ['B', 1], ['A', 1]))).toEqual([null, null, null]);
  });

  it('adds columns of all kinds, with a prefix', () => {
    const table = versionsOf([{ who: 'A', since: 0, entered: 0, tier: 'gold', limit: 2.5, vip: true, born: 7 }]);
    const history = attributeHistory(table, { ...roles, attributes: ['limit', 'tier', 'vip', 'born'] });
    expect(history.attributes).toEqual(['limit', 'tier', 'vip', 'born']);
    const joined = history.join(transactionsOf(['A', 1], ['B', 1]), { ...asOf, prefix: 'C_' });
    expect(joined.columnNames).toEqual(['customer', 'at', 'C_limit', 'C_tier', 'C_vip', 'C_born']);
    expect(joined.row(0)).toMatchObject({ C_limit: 2.5, C_tier: 'gold', C_vip: true, C_born: new Date(7) });
    expect(joined.row(1)).toMatchObject({ C_limit: null, C_tier: null, C_vip: null, C_born: null });
  });

  it('refuses tables whose columns do not fit', () => {
    const table = versionsOf([version('A', 0, 0, 'x')]);
    const make = (options: Partial<AttributeHistoryOptions>, versions = table) =>
      attributeHistory(versions, { ...roles, ...options });
    expect(() => make({ key: 'whom' })).toThrow('attributeHistory: the table lacks the column whom; it has who, since');
    expect(() => make({ key: 'limit' })).toThrow('column limit is a number, expected a category');
    expect(() => make({ validFrom: 'tier' })).toThrow('column tier is a category, expected a time');
    expect(() => make({ attributes: ['tier', 'since'] })).toThrow(
      'column since is named twice among key, validFrom, knownAt and attributes',
    );
    expect(() => make({ attributes: [] })).toThrow('there are no attributes');
    expect(() => make({ maxVersionsPerKey: 0 })).toThrow('maxVersionsPerKey is 0, expected a whole number from 1 to 1000000');
    expect(() => make({ maxKeys: 0.5 })).toThrow('maxKeys is 0.5');
    expect(() => make({}, versionsOf([{ ...version('A', 0, 0, 'x'), who: null }]))).toThrow('column who is missing at row 0');
    expect(() => make({}, versionsOf([{ ...version('A', 0, 0, 'x'), entered: null }]))).toThrow(
      'column entered is missing at row 0',
    );
  });

  it('refuses transactions that it cannot join', () => {
    const history = attributeHistory(versionsOf([version('A', 0, 0, 'x')]), roles);
    const transactions = transactionsOf(['A', 1]);
    expect(() => history.join(transactions, { on: 'card', at: 'at' })).toThrow(
      'join: the table lacks the column card; it has customer, at',
    );
    expect(() => history.join(transactions, { on: 'at', at: 'at' })).toThrow('join: column at is a time, expected a category');
    const untimed = Table.fromRows([{ customer: 'A', at: null }], { customer: 'category', at: 'time' });
    expect(() => history.join(untimed, asOf)).toThrow('join: column at is missing at row 0, expected a time');
    const taken = transactions.rename({ at: 'tier' });
    expect(() => history.join(taken, { on: 'customer', at: 'tier' })).toThrow('the table has tier already; give a prefix');
    expect(() => history.enrich({ customer: 'A', at: 1, vip: null }, asOf)).toThrow('the event has vip already; give a prefix');
    expect(() => history.enrich({ customer: 'A' }, asOf)).toThrow('at is missing');
  });
});

describe('observe', () => {
  const start = () => attributeHistory(versionsOf([version('A', 10, 10, 'x')]), { ...roles, maxKeys: 2 });

  it('adds versions, late ones and new keys too', () => {
    const history = start();
    history.observe(version('A', 30, 30, 'z'));
    history.observe(version('A', 20, 20, 'y'));
    history.observe({ who: 'B', since: '1970-01-01', entered: new Date(5), tier: 'b' });
    const joined = history.join(transactionsOf(['A', 10], ['A', 20], ['A', 30], ['B', 5]), asOf);
    expect(joined.toRows().map(({ tier }) => tier)).toEqual(['x', 'y', 'z', 'b']);
    expect(history.memory()).toEqual({ keys: 2, versions: 4, versionsDropped: 0 });
  });

  it('changes nothing when it refuses', () => {
    const history = start();
    history.observe(version('B', 0, 0, 'b'));
    expect(() => history.observe(version('C', 0, 0, 'c'))).toThrow(
      '3 keys, at most 2 are allowed; raise maxKeys, or forget() keys',
    );
    expect(() => history.observe({ who: 'A', since: 0 })).toThrow('column entered is missing at row 0, expected a time');
    expect(() => history.observe({ ...version('A', 0, 0, 'x'), limit: 'much' })).toThrow('"much" is not a finite number or null');
    expect(history.memory()).toEqual({ keys: 2, versions: 2, versionsDropped: 0 });
  });

  it('makes room when a key is forgotten', () => {
    const history = start();
    expect([history.forget('A'), history.forget('A')]).toEqual([true, false]);
    expect(history.enrich({ customer: 'A', at: 10 }, asOf).tier).toBeNull();
    expect(history.memory().keys).toBe(0);
  });

  it('drops the oldest versions beyond the limit, and says nothing about their time then', () => {
    const versions = [version('A', 10, 10, 'x'), version('A', 20, 20, 'y'), version('A', 30, 30, 'z')];
    const transactions = transactionsOf(['A', 10], ['A', 20], ['A', 30]);
    expect(tiers(versions, transactions, { maxVersionsPerKey: 2 })).toEqual([null, 'y', 'z']);
    const history = attributeHistory(versionsOf(versions), { ...roles, maxVersionsPerKey: 2 });
    // It holds from 5 on for all one knows now, but x, which is gone, was what held at 10.
    history.observe(version('A', 5, 5, 'w'));
    expect(history.enrich({ customer: 'A', at: 10 }, asOf).tier).toBeNull();
    expect(history.memory()).toEqual({ keys: 1, versions: 2, versionsDropped: 2 });
  });

  it('does not fill the time of dropped versions when later ones make room', () => {
    const versions = [version('A', 10, 10, 'x'), version('A', 20, 60, 'y'), version('A', 30, 70, 'z')];
    const history = attributeHistory(versionsOf(versions), { ...roles, maxVersionsPerKey: 2 });
    history.observe(version('A', 31, 31, 'beats y and z'));
    history.observe(version('A', 5, 5, 'weaker than x'));
    expect([10, 31].map((at) => history.enrich({ customer: 'A', at }, asOf).tier)).toEqual([null, 'beats y and z']);
  });

  it('keeps no version that holds at no moment', () => {
    const history = attributeHistory(versionsOf([version('A', 5, 9, 'beaten'), version('A', 7, 9, 'wins')]), roles);
    history.observe(version('A', 6, 10, 'too late'));
    expect(history.memory()).toEqual({ keys: 1, versions: 1, versionsDropped: 0 });
    expect(history.toTable().toRows()).toMatchObject([{ who: 'A', since: new Date(7), entered: new Date(9), tier: 'wins' }]);
  });
});

const arbitraryVersion = fc
  .record({
    who: fc.constantFrom('A', 'B', 'C'),
    since: fc.integer({ min: 0, max: 12 }),
    entered: fc.integer({ min: 0, max: 12 }),
    tier: fc.constantFrom('low', 'high', null),
    limit: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
    vip: fc.constantFrom(true, false, null),
    born: fc.option(fc.integer({ min: 0, max: 1e9 })),
  })
  .map((row): Row => ({ ...row, born: row.born === null ? null : new Date(row.born) }));
const arbitraryVersions = fc.array(arbitraryVersion, { maxLength: 20 });
const arbitraryTransactions = fc.array(fc.tuple(fc.constantFrom('A', 'B', 'C', 'D', null), fc.integer({ min: -1, max: 13 })), {
  minLength: 1,
});

const attributes = ['tier', 'limit', 'vip', 'born'] as const;

/** The rule, word for word. */
function literalAttributes(versions: readonly Row[], customer: string | null, at: number): Row {
  const time = (row: Row, name: string) => row[name] as number;
  const [best] = versions
    .filter((row) => row.who === customer && time(row, 'entered') <= at && time(row, 'since') <= at)
    .toReversed()
    .toSorted((a, b) => time(b, 'since') - time(a, 'since') || time(b, 'entered') - time(a, 'entered'));
  return Object.fromEntries(attributes.map((name) => [name, best?.[name] ?? null]));
}

const attributesOf = (row: Row) => Object.fromEntries(attributes.map((name) => [name, row[name]]));

describe('attributes as of a moment', () => {
  it('are what a literal reading says, in a table, for an event, after a table and row by row', () => {
    fc.assert(
      fc.property(arbitraryVersions, fc.nat(), arbitraryTransactions, (versions, split, rows) => {
        const known = split % (versions.length + 1);
        const history = attributeHistory(versionsOf(versions.slice(0, known)), roles);
        for (const row of versions.slice(known)) history.observe(row);
        const transactions = transactionsOf(...rows);
        const joined = history.join(transactions, asOf);
        for (const [i, [customer, at]] of rows.entries()) {
          expect(attributesOf(joined.row(i))).toEqual(literalAttributes(versions, customer, at));
          expect(history.enrich(transactions.row(i), asOf)).toEqual(joined.row(i));
        }
      }),
    );
  });

  it('come back from a table', () => {
    fc.assert(
      fc.property(arbitraryVersions, arbitraryTransactions, (versions, rows) => {
        const history = attributeHistory(versionsOf(versions), roles);
        const table = history.toTable();
        expect(table.columnNames).toEqual(versionsOf([]).columnNames);
        const transactions = transactionsOf(...rows);
        expect(attributeHistory(table, roles).join(transactions, asOf).toRows()).toEqual(
          history.join(transactions, asOf).toRows(),
        );
      }),
    );
  });

  it('never change with what is known later', () => {
    fc.assert(
      fc.property(arbitraryVersions, arbitraryTransactions, fc.integer({ min: 0, max: 12 }), (versions, rows, nowMs) => {
        const later = versions.map(
          (row): Row => ((row.entered as number) > nowMs ? { ...row, entered: 1000, tier: 'later' } : row),
        );
        const seen = transactionsOf(...rows.filter(([, at]) => at <= nowMs));
        expect(tiers(later, seen)).toEqual(tiers(versions, seen));
      }),
    );
  });

  it('are right or missing when versions were dropped, and always right at the end', () => {
    fc.assert(
      fc.property(
        arbitraryVersions,
        arbitraryTransactions,
        fc.integer({ min: 1, max: 3 }),
        (versions, rows, maxVersionsPerKey) => {
          const history = attributeHistory(versionsOf(versions.map((row, i) => ({ ...row, limit: i }))), {
            ...roles,
            maxVersionsPerKey,
          });
          const numbered = versions.map((row, i) => ({ ...row, limit: i }));
          for (const [customer, at] of rows) {
            const { limit } = history.enrich({ customer, at }, asOf);
            const right = literalAttributes(numbered, customer, at).limit;
            expect([right, null]).toContain(limit);
            // At the end of time the latest one always holds.
            expect(history.enrich({ customer, at: 100 }, asOf).limit).toBe(literalAttributes(numbered, customer, 100).limit);
          }
          expect(history.memory().versions).toBeLessThanOrEqual(3 * maxVersionsPerKey);
        },
      ),
    );
  });
});
