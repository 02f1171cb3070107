/** `npm start`: installs and builds what is missing, then is the quickstart, in this process and with these arguments. */
import { bootstrap } from './bootstrap.js';

await bootstrap();
await import('../examples/quickstart/dist/main.js');
