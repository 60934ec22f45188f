import * as vscode from 'vscode';
import { type RuleSettings, readRuleSettings } from '../claim/severity';
import type { EvaluationRequest } from '../engine/evaluate/target';

export type Preset = 'quick' | 'standard' | 'thorough';
export type SeverityCap = 'error' | 'warning' | 'information';

/** The settings, read when they are needed: a change needs no restart. */
export function claimSettings(scope: vscode.Uri): { readonly enable: boolean; readonly severity: SeverityCap } {
  const section = vscode.workspace.getConfiguration('robustness.claims', scope);
  return { enable: section.get('enable', true), severity: section.get<SeverityCap>('severity', 'error') };
}

/** Severities by rule; the editor of settings marks names that no rule has, and they have no effect. */
export function claimRuleSettings(scope: vscode.Uri): RuleSettings {
  const written = vscode.workspace
    .getConfiguration('robustness.claims', scope)
    .get<Record<string, unknown>>('rules', {});
  return readRuleSettings(Object.entries(written ?? {})).settings;
}

/** `undefined` where the evaluation spec decides. */
export function evaluationSettings(scope: vscode.Uri): {
  readonly preset?: Preset;
  readonly limit?: number;
  readonly provider?: NonNullable<EvaluationRequest['provider']>;
  readonly threads?: number;
} {
  const section = vscode.workspace.getConfiguration('robustness.evaluation', scope);
  const preset = section.get<Preset | 'specification'>('preset', 'specification');
  const limit = section.get('limit', 0);
  const provider = section.get<NonNullable<EvaluationRequest['provider']>>('executionProvider', 'cpu');
  const threads = section.get('threads', 0);
  return {
    ...(preset === 'specification' ? {} : { preset }),
    ...(limit > 0 ? { limit } : {}),
    ...(provider === 'cpu' ? {} : { provider }),
    ...(threads > 0 ? { threads } : {}),
  };
}
