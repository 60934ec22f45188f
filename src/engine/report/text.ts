import { z } from 'zod';

const spread = z.strictObject({ median: z.number(), longest: z.number().int() });

/** Of a model of texts: how they are cut up, and what becomes of those in the data. */
export const textReportSchema = z.strictObject({
  tokenizer: z.strictObject({
    path: z.string(),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('Over tokenizer.json and the settings beside it.'),
    kind: z.enum(['WordPiece', 'BPE', 'Unigram', 'WordLevel']),
    vocabulary: z.number().int(),
  }),
  maxTokens: z.number().int().nullable().describe('Tokens that the model takes; what is beyond is cut off.'),
  maxTokensFrom: z.string().nullable().describe('Where that number stands.'),
  texts: z.number().int().describe('Texts that the figures below are over.'),
  characters: spread,
  tokens: spread,
  truncated: z
    .number()
    .int()
    .describe('Texts of which the model sees the beginning alone (or the end, where it is cut so).'),
  empty: z.number().int(),
  unknown: z.number().describe('Share of the tokens that stand for what is in no vocabulary.'),
});

export type TextReport = z.infer<typeof textReportSchema>;

/** One of the pieces that a text and what an attack made of it are aligned by; equal where nothing was changed. */
export const textPieceSchema = z.strictObject({ before: z.string(), after: z.string() });

/** A text before and after an attack. */
export const textChangeSchema = z.strictObject({ pieces: z.array(textPieceSchema) });
export type TextChange = z.infer<typeof textChangeSchema>;

/** What an attacker of texts left alone. */
export const editRulesReportSchema = z.strictObject({
  keepEnds: z.boolean(),
  leastLetters: z.number().int(),
  keep: z.array(z.string()),
});
