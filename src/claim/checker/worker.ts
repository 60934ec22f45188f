import { parentPort } from 'node:worker_threads';
import { checkDocument } from '../check';
import { type EvidenceIndex, emptyEvidence } from '../evidence';
import type { CheckReply, CheckRequest } from './protocol';

const held = new Map<number, EvidenceIndex>();

function answer(request: CheckRequest): CheckReply | null {
  switch (request.type) {
    case 'evidence':
      held.set(request.evidence, request.index);
      return null;
    case 'forget':
      held.delete(request.evidence);
      return null;
    case 'check':
      try {
        const { text, path, evidence, settings } = request;
        return { type: 'claims', claims: checkDocument(text, path, held.get(evidence) ?? emptyEvidence, settings) };
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
