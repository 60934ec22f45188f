import { parentPort } from 'node:worker_threads';
import { type EvidenceIndex, emptyEvidence } from '../evidence';
import { perform } from './perform';
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
        return { type: 'claims', claims: perform(request.task, held.get(request.evidence) ?? emptyEvidence) };
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
