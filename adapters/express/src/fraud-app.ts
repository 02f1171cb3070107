import type { ScoringService } from '@fraudops/serve';
import express, { type Express } from 'express';
import { type FraudApiOptions, fraudApi, lastResort, refuse } from './fraud-api.js';

/**
 * An Express app that is nothing but a scoring service: {@link fraudApi} at its top, and a problem document for every other address.
 *
 * @example fraudApp(service).listen(3000, '127.0.0.1');
 */
export function fraudApp(service: ScoringService, options: FraudApiOptions = {}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(fraudApi(service, options));
  app.use((request, response) => {
    const places = service.operations.map(({ path }) => path).join(' ');
    refuse(service, response, 'none', 'NOT_FOUND', `nothing at ${request.path.slice(0, 100)}; there are ${places}`);
  });
  app.use(lastResort(service, options.logger));
  return app;
}
