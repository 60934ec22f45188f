import * as vscode from 'vscode';
import type { Notifier } from '../notify';
import { Owner } from '../owner';
import { reportOf } from './diagnostic';
import { pickFilter } from './viewFilter';
import { claimItem, claimTooltip, stateIcon, stateMeaning, stateWord } from './viewItem';
import {
  type ClaimFilter,
  type ClaimGroup,
  type ClaimState,
  filters,
  type Grouping,
  groupClaims,
  type ListedClaim,
  needsAttention,
  noFilter,
} from './viewModel';
import { revealClaim } from './viewReveal';
import type { ClaimStore } from './viewStore';

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
/** Of a group, this many are drawn at a time. */
const page = 200;
/** With more claims than this, groups are folded. */
const mostUnfolded = 100;

export type ClaimNode =
  | { readonly kind: 'group'; readonly group: ClaimGroup }
  | { readonly kind: 'claim'; readonly listed: ListedClaim }
  | { readonly kind: 'more'; readonly group: ClaimGroup; readonly left: number };

/** The Claims view: every claim of the documents that were checked, by verdict or by document. */
export class ClaimsView extends Owner implements vscode.TreeDataProvider<ClaimNode> {
  readonly #store: ClaimStore;
  readonly #tree: vscode.TreeView<ClaimNode>;
  readonly #changed = this.own(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.#changed.event;
  /** How many of a group are drawn, where it is more than a page. */
  readonly #drawn = new Map<string, number>();
  #grouping: Grouping = 'verdict';
  #filter: ClaimFilter = noFilter;
  #claims: readonly ListedClaim[] = [];
  /** The claims are others than those that were listed last. */
  #outdated = true;
  /** Something changed that was not drawn, for nobody saw the view. */
  #undrawn = false;
  /** Of the contexts that were set. */
  readonly #contexts = new Map<string, unknown>();
  #groups: readonly ClaimGroup[] = [];

