import * as vscode from 'vscode';
import type { EvaluationRequest } from '../../engine/evaluate/target';
import type { Preset } from '../settings';
import { askAll, type Choice, choose, enter, type Question } from '../ui/multiStep';
import { epsilonError } from './epsilon';

type Options = Pick<EvaluationRequest, 'preset' | 'norm' | 'epsilon' | 'limit'>;
type State = { -readonly [K in keyof Options]: Options[K] };

/** Preset, norm, ε and number of examples, asked one after the other; undefined when given up. */
export function askOptions(): Promise<Options | undefined> {
  return askAll<State>(vscode.l10n.t('Evaluate with Options'), {}, [preset, norm, epsilon, limit]);
}

const preset: Question<State> = {
  applies: () => true,
  async ask(state, step) {
    const choices: Choice<Preset | null>[] = [
      { label: vscode.l10n.t('As the spec says'), value: null },
      {
        label: vscode.l10n.t('Quick'),
        detail: vscode.l10n.t('Few iterations, one restart: a first look'),
        value: 'quick',
      },
      {
        label: vscode.l10n.t('Standard'),
        detail: vscode.l10n.t('The attacks that a paper should report'),
        value: 'standard',
      },
      {
        label: vscode.l10n.t('Thorough'),
        detail: vscode.l10n.t('More restarts and queries: takes the longest'),
        value: 'thorough',
      },
    ];
    const answer = await choose(step, vscode.l10n.t('How strong should the attacks be?'), choices);
    if (answer === undefined || answer === 'back') return answer;
    if (answer.value === null) delete state.preset;
    else state.preset = answer.value;
    return 'next';
  },
};

const norm: Question<State> = {
  applies: () => true,
  async ask(state, step) {
    const choices: Choice<'linf' | 'l2' | null>[] = [
      { label: vscode.l10n.t('As the spec says'), value: null },
      { label: 'L∞', description: 'linf', detail: vscode.l10n.t('Each value may change by at most ε'), value: 'linf' },
      {
        label: 'L2',
        description: 'l2',
        detail: vscode.l10n.t('The change as a whole has a length of at most ε'),
        value: 'l2',
      },
    ];
    const answer = await choose(step, vscode.l10n.t('What may an attacker change?'), choices);
    if (answer === undefined || answer === 'back') return answer;
    delete state.norm;
    delete state.epsilon;
    if (answer.value !== null) state.norm = answer.value;
    return 'next';
  },
};

const epsilon: Question<State> = {
  // A radius means nothing without its norm.
  applies: (state) => state.norm !== undefined,
  async ask(state, step) {
    const prompt = vscode.l10n.t('ε in data units, before normalisation: a number, or a fraction such as 8/255');
    const answer = await enter(step, prompt, state.epsilon ?? (state.norm === 'l2' ? '0.5' : '8/255'), epsilonError);
    if (answer === undefined || answer === 'back') return answer;
    state.epsilon = answer.value;
    return 'next';
  },
};

const limit: Question<State> = {
  applies: () => true,
  async ask(state, step) {
    const prompt = vscode.l10n.t('Evaluate at most this many examples; leave empty for what the spec says');
    const answer = await enter(step, prompt, state.limit?.toString() ?? '', (text) =>
      /^\s*([1-9]\d*)?\s*$/.test(text) ? undefined : vscode.l10n.t('A whole number above 0, or nothing.'),
    );
    if (answer === undefined || answer === 'back') return answer;
    if (answer.value === '') delete state.limit;
    else state.limit = Number(answer.value);
    return 'next';
  },
};
