import {
  provideVSCodeDesignSystem,
  vsCodeBadge,
  vsCodeButton,
  vsCodeProgressRing,
  vsCodeTag,
} from '@vscode/webview-ui-toolkit';
import { type Child, h, type Props } from './dom';

// The one file that knows the toolkit, which is no longer maintained: another component library goes in here.

/** Registers the components; must run before the window has loaded, when the toolkit first reads the theme. */
export function registerComponents(): void {
  provideVSCodeDesignSystem().register(vsCodeBadge(), vsCodeButton(), vsCodeProgressRing(), vsCodeTag());
}

export function button(
  props: Props & { readonly appearance?: 'primary' | 'secondary' | 'icon' },
  ...children: Child[]
): HTMLElement {
  return h('vscode-button', { ...props, appearance: props.appearance ?? 'secondary' }, ...children);
}

export function badge(text: string | number, label: string): HTMLElement {
  return h('vscode-badge', { 'aria-label': label }, text);
}

export function tag(text: string, kind: 'good' | 'bad' | 'plain'): HTMLElement {
  return h('vscode-tag', { class: `tag-${kind}` }, text);
}

export function progressRing(): HTMLElement {
  return h('vscode-progress-ring', { 'aria-hidden': 'true' });
}
