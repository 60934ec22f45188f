import { parentPort } from 'node:worker_threads';
import { type EvidenceIndex, emptyEvidence } from '../evidence';
import type { Claim } from '../types';
import { changeOfClaims } from './claimsDelta';
import { countLines, withChanges } from './editedText';
import { perform } from './perform';
import type { CheckReply, CheckRequest, CheckSettings, KeptText } from './protocol';

const held = new Map<number, EvidenceIndex>();
/** Documents that are edited, with what was last said of them. */
const kept = new Map<number, { readonly text: string; readonly claims: readonly Claim[] | null }>();

/** The text as it is now; null where it cannot be known. */
function textOf(text: KeptText): string | null {
  if ('text' in text) return text.text;
  const known = kept.get(text.document);
  if (known === undefined) return null;
  const changed = withChanges(known.text, text.changes);
  return countLines(changed) === text.lines ? changed : null;
}

function checkKept(kind: KeptText, settings: CheckSettings, evidence: EvidenceIndex): CheckReply {
  const text = textOf(kind);
  const { document } = kind;
  if (text === null) {
    kept.delete(document);
    return { type: 'lost' };
  }
  // What is sent whole stands for itself.
  const before = 'text' in kind ? null : (kept.get(document)?.claims ?? null);
  // Whatever comes of it, the next changes are made to this text.
  kept.set(document, { text, claims: before });
  const claims = perform({ ...settings, text }, evidence);
  kept.set(document, { text, claims });
  return before === null || claims === null
    ? { type: 'claims', claims }
    : { type: 'change', change: changeOfClaims(before, claims) };
}

function answer(request: CheckRequest): CheckReply | null {
  switch (request.type) {
    case 'evidence':
      held.set(request.evidence, request.index);
      return null;
    case 'forget':
      held.delete(request.evidence);
      return null;
    case 'close':
      kept.delete(request.document);
      return null;
    case 'check':
    case 'check-kept':
      try {
        const evidence = held.get(request.evidence) ?? emptyEvidence;
        if (request.type === 'check-kept') return checkKept(request.text, request.task, evidence);
        return { type: 'claims', claims: perform(request.task, evidence) };
      } catch (error) {
        return { type: 'failed', message: error instanceof Error ? error.message : String(error) };
      }
  }
}

parentPort?.on('message', (request: CheckRequest) => {
  const reply = answer(request);
  if (reply !== null) parentPort?.postMessage(reply);
});
parentPort?.postMessage({ type: 'ready' } satisfies CheckReply);
