import { basename } from 'node:path';
import * as vscode from 'vscode';
import { conventionalRadius } from '../../engine/spec/radius';
import type { DataSource, Spec } from '../../engine/spec/schema';
import type { RunStore } from '../runs/store';
import { askAll, type Choice, choose, enter, type Question } from '../ui/multiStep';
import { ambiguousColumns } from './csvHeader';
import { epsilonError } from './epsilon';
import { infer } from './inference';
import { type SpecAnswers, specFrom, specPathFor } from './specFrom';

interface State extends SpecAnswers {
  readonly near: readonly DataSource[];
  readonly runs: RunStore;
  /** Columns of which a person must say which one is the label. */
  columns: readonly string[] | null;
}

/**
 * A spec for a model that has none. The data are looked for near the model, the pre-processing is proved by the clean
 * accuracy that it gives, and a person is asked for the rest alone.
 * @returns the spec and where it belongs; undefined when a question was given up
 */
export async function buildSpec(
  modelPath: string,
  root: string,
  runs: RunStore,
): Promise<{ readonly path: string; readonly spec: Spec } | undefined> {
  const { findDataNear } = await import('../../engine/data/near');
  const near = (await findDataNear(modelPath, [root])).map((candidate) => candidate.source);
  const state: State = {
    modelPath,
    near,
    runs,
    source: undefined,
    columns: null,
    inference: undefined,
    norm: 'linf',
    epsilon: undefined,
  };
  const [only] = near;
  if (near.length === 1 && only !== undefined) await useSource(state, only);
  const title = vscode.l10n.t('Evaluate {0}', basename(modelPath));
  const answers = await askAll(title, state, [whichData, whichLabels, mismatch, whichNorm, whichRadius]);
  if (answers?.source === undefined) return undefined;
  const path = specPathFor(modelPath, answers.source.path, root);
  return { path, spec: specFrom(answers, answers.source, path) };
}

async function useSource(state: State, source: DataSource): Promise<void> {
  state.source = source;
  state.columns = source.labels === undefined ? await ambiguousColumns(source.path) : null;
  state.inference = undefined;
  if (state.columns === null) await prove(state, source);
}

async function prove(state: State, source: DataSource): Promise<void> {
  state.inference = await infer(state.runs, state.modelPath, source.path);
  // Characters are edited; values are changed.
  const texts = state.inference?.facts.kind === 'text';
  if (texts) state.norm = 'edits';
  else if (state.norm === 'edits') state.norm = 'linf';
}

const whichData: Question<State> = {
  applies: (state) => state.near.length !== 1,
  async ask(state, step) {
    type Pick = DataSource | 'file' | 'folder';
    const choices: Choice<Pick>[] = state.near.map((source) => ({
      label: basename(source.path),
      description: vscode.workspace.asRelativePath(source.path),
      iconPath: new vscode.ThemeIcon('database'),
      value: source,
    }));
    choices.push(
      {
        label: vscode.l10n.t('Browse for a file…'),
        detail: vscode.l10n.t('npz, npy, csv, MNIST IDX, CIFAR-10 binary'),
        iconPath: new vscode.ThemeIcon('file'),
        value: 'file',
      },
      {
        label: vscode.l10n.t('Browse for a folder…'),
        detail: vscode.l10n.t('Images, one sub-folder a class'),
        iconPath: new vscode.ThemeIcon('folder'),
        value: 'folder',
      },
    );
    const active = choices.find((choice) => choice.value === state.source);
    const answer = await choose(
      step,
      vscode.l10n.t('Which labelled data should it be tested on? The model must not have been trained on them.'),
      choices,
      active,
    );
    if (answer === undefined || answer === 'back') return answer;
    const source = typeof answer.value === 'string' ? await browse(answer.value) : answer.value;
    if (source === undefined) return undefined;
    await useSource(state, source);
    return 'next';
  },
};

async function browse(kind: 'file' | 'folder'): Promise<DataSource | undefined> {
  const picked = await vscode.window.showOpenDialog({
    canSelectFiles: kind === 'file',
    canSelectFolders: kind === 'folder',
    openLabel: vscode.l10n.t('Use as Test Data'),
  });
  return picked?.[0] === undefined ? undefined : { path: picked[0].fsPath };
}

const whichLabels: Question<State> = {
  applies: (state) => state.columns !== null,
  async ask(state, step) {
    const { columns, source } = state;
    if (columns === null || source === undefined) return 'next';
    // Most tables have the label last, so it is offered first.
    const choices = columns.map((name) => ({ label: name, value: name })).reverse();
    const answer = await choose(step, vscode.l10n.t('Which column is the label?'), choices);
    if (answer === undefined || answer === 'back') return answer;
    state.source = { ...source, labels: answer.value };
    // The proof reads the table as the reader does by itself, with the label last; otherwise the evaluation proves.
    if (answer.value === columns.at(-1)) await prove(state, source);
    return 'next';
  },
};

const mismatch: Question<State> = {
  applies: (state) => state.inference?.atChance === true,
  async ask(state, step) {
    const choices: Choice<boolean>[] = [
      { label: vscode.l10n.t('Choose other data'), value: false },
      { label: vscode.l10n.t('Write the spec all the same'), detail: state.inference?.message ?? '', value: true },
    ];
    const answer = await choose(
      step,
      vscode.l10n.t('Model and data do not match: the accuracy is no better than guessing.'),
      choices,
    );
    if (answer === undefined || answer === 'back') return answer;
    if (answer.value) return 'next';
    const source = await browse('file');
    if (source === undefined) return undefined;
    await useSource(state, source);
    return 'again';
  },
};

const whichNorm: Question<State> = {
  applies: (state) => state.norm !== 'edits',
  async ask(state, step) {
    const choices: Choice<'linf' | 'l2'>[] = [
      { label: 'L∞', description: 'linf', detail: vscode.l10n.t('Each value by at most ε'), value: 'linf' },
      { label: 'L2', description: 'l2', detail: vscode.l10n.t('All together by a length of at most ε'), value: 'l2' },
    ];
    const placeholder = vscode.l10n.t('How may an attacker change an input?');
    const answer = await choose(
      step,
      placeholder,
      choices,
      choices.find((choice) => choice.value === state.norm),
    );
    if (answer === undefined || answer === 'back') return answer;
    if (answer.value !== state.norm) state.epsilon = undefined;
    state.norm = answer.value;
    return 'next';
  },
};

const whichRadius: Question<State> = {
  applies: () => true,
  async ask(state, step) {
    const facts = state.inference?.facts;
    const range = facts?.storedRange ?? null;
    const scaled =
      facts === undefined || range === null ? null : ([range[0] / facts.unit, range[1] / facts.unit] as const);
    const usual = conventionalRadius(state.norm, facts?.kind ?? null, facts?.shape ?? null, scaled);
    const radius =
      state.norm === 'edits'
        ? vscode.l10n.t('ε: characters of a text that may be edited. {0}: {1}.', usual.text, usual.reason)
        : vscode.l10n.t('ε in data units, before normalisation. {0}: {1}.', usual.text, usual.reason);
    // What was found out is said where it can still be doubted: before anything is written.
    const prompt = state.inference === undefined ? radius : `${state.inference.message} ${radius}`;
    const answer = await enter(step, prompt, state.epsilon ?? usual.text, epsilonError);
    if (answer === undefined || answer === 'back') return answer;
    state.epsilon = answer.value;
    return 'next';
  },
};
