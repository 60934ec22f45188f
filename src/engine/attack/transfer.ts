import { apgdCe } from './apgd';
import { goalOf } from './goal';
import { unsuitable } from './request';
import type { Attack, AttackRequest, Oracle } from './types';

/**
 * Adversarial examples of another model, tried on this one (Papernot et al. 2016): it breaks what hides its gradients or its
 * scores, since it looks at neither. Auto-PGD climbs the other model's loss to the end of its budget; to stop at its boundary
 * would give points that only just fool it, which transfer badly.
 *
 * Passes through the other model are not counted: the attacker has it.
 *
 * @param name of the other model.
 */
export function transferAttack(name: string, surrogate: Oracle): Attack {
  const source = 'Papernot, McDaniel & Goodfellow, Transferability in Machine Learning, 2016; climbed by Auto-PGD';
  const attack: Attack = {
    name: 'transfer',
    title: `Transfer from ${name}`,
    needs: 'labels',
    norms: apgdCe.norms,
    targeted: true,
    defaults: { iterations: 50, restarts: 1, queries: 0 },
    source,
    run: (request) => transfer(request, surrogate),
  };
  return attack;
}

/** Why the examples of a model cannot be tried on another, as a clause; null if they can. */
export function transferObstacle(
  target: Oracle,
  surrogate: Oracle,
  norm: AttackRequest['threat']['norm'],
): string | null {
  if (String(surrogate.exampleShape) !== String(target.exampleShape)) return 'it takes examples of another shape';
  if (surrogate.classes !== target.classes) return `it has ${surrogate.classes} classes in place of ${target.classes}`;
  return unsuitable(apgdCe, { norm, classes: surrogate.classes, differentiable: surrogate.differentiable });
}

async function transfer(request: AttackRequest, surrogate: Oracle): ReturnType<Attack['run']> {
  const { oracle, x, y } = request;
  const { adversarial, lossTrace } = await apgdCe.run({ ...request, oracle: neverBroken(surrogate) });
  const success = new Uint8Array(y.length);
  const goal = goalOf(request);
  if (y.length > 0) {
    const logits = await oracle.logits(adversarial);
    for (let i = 0; i < y.length; i++) if (goal.reached(logits, i, i)) success[i] = 1;
  }
  return { adversarial: y.length > 0 ? adversarial : x.slice(), success, lossTrace };
}

/** A model that seems right everywhere, so that an attack spends its budget; losses and gradients are its own. */
function neverBroken(oracle: Oracle): Oracle {
  const { classes } = oracle;
  return {
    classes,
    exampleShape: oracle.exampleShape,
    exampleSize: oracle.exampleSize,
    ...(oracle.free === undefined ? {} : { free: oracle.free }),
    differentiable: oracle.differentiable,
    batchSize: oracle.batchSize,
    counts: oracle.counts,
    logits: (x) => oracle.logits(x),
    async gradient(x, y, loss, aim) {
      const result = await oracle.gradient(x, y, loss, aim);
      const logits = result.logits.slice();
      for (let i = 0; i < y.length; i++) logits[i * classes + y[i]!] = Number.MAX_VALUE;
      return { ...result, logits };
    },
  };
}