  constructor(store: ClaimStore, notify: Notifier) {
    super();
    this.#store = store;
    this.#tree = this.own(
      vscode.window.createTreeView<ClaimNode>('robustness.claims', { treeDataProvider: this, showCollapseAll: true }),
    );
    this.own(store.onDidChange(() => this.#update()));
    this.own(this.#tree.onDidChangeVisibility(({ visible }) => visible && this.#undrawn && this.#draw()));
    const register = (name: string, handler: (node: ClaimNode | undefined) => unknown) => {
      this.own(vscode.commands.registerCommand(`robustness.${name}`, notify.guard(handler)));
    };
    register('claimsByDocument', () => this.#group('document'));
    register('claimsByVerdict', () => this.#group('verdict'));
    register('filterClaims', () => this.#pickFilter());
    register('clearClaimFilter', () => this.#apply(noFilter));
    register('moreClaims', (node) => node?.kind === 'more' && this.#more(node.group));
    register('revealClaim', (node) => node?.kind === 'claim' && revealClaim(node.listed));
    register('openClaimReport', (node) => node?.kind === 'claim' && openClaimReport(node.listed));
    register('fixClaim', (node) => node?.kind === 'claim' && fixClaim(node.listed));
    this.#update();
    this.#draw();
  }

  getChildren(node?: ClaimNode): ClaimNode[] {
    if (node === undefined) {
      if (this.#outdated) this.#regroup();
      return this.#groups.map((group) => ({ kind: 'group', group }));
    }
    if (node.kind !== 'group') return [];
    const { group } = node;
    const drawn = this.#drawn.get(group.key) ?? page;
    const nodes = group.claims.slice(0, drawn).map((listed): ClaimNode => ({ kind: 'claim', listed }));
    const left = group.claims.length - nodes.length;
    return left > 0 ? [...nodes, { kind: 'more', group, left }] : nodes;
  }

  getTreeItem(node: ClaimNode): vscode.TreeItem {
    switch (node.kind) {
      case 'group':
        return this.#groupItem(node.group);
      case 'claim':
        return claimItem(node.listed, this.#grouping);
      case 'more': {
        const item = new vscode.TreeItem(vscode.l10n.t('{0} more…', node.left), None);
        item.command = { command: 'robustness.moreClaims', title: vscode.l10n.t('Show More'), arguments: [node] };
        return item;
      }
    }
  }

  /** Tooltips are long; they are made for the items that someone points at. */
  resolveTreeItem(item: vscode.TreeItem, node: ClaimNode): vscode.TreeItem {
    if (node.kind === 'claim') item.tooltip = claimTooltip(node.listed);
    return item;
  }

  #groupItem({ key, claims }: ClaimGroup): vscode.TreeItem {
    const folded = this.#claims.length > mostUnfolded || key === 'supported' || key === 'suppressed';
    const state = folded && !filters(this.#filter) ? Collapsed : Expanded;
    if (this.#grouping === 'verdict') {
      const item = new vscode.TreeItem(stateWord(key as ClaimState), state);
      item.id = `verdict:${key}`;
      item.iconPath = stateIcon(key as ClaimState);
      item.description = String(claims.length);
      item.tooltip = stateMeaning(key as ClaimState);
      item.contextValue = 'group';
      return item;
    }
    const uri = vscode.Uri.parse(key, true);
    const item = new vscode.TreeItem(uri, this.#claims.length > mostUnfolded ? Collapsed : Expanded);
    item.id = `document:${key}`;
    item.label = claims[0]?.document ?? key;
    const faulty = claims.filter(({ claim }) => needsAttention(claim)).length;
    item.description = faulty === 0 ? String(claims.length) : vscode.l10n.t('{0} of {1}', faulty, claims.length);
    item.tooltip = vscode.l10n.t('Claims that need attention: {0} of {1}.', faulty, claims.length);
    item.contextValue = 'group';
    return item;
  }

  #update(): void {
    this.#outdated = true;
    const { all, faulty } = this.#store.count();
    const tooltip = vscode.l10n.t('Claims that need attention: {0} of {1}.', faulty, all);
    if (this.#tree.badge?.tooltip !== tooltip || (faulty === 0) !== (this.#tree.badge === undefined))
      this.#tree.badge = faulty === 0 ? undefined : { value: faulty, tooltip };
    this.#context('claimsKnown', all > 0);
    // A list that nobody sees is drawn when somebody does.
    this.#undrawn = !this.#tree.visible;
    if (this.#tree.visible) this.#draw();
  }

  #regroup(): void {
    if (this.#outdated) this.#claims = this.#store.list();
    this.#outdated = false;
    this.#groups = groupClaims(this.#claims, this.#grouping, this.#filter);
  }

  #draw(): void {
    this.#undrawn = false;
    this.#regroup();
    const { states, document } = this.#filter;
    const shown = [...states].map(stateWord);
    if (document !== null) shown.push(this.#claims.find(({ uri }) => uri === document)?.document ?? document);
    const message = shown.length > 0 && this.#groups.length > 0 ? vscode.l10n.t('Only: {0}', shown.join(', ')) : '';
    if (this.#tree.message !== message) this.#tree.message = message;
    this.#context('claimsGrouping', this.#grouping);
    this.#context('claimsFiltered', filters(this.#filter));
    this.#changed.fire();
  }

  #group(grouping: Grouping): void {
    this.#grouping = grouping;
    this.#draw();
  }

  async #pickFilter(): Promise<void> {
    this.#draw();
    const filter = await pickFilter(this.#claims, this.#filter);
    if (filter !== undefined) this.#apply(filter);
  }

  #apply(filter: ClaimFilter): void {
    this.#filter = filter;
    this.#draw();
  }

  #more(group: ClaimGroup): void {
    this.#drawn.set(group.key, (this.#drawn.get(group.key) ?? page) + 5 * page);
    this.#changed.fire();
  }

  #context(key: string, value: unknown): void {
    if (this.#contexts.has(key) && this.#contexts.get(key) === value) return;
    this.#contexts.set(key, value);
    void vscode.commands.executeCommand('setContext', `robustness.${key}`, value);
  }
}

async function openClaimReport({ uri, claim }: ListedClaim): Promise<void> {
  const report = reportOf(claim, vscode.Uri.parse(uri, true));
  if (report !== null) await vscode.commands.executeCommand('robustness.openReport', report.fsPath);
}

/** Goes to the sentence and offers what can be done about it. */
async function fixClaim(listed: ListedClaim): Promise<void> {
  const editor = await revealClaim(listed, false);
  if (editor === undefined) return;
  // The menu of fixes is that of the cursor's place.
  editor.selection = new vscode.Selection(editor.selection.start, editor.selection.start);
  await vscode.commands.executeCommand('editor.action.quickFix');
}
