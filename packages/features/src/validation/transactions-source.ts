/** A proposed transactions definition as TypeScript source. */
import { formatRows } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import type { TransactionField } from '../transactions/transaction-field.js';
import type { LabelDefinition, TransactionsDefinition } from '../transactions/transactions.js';
import type { FieldProposal } from './infer-transactions.js';
import { percent } from './rule-text.js';

/**
 * Source text of a module that exports the definition. What came from the data (names, values) is written as string literals, so no name can
 * become code; comments only hold counts.
 *
 * @param name of the exported constant
 * @throws {FeatureError} INVALID_OPTION when the name is no identifier
 */
export function transactionsSource(
  definition: TransactionsDefinition,
  proposals: readonly FieldProposal[],
  name = 'transactions',
): string {
  if (!IDENTIFIER.test(name))
    throw new FeatureError(
      'INVALID_OPTION',
      `toSource: name is ${JSON.stringify(name)}, expected an identifier; use letters and digits`,
    );
  const { time, arrival, id, label, entities, amount } = definition;
  const fields = proposals.map((proposal) => `    ${propertyName(proposal.field.name)}: ${fieldSource(proposal)}`);
  const roles = [
    `time: ${literal(time)},`,
    ...(arrival === undefined ? [] : [`arrival: ${literal(arrival)},`]),
    ...(id === undefined ? [] : [`id: ${literal(id)},`]),
    ...(label === undefined ? [] : [`label: ${labelSource(label)},`]),
    `entities: [${entities.map(literal).join(', ')}],`,
    ...(amount === undefined ? [] : [`amount: ${literal(amount)},`]),
  ];
  const imported = label !== undefined && label.delayMs % DAY_MS === 0 ? 'days, defineTransactions' : 'defineTransactions';
  return `import { ${imported} } from '@fraudops/features';
import { z } from 'zod';

export const ${name} = defineTransactions({
  schema: z.object({
${fields.join('\n')}
  }),
${roles.map((role) => `  ${role}`).join('\n')}
});
`;
}

const DAY_MS = 86_400_000;
const IDENTIFIER =
  /^(?!(?:await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|import|in|instanceof|let|new|null|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield)$)[A-Za-z_$][\w$]*$/;

const propertyName = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name));

function labelSource({ field, delayMs, knownAt }: LabelDefinition): string {
  const known = knownAt === undefined ? '' : `, knownAt: ${literal(knownAt)}`;
  return `{ field: ${literal(field)}, delayMs: ${delaySource(delayMs)}${known} }`;
}

const delaySource = (delayMs: number) => (delayMs % DAY_MS === 0 ? `days(${delayMs / DAY_MS})` : String(delayMs));

/** A string literal in single quotes. */
function literal(text: string): string {
  const body = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  // Line separators are allowed in literals, but editors show them as new lines.
  return `'${body.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}

function fieldSource({ field, missingShare, distinct }: FieldProposal): string {
  const missing = missingShare > 0 ? `missing in ${percent(missingShare, 2)} of the sample; ` : '';
  return `${zodSource(field)}${field.required ? '' : '.optional()'}, // ${missing}${formatRows(distinct, 'distinct value')}`;
}

function zodSource({ kind, integer, resolution, minimum, minLength, values }: TransactionField): string {
  if (kind === 'time') return 'z.date()';
  if (kind === 'flag') return 'z.boolean()';
  if (kind === 'category') {
    if (values) return `z.enum([${values.map(literal).join(', ')}])`;
    return minLength === undefined ? 'z.string()' : `z.string().min(${minLength})`;
  }
  const limits = `${integer ? '.int()' : ''}${minimum === undefined ? '' : `.min(${minimum})`}`;
  return `z.number()${limits}${resolution === undefined ? '' : `.multipleOf(${resolution})`}`;
}
