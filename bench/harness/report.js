/** Results as Markdown whose tables also read well as plain text. */

/**
 * @param {string} name of the case
 * @param {import('./results.js').CaseResult} result
 */
export function caseMarkdown(name, result) {
  const { title, setting, tables, checks, notMeasured, sizes, machine, date, tookSeconds } = result;
  const parts = [`## ${title} (\`${name}\`)`, setting];
  for (const table of tables) {
    if (table.title !== undefined) parts.push(`**${table.title}**`);
    parts.push(tableMarkdown(table));
  }
  if (checks.length > 0) parts.push(list('Checked', checks));
  if (notMeasured.length > 0) parts.push(list('Not measured', notMeasured));
  const given = Object.entries(sizes).map(([size, value]) => `${size} ${formatNumber(value)}`);
  const facts = Object.entries(machine).map(([fact, value]) => `${fact}: ${value}`);
  parts.push(`${date}, ${given.join(', ')}; the whole case took ${formatNumber(Math.ceil(tookSeconds))} s. ${facts.join('; ')}.`);
  return parts.join('\n\n');
}

const list = (heading, items) => `${heading}:\n\n${items.map((item) => `- ${item}`).join('\n')}`;

/** @param {import('./results.js').ResultTable} table */
function tableMarkdown({ columns, rows }) {
  const cells = [columns, ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? formatNumber(cell) : cell)))];
  const isNumeric = columns.map((_, column) => rows.every((row) => typeof row[column] === 'number' || row[column] === ''));
  const widths = columns.map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const line = (row) =>
    `| ${row.map((cell, i) => (isNumeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join(' | ')} |`;
  const rule = widths.map((width, i) => (isNumeric[i] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  const [head, ...body] = cells;
  return [line(head), line(rule), ...body.map(line)].join('\n');
}

/** Whole numbers with thousands apart, others with three digits that say something. */
export function formatNumber(value) {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
