import type { ServiceInfo } from '@fraudops/serve';
import { type Page, escapeHtml } from './write-page.js';

/** What the page needs besides what the service says of itself. */
export interface HomePageOptions {
  /** Address of the service as the reader reached it, without a slash at its end. */
  readonly url: string;
  /** Path under which the service is mounted. */
  readonly basePath: string;
  /** A transaction that can be scored. */
  readonly example: unknown;
  /** Whether there is a page `/docs`. */
  readonly docs: boolean;
}

/** The page at `/`: what this is, which model serves, where to go, and a command to try. */
export function homePage(info: ServiceInfo, options: HomePageOptions): Page {
  const { health } = info;
  const link = (path: string, text: string) => `<a href="${escapeHtml(options.basePath + path)}">${text}</a>`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fraud scoring: ${escapeHtml(health.model)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>Fraud scoring</h1>
<p>Send a card transaction, get the probability that it is fraud and a decision: approve, review or decline.</p>
</header>
${statusCard(info)}
<ul class="links">
${options.docs ? `<li>${link('/docs', 'API reference')}<span>every operation, to try in the browser</span></li>` : ''}
<li>${link('/health', 'Health')}<span>which version serves, and since when</span></li>
<li>${link('/metrics', 'Metrics')}<span>for Prometheus</span></li>
<li>${link('/openapi.json', 'OpenAPI')}<span>for generated clients</span></li>
</ul>
<h2>Try it</h2>
${tryIt(info, options)}
<h2>Operations</h2>
<table>
${info.operations.map(({ method, path, summary }) => `<tr><td><code class="${method.toLowerCase()}">${escapeHtml(method)}</code></td><td><code>${escapeHtml(path)}</code></td><td>${escapeHtml(summary)}</td></tr>`).join('\n')}
</table>
</main>
</body>
</html>
`;
  return { html, style: STYLE };
}

function statusCard({ health }: ServiceInfo): string {
  const { tone, text } = STATUS[health.status];
  const rows: [string, string][] = [['Model', health.model]];
  if (health.version !== null) rows.push(['Version', String(health.version)]);
  if (health.since !== null) rows.push(['Serving since', readableTime(health.since)]);
  if (health.failure) rows.push(['Problem', health.failure.message]);
  const list = rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`).join('\n');
  return `<section class="card ${tone}">
<p class="status">${text}</p>
<dl>
${list}
</dl>
</section>`;
}

const STATUS = {
  ok: { tone: 'good', text: 'Ready to score' },
  degraded: { tone: 'fair', text: 'Scoring, but the newest version could not be taken into service' },
  'no-model': { tone: 'bad', text: 'No model is being served' },
  closed: { tone: 'bad', text: 'The service is closing' },
} as const;

function readableTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

function tryIt({ health }: ServiceInfo, { url, example }: HomePageOptions): string {
  if (health.version === null) {
    return `<p>Register a version of the model <code>${escapeHtml(health.model)}</code> and promote it; this service takes it by itself.</p>`;
  }
  return `<pre><code>${escapeHtml(curlCommand(url, example))}</code></pre>`;
}

/** A command for a POSIX shell. */
function curlCommand(url: string, example: unknown): string {
  const body = JSON.stringify(example, null, 2).replaceAll("'", String.raw`'\''`);
  return `curl ${url}/predict \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6472; --line: #e1e5eb; --back: #f6f7f9; --card: #fff; --link: #0b5cad;
  --good: #1a7f4b; --fair: #a35c00; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaef; --soft: #9aa4b2; --line: #2d3542; --back: #12161c; --card: #1a2029; --link: #7ab8ff;
  --good: #58c48c; --fair: #e0a44e; --bad: #f2857d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
h1 { margin: 0 0 .4rem; font-size: 2rem; letter-spacing: -.02em; }
header p { margin: 0 0 1.75rem; color: var(--soft); }
h2 { margin: 2.25rem 0 .75rem; font-size: 1.05rem; }
a { color: var(--link); text-decoration: none; font-weight: 600; }
a:hover { text-decoration: underline; }
.card { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--tone); border-radius: 8px; padding: 1rem 1.25rem; }
.good { --tone: var(--good); } .fair { --tone: var(--fair); } .bad { --tone: var(--bad); }
.status { margin: 0 0 .75rem; font-weight: 600; color: var(--tone); }
dl { display: flex; flex-wrap: wrap; gap: .75rem 2.5rem; margin: 0; }
dt { color: var(--soft); font-size: .8rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.links { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; list-style: none; margin: 1rem 0 0; padding: 0; }
.links li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .75rem 1rem; }
.links span { display: block; color: var(--soft); font-size: .82rem; line-height: 1.4; }
pre { margin: 0; padding: 1rem 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; overflow-x: auto; }
code { font: .86rem/1.55 ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; }
table { width: 100%; border-spacing: 0; font-size: .92rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
td { padding: .5rem .5rem; border-top: 1px solid var(--line); vertical-align: baseline; }
tr:first-child td { border-top: 0; }
td:first-child { padding-left: 1.25rem; width: 4.5rem; }
td:nth-child(2) { width: 9.5rem; }
td:last-child { color: var(--soft); }
@media (max-width: 44rem) { .links { grid-template-columns: 1fr 1fr; } }
.get { color: var(--link); font-weight: 700; } .post { color: var(--good); font-weight: 700; }
`;
