import { z } from 'zod';

const time = z.string().meta({ format: 'date-time' });

/** Schema of {@link Health}. */
export const healthSchema = z
  .object({
    status: z.enum(['ok', 'degraded', 'no-model', 'closed']).meta({
      description:
        'ok: the newest version serves. degraded: a version serves, but the last look for a newer one failed. no-model: nothing can be scored. closed: the service was closed.',
    }),
    model: z.string().meta({ description: 'Name of the model' }),
    version: z.int().nullable().meta({ description: 'Version that serves' }),
    since: time.nullable().meta({ description: 'When this version began to serve' }),
    featureSet: z.string().nullable().meta({ description: 'Version of the feature set in use' }),
    lastRefresh: time.nullable().meta({ description: 'When the registry was last asked for a newer version' }),
    failure: z
      .object({
        since: time.meta({ description: 'When it failed first' }),
        version: z
          .int()
          .nullable()
          .meta({ description: 'Version that could not be loaded; null when the registry could not be read' }),
        code: z.string(),
        message: z.string(),
      })
      .nullable()
      .meta({ description: 'Why the last look for a newer version failed' }),
  })
  .meta({
    examples: [
      {
        status: 'ok',
        model: 'fraud',
        version: 3,
        since: '2024-05-01T10:00:00.000Z',
        featureSet: '72d1b2798d56fae0',
        lastRefresh: '2024-05-01T12:30:00.000Z',
        failure: null,
      },
    ],
  });

/** State of the service. It can score when `status` is `ok` or `degraded`. */
export type Health = z.infer<typeof healthSchema>;
