import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RequestHandler, Response, Router } from 'express';
import swaggerFolder from 'swagger-ui-dist/absolute-path.js';
import { escapeHtml, writePage } from './write-page.js';

/** Files of swagger-ui-dist that the page loads, with their types; no other file of the package is served. */
const SWAGGER_FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

/** `GET /docs`: Swagger UI over `/openapi.json`, with every file served from here. Returns the paths that it added. */
export function addDocsRoutes(router: Router): readonly string[] {
  router.get('/docs', (request, response) => writePage(response, 200, docsPage(request.baseUrl)));
  router.get(
    '/docs/start.js',
    file('text/javascript; charset=utf-8', () => START_SCRIPT),
  );
  router.get(
    '/docs/style.css',
    file('text/css; charset=utf-8', () => STYLE),
  );
  for (const [name, contentType] of Object.entries(SWAGGER_FILES)) {
    router.get(
      `/docs/${name}`,
      file(contentType, () => readFileSync(path.join(swaggerFolder(), name))),
    );
  }
  return ['/docs', '/docs/start.js', '/docs/style.css', ...Object.keys(SWAGGER_FILES).map((name) => `/docs/${name}`)];
}

/** A file that is read once, at its first request. */
function file(contentType: string, read: () => string | Buffer): RequestHandler {
  let content: string | Buffer | undefined;
  return (_request, response: Response) => {
    content ??= read();
    response.setHeader('Content-Type', contentType);
    response.setHeader('Cache-Control', 'public, max-age=3600');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.send(content);
  };
}

function docsPage(basePath: string): { html: string; allow: readonly string[] } {
  const base = escapeHtml(basePath);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fraud scoring API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${base}/docs/swagger-ui.css">
<link rel="stylesheet" href="${base}/docs/style.css">
</head>
<body>
<nav><a href="${base}/">Fraud scoring</a> <span>API reference</span></nav>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript; the same description is at <a href="${base}/openapi.json">openapi.json</a>.</noscript>
<script src="${base}/docs/swagger-ui-bundle.js"></script>
<script src="${base}/docs/start.js"></script>
</body>
</html>
`;
  // Swagger UI sets styles from its script, which needs no permission of its own; it talks only to this server.
  return { html, allow: ["script-src 'self'", "style-src 'self'", "connect-src 'self'"] };
}

const START_SCRIPT = `SwaggerUIBundle({
  url: new URL('../openapi.json', document.currentScript.src).href,
  dom_id: '#swagger-ui',
  presets: [SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 3,
  tryItOutEnabled: true,
  validatorUrl: 'none',
});
`;

const STYLE = `body { margin: 0; background: #fff; }
nav { display: flex; gap: .75rem; align-items: baseline; padding: .9rem 20px; max-width: 1460px; margin: 0 auto; box-sizing: border-box;
  font: 15px/1.4 system-ui, sans-serif; color: #5b6472; border-bottom: 1px solid #e4e7ec; }
nav a { color: #0b5cad; font-weight: 600; text-decoration: none; }
nav a:hover { text-decoration: underline; }
.swagger-ui .info { margin: 24px 0 12px; }
.swagger-ui .info .title { font-family: system-ui, sans-serif; font-size: 26px; }
.swagger-ui .scheme-container, .swagger-ui .information-container .url { display: none; }
.swagger-ui .response-col_links { display: none; }
.swagger-ui .opblock-tag { font-family: system-ui, sans-serif; font-size: 18px; }
`;
