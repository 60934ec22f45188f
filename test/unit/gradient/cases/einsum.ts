import fc from 'fast-check';
import type { Constant } from '../../../../src/engine/onnx/tensor';
import type { SingleNode } from '../singleNode';
import { type Cases, constant, dim, normal, seed, values } from './draw';

export const einsumCases: Cases = {};

/** Equations with what is particular about them; sizes are drawn for each letter, three axes at most hide in an ellipsis. */
const equations = [
  'ij,jk->ik',
  'ij,jk',
  'bij,bjk->bik',
  'bhqd,bhkd->bhqk',
  'bqhd,bkhd->bhqk',
  'ij->ji',
  'ba',
  'ij->',
  'ij->i',
  'ij->j',
  'i,i',
  'i,i->i',
  'i,j->ij',
  'i,j->',
  // Diagonals: of what is differentiated, of the other operand, threefold.
  'ii->i',
  'ii->',
  'ii',
  'iij->ji',
  'iij,j->i',
  'iii->i',
  'ijij->ij',
  'ij,jj->i',
  // Letters that are summed in one operand alone.
  'ij,k->i',
  'ij,ik->k',
  'ii,jk->k',
  // Three operands.
  'ij,jk,kl->il',
  'i,ij,j->',
  'bi,bj,ijk->bk',
  'i,i,i->i',
  // Ellipses.
  '...ij,...jk->...ik',
  '...ij,jk->...ik',
  '...i->...',
  '...ij->...ji',
  'i...->...i',
  'i...j,j->...i',
  '...,...->...',
  '...ij,...j',
  ' i j , j k -> i k ',
];

einsumCases.Einsum = fc
  .record({
    equation: fc.constantFrom(...equations),
    sizes: fc.array(dim, { minLength: 26, maxLength: 26 }),
    hidden: fc.nat(2),
    ones: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 24, maxLength: 24 }),
    which: fc.nat(2),
    weights: fc.boolean(),
    seed,
  })
  .map(({ equation, sizes, hidden, ones, which, weights, seed }): SingleNode => {
    const terms = equation.replaceAll(' ', '').split('->')[0]!.split(',');
    const repeats = terms.some((term) => new Set(term.replaceAll('.', '')).size < term.replaceAll('.', '').length);
    let at = 0;
    const shapes = terms.map((term) =>
      [...term.replace('...', '#')].flatMap((letter) => {
        // One element broadcasts against the others' size; a diagonal wants its axes alike.
        const draw = (size: number) => (!repeats && terms.length > 1 && ones[at++ % ones.length] === 0 ? 1 : size);
        if (letter !== '#') return [draw(sizes[letter.charCodeAt(0) - 97]!)];
        // As many in each operand: ONNX Runtime refuses others, or crashes.
        return sizes.slice(26 - hidden).map(draw);
      }),
    );
    const x = which % terms.length;
    const inputs = shapes.map((dims, i): 'x' | Constant => (i === x ? 'x' : constant(dims, seed + i)));
    return {
      op: 'Einsum',
      x: { dims: shapes[x]!, data: values(shapes[x]!, seed, normal) },
      inputs,
      ...(weights ? { weights: inputs.flatMap((input, i) => (input === 'x' ? [] : [i])) } : {}),
      attributes: { equation },
    };
  });
