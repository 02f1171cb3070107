import { z } from 'zod';
import { DECISIONS } from './decision-policy.js';

/** Schema of {@link Scored}. */
export const scoredSchema = z
  .object({
    transactionId: z
      .union([z.string(), z.number(), z.null()])
      .meta({ description: "The transaction's id; null when transactions have none" }),
    score: z.number().min(0).max(1).meta({ description: 'Probability of fraud' }),
    decision: z.enum(DECISIONS).meta({ description: "What the model's policy does at this score" }),
    model: z.string().meta({ description: 'Name of the model' }),
    modelVersion: z.int().min(1).meta({ description: 'Version of the model that scored' }),
    features: z
      .record(z.string(), z.number().nullable())
      .optional()
      .meta({ description: 'Feature values before scaling, null is missing; only when the service is told to give them' }),
  })
  .meta({ examples: [{ transactionId: 10, score: 0.0123, decision: 'approve', model: 'fraud', modelVersion: 3 }] });

/** The answer for one transaction. */
export type Scored = z.infer<typeof scoredSchema>;
