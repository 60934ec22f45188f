import { AssessmentMemory } from '../assessmentMemory';
import { checkDocument } from '../check';
import { ReadingMemory } from '../document/commonmark/memory';
import { formatOf, formatOfLanguage } from '../document/registry';
import type { EvidenceIndex } from '../evidence';
import type { Claim } from '../types';
import type { CheckTask } from './protocol';
import { isInScope } from './scope';

/** Documents whose sentences are remembered: those that a person goes back and forth between. */
const remembered = 6;
/** By path, the one used last at the end. */
const memories = new Map<string, Memory>();

interface Memory {
  readonly memory: AssessmentMemory;
  readonly reading: ReadingMemory;
}

function memoryOf(path: string): Memory {
  const memory = memories.get(path) ?? { memory: new AssessmentMemory(), reading: new ReadingMemory() };
  memories.delete(path);
  memories.set(path, memory);
  for (const old of memories.keys()) {
    if (memories.size <= remembered) break;
    memories.delete(old);
  }
  return memory;
}

/** Checks a document in this thread; null if it is out of scope. Parsers are heavy, so this is loaded when it is needed. */
export function perform(
  { text, path, settings, language, scoped, remember }: CheckTask,
  evidence: EvidenceIndex,
): Claim[] | null {
  const format = language === null ? formatOf(path) : formatOfLanguage(language, path);
  if (scoped && !isInScope(path, evidence.policies, format)) return null;
  return checkDocument(text, path, evidence, settings, {
    ...(format === null ? {} : { format }),
    ...(remember ? memoryOf(path) : {}),
  });
}
