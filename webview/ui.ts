import { provideVSCodeDesignSystem, vsCodeButton } from '@vscode/webview-ui-toolkit';
import { type Child, h, type Props } from './dom';

// The one file that knows the toolkit, which is no longer maintained: another component library goes in here.
//
// Its badge, tag and progress ring are not used: their templates hold a `style` attribute, which a content security
// policy without `unsafe-inline` blocks. What stands for them is plain HTML, in `parts.ts`.

/** Registers the components; must run before the window has loaded, when the toolkit first reads the theme. */
export function registerComponents(): void {
  provideVSCodeDesignSystem().register(vsCodeButton());
}

export function button(
  props: Props & { readonly appearance?: 'primary' | 'secondary' },
  ...children: Child[]
): HTMLElement {
  return h('vscode-button', { ...props, appearance: props.appearance ?? 'secondary' }, ...children);
}
