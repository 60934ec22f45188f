import { RobustnessError } from '../error';
import { apgdCe, apgdDlr } from './apgd';
import { apgdTargeted } from './apgdTargeted';
import { corner } from './corner';
import { cw } from './cw';
import { ddn } from './ddn';
import { deepfool } from './deepfool';
import { editsBeam } from './editsBeam';
import { editsRandom } from './editsRandom';
import { fab } from './fab';
import { fabT } from './fabT';
import { fgsm } from './fgsm';
import { fmn } from './fmn';
import { hopSkipJump } from './hopskipjump';
import { multiTargeted } from './multiTargeted';
import { pgdOdi } from './odi';
import { pgd } from './pgd';
import { rays } from './rays';
import { sigmaZero } from './sigmaZero';
import { sparseRs } from './sparseRs';
import { square } from './square';
import { surfree } from './surfree';
import type { Attack } from './types';

/** Every attack, weakest first; the cheap ones thin the batch for those that follow. */
export const attacks: readonly Attack[] = [
  fgsm,
  pgd,
  apgdCe,
  apgdDlr,
  apgdTargeted,
  pgdOdi,
  multiTargeted,
  corner,
  deepfool,
  fabT,
  fab,
  ddn,
  fmn,
  cw,
  square,
  sigmaZero,
  sparseRs,
  rays,
  surfree,
  hopSkipJump,
  editsBeam,
  editsRandom,
];

/** @throws `attack/unknown` for a name that is not registered. */
export function attackByName(name: string): Attack {
  const found = attacks.find((attack) => attack.name === name);
  if (found) return found;
  throw new RobustnessError(
    'attack/unknown',
    `There is no attack called "${name}".`,
    `Choose one of ${attacks.map((attack) => attack.name).join(', ')}.`,
  );
}
