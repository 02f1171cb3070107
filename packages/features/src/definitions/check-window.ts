/** Whether the definition of a window feature can mean anything; part of checking a definition. */
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { type DefinitionContext, invalid, requireField, requireKind, wrongKind } from './definition-rules.js';
import type { WindowAggregate, WindowFeature } from './feature-definition.js';
import { minorUnits } from './minor-units.js';

/** What each aggregate looks at, and whether tiles can hold it. */
const AGGREGATES: Readonly<Record<WindowAggregate, { readonly needs: Need; readonly tiles: boolean }>> = {
  count: { needs: 'nothing', tiles: true },
  sum: { needs: 'units', tiles: true },
  mean: { needs: 'units', tiles: true },
  std: { needs: 'units', tiles: true },
  min: { needs: 'number', tiles: true },
  max: { needs: 'number', tiles: true },
  distinct: { needs: 'category', tiles: false },
  first: { needs: 'number', tiles: false },
  last: { needs: 'number', tiles: false },
  timeSinceLast: { needs: 'nothing', tiles: false },
  share: { needs: 'category', tiles: false },
  speed: { needs: 'place', tiles: false },
  rate: { needs: 'maybe units', tiles: true },
  risk: { needs: 'nothing', tiles: false },
};

type Need = 'nothing' | 'units' | 'maybe units' | 'number' | 'category' | 'place';

/** Names of all aggregates. */
export const AGGREGATE_NAMES = Object.keys(AGGREGATES) as [WindowAggregate, ...WindowAggregate[]];

/** The definition with its delay filled in. */
export function checkedWindow(name: string, definition: WindowFeature, context: DefinitionContext): WindowFeature {
  const { transactions } = context;
  const { aggregate, per } = definition;
  if (!Object.hasOwn(AGGREGATES, aggregate))
    throw invalid(name, `has the aggregate ${String(aggregate)}, expected ${AGGREGATE_NAMES.join(', ')}`);
  requireEntities(name, per, transactions);
  const delayMs = definition.delayMs ?? (aggregate === 'risk' ? transactions.label?.delayMs : 0) ?? 0;
  const checked = { ...definition, delayMs };
  requireLengths(name, checked, context.retentionMs);
  requireOwn(name, checked);
  if (definition.resolutionMs !== undefined) requireTiles(name, checked, definition.resolutionMs);
  if (aggregate === 'risk') requireKnownLabels(name, delayMs, transactions);
  requireLookedAt(name, checked, transactions);
  return checked;
}

function requireEntities(name: string, per: WindowFeature['per'], transactions: TransactionsDefinition): void {
  const entities = typeof per === 'string' ? [per] : per;
  if (!Array.isArray(entities) || entities.length === 0 || entities.length > 2 || new Set(entities).size !== entities.length)
    throw invalid(name, `is per ${JSON.stringify(per)}, expected an entity or a pair of two different ones`);
  for (const entity of entities as readonly string[]) {
    requireField(name, entity, transactions);
    if (transactions.entities.includes(entity)) continue;
    throw invalid(
      name,
      `is per ${entity}, which is no entity; entities are ${transactions.entities.join(', ') || 'none'}: add it to entities`,
    );
  }
}

function requireLengths(name: string, definition: WindowFeature, retentionMs: number | undefined): void {
  const { windowMs, delayMs = 0, longWindowMs, aggregate } = definition;
  requireLength(name, 'windowMs', windowMs);
  if (!(Number.isSafeInteger(delayMs) && delayMs >= 0))
    throw invalid(name, `has delayMs ${delayMs}, expected whole milliseconds of at least 0`);
  if (aggregate === 'rate') {
    requireLength(name, 'longWindowMs', longWindowMs);
    if (!(longWindowMs! > windowMs))
      throw invalid(name, `has longWindowMs ${longWindowMs}, expected more than its windowMs ${windowMs}`);
  } else if (longWindowMs !== undefined) throw invalid(name, `is a ${aggregate} with longWindowMs; only rate has a long window`);
  const reachMs = Math.max(windowMs, longWindowMs ?? 0) + delayMs;
  if (!Number.isSafeInteger(reachMs)) throw invalid(name, `reaches back ${reachMs} ms, expected less than 2^53`);
  if (retentionMs !== undefined && reachMs > retentionMs) {
    throw invalid(
      name,
      `reaches back ${reachMs} ms with its delay, but histories are kept for retentionMs ${retentionMs}; shorten the window or raise retentionMs`,
    );
  }
}

