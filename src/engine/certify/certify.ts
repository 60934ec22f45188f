import type { ExecutionProvider } from '../runtime';
import { falsify } from './falsify';
import { openNetwork } from './network';
import { readVnnlib } from './vnnlib';

/** What is known of a property: proved, refuted by a counterexample, or neither. */
export type Verdict = 'robust' | 'falsified' | 'unknown';

export interface Certificate {
  readonly verdict: Verdict;
  /** How the verdict came about: `search` for counterexamples, `empty` where no input fulfils the property's conditions. */
  readonly method: 'search' | 'empty';
  /** From opening the files on. */
  readonly seconds: number;
  /** A proved bound; null: search proves nothing. */
  readonly bound: null;
  readonly counterexample: {
    /** X_0 … */
    readonly input: readonly number[];
    /** Y_0 …, as the untouched model file returned them for this input. */
    readonly output: readonly number[];
    /** By how much the tightest of the conditions holds, in units of the output; null where the outputs are free. */
    readonly margin: number | null;
    /** Inputs whose interval holds no float32 number; they have the nearest one. */
    readonly rounded: readonly number[];
  } | null;
  readonly forwards: number;
  readonly backwards: number;
  /** Operators without a gradient, for which the search had to do without. */
  readonly unavailable: readonly string[];
}

export interface CertifyOptions {
  /** Seconds, from opening the files on. */
  readonly timeout: number;
  readonly seed: number;
  readonly threads?: number;
  readonly provider?: ExecutionProvider;
}

/**
 * Looks for a counterexample to a VNN-LIB property and has it confirmed by the untouched model file.
 *
 * @throws `vnnlib/*`, `model/*`, `certify/*`
 */
export async function certifyProperty(
  modelPath: string,
  propertyPath: string,
  options: CertifyOptions,
): Promise<Certificate> {
  const start = performance.now();
  const { timeout, seed, ...runtime } = options;
  const property = await readVnnlib(propertyPath);
  const seconds = () => (performance.now() - start) / 1000;
  const nothing = { bound: null, counterexample: null, forwards: 0, backwards: 0, unavailable: [] } as const;
  const network = await openNetwork(modelPath, property, runtime);
  try {
    if (property.regions.length === 0) return { verdict: 'robust', method: 'empty', seconds: seconds(), ...nothing };
    const found = await falsify(network, property, { seed, deadline: start + 1000 * timeout });
    const { counterexample, forwards, backwards } = found;
    return {
      verdict: counterexample ? 'falsified' : 'unknown',
      method: 'search',
      seconds: seconds(),
      bound: null,
      counterexample: counterexample && {
        input: Array.from(counterexample.input),
        output: Array.from(counterexample.output),
        margin: counterexample.margin,
        rounded: counterexample.rounded,
      },
      forwards,
      backwards,
      unavailable: network.unavailable,
    };
  } finally {
    await network.release();
  }
}