function requireLength(name: string, option: string, lengthMs: number | undefined): void {
  if (Number.isSafeInteger(lengthMs) && lengthMs! > 0) return;
  throw invalid(name, `has ${option} ${String(lengthMs)}, expected whole milliseconds above 0, such as days(7)`);
}

function requireOwn(name: string, { own, delayMs = 0, aggregate }: WindowFeature): void {
  if (own === undefined) return;
  if (own !== 'included' && own !== 'excluded') throw invalid(name, `has own ${String(own)}, expected included or excluded`);
  if (own === 'excluded') return;
  if (delayMs > 0)
    throw invalid(name, `includes its own transaction, which a window with delayMs ${delayMs} never holds; leave out own`);
  if (aggregate === 'last' || aggregate === 'timeSinceLast' || aggregate === 'speed')
    throw invalid(name, `is a ${aggregate}, which looks at earlier transactions only; leave out own`);
}

function requireTiles(
  name: string,
  { aggregate, windowMs, delayMs = 0, longWindowMs = 0 }: WindowFeature,
  resolutionMs: number,
): void {
  requireLength(name, 'resolutionMs', resolutionMs);
  if (!AGGREGATES[aggregate].tiles)
    throw invalid(name, `is a ${aggregate} with a resolution, which tiles can't tell; leave out resolutionMs`);
  for (const [option, lengthMs] of Object.entries({ windowMs, delayMs, longWindowMs })) {
    if (lengthMs % resolutionMs === 0) continue;
    throw invalid(name, `has ${option} ${lengthMs}, expected a multiple of its resolutionMs ${resolutionMs}`);
  }
}

function requireKnownLabels(name: string, delayMs: number, { label }: TransactionsDefinition): void {
  if (!label) throw invalid(name, 'is a risk, but the transactions have no label; give defineTransactions a label');
  // Even with labels known at once, a window that ends now would see the label of the very transaction being scored.
  const leastMs = Math.max(1, label.delayMs);
  if (delayMs < leastMs)
    throw invalid(name, `has delayMs ${delayMs}, but a label is known only after ${leastMs} ms; make delayMs at least that`);
}

/** Field, category and place: there where the aggregate looks at them, of the right kind, and nowhere else. */
function requireLookedAt(name: string, definition: WindowFeature, transactions: TransactionsDefinition): void {
  const { aggregate, field, value, place } = definition;
  const { needs } = AGGREGATES[aggregate];
  const mayHaveField = needs !== 'nothing' && needs !== 'place';
  if (!mayHaveField && field !== undefined)
    throw invalid(name, `is a ${aggregate} of the field ${field}; ${aggregate} looks at no field`);
  if (mayHaveField && needs !== 'maybe units' && field === undefined) throw invalid(name, 'names no field; say which to look at');
  if (value !== undefined && (aggregate !== 'share' || typeof value !== 'string'))
    throw invalid(name, `has the value ${JSON.stringify(value)}; only share() takes one, and it is text`);
  if (needs === 'place') {
    if (!place) throw invalid(name, 'has no place; say which fields hold latitude and longitude');
    requireKind(name, place.latitude, transactions, ['number']);
    requireKind(name, place.longitude, transactions, ['number']);
  } else if (place !== undefined) throw invalid(name, `is a ${aggregate} with a place; only speed() takes one`);
  if (field === undefined) return;
  if (needs === 'category' || needs === 'number') requireKind(name, field, transactions, [needs]);
  else requireSummable(name, field, transactions);
}

function requireSummable(name: string, fieldName: string, transactions: TransactionsDefinition): void {
  const { kind, resolution } = requireField(name, fieldName, transactions);
  if (kind !== 'number') throw wrongKind(name, fieldName, kind, 'a number');
  if (resolution !== undefined && minorUnits(resolution) !== undefined) return;
  const found = resolution === undefined ? 'no resolution' : `the resolution ${resolution}, which has more than 12 decimals`;
  throw invalid(
    name,
    `adds up ${fieldName}, which has ${found}; declare it with z.number().multipleOf(0.01) or z.int(), so that sums are exact`,
  );
}
