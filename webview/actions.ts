/** Called with the `data-action` and `data-value` of what was activated. */
export type ActionHandler = (action: string, value: string, source: Element) => void;

/**
 * One listener for the whole page, so that updates may replace elements freely. Also the keyboard behaviour that
 * HTML does not give by itself: arrows in tabs and menus, Escape for menus and tooltips.
 */
export function listen(root: HTMLElement, handle: ActionHandler): void {
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const source = target?.closest('[data-action]') ?? null;
    const menu = target?.closest<HTMLElement>('.menu') ?? null;
    closeMenus(root, menu);
    if (source === null || source.hasAttribute('disabled')) return;
    if (source.getAttribute('data-action') === 'menu') {
      if (menu !== null) setMenu(menu, !isOpen(menu));
      return;
    }
    if (menu !== null) setMenu(menu, false);
    handle(source.getAttribute('data-action') ?? '', source.getAttribute('data-value') ?? '', source);
  });
  root.addEventListener('keydown', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target === null) return;
    if (event.key === 'Escape') {
      target.closest('.info')?.classList.add('dismissed');
      const menu = openMenu(root);
      if (menu !== null) setMenu(menu, false);
      return;
    }
    const menu = target.closest<HTMLElement>('.menu');
    if (menu !== null) menuKey(event, menu);
    if (target.matches('[role=tab]'))
      move(event, [...(target.parentElement?.children ?? [])], 'ArrowRight', 'ArrowLeft');
  });
  for (const type of ['focusin', 'mouseover'] as const) root.addEventListener(type, ({ target }) => placeTip(target));
  for (const type of ['focusout', 'mouseout'] as const) {
    root.addEventListener(type, ({ target }) => {
      if (target instanceof Element) target.closest('.info')?.classList.remove('dismissed');
    });
  }
}

function isOpen(menu: HTMLElement): boolean {
  return menu.querySelector('[role=menu]')?.hasAttribute('hidden') === false;
}

function openMenu(root: HTMLElement): HTMLElement | null {
  return [...root.querySelectorAll<HTMLElement>('.menu')].find(isOpen) ?? null;
}

function closeMenus(root: HTMLElement, except: HTMLElement | null): void {
  const open = openMenu(root);
  if (open !== null && open !== except) setMenu(open, false);
}

function setMenu(menu: HTMLElement, open: boolean): void {
  const button = menu.querySelector<HTMLElement>('[data-action=menu]');
  const items = menu.querySelector<HTMLElement>('[role=menu]');
  items?.toggleAttribute('hidden', !open);
  button?.setAttribute('aria-expanded', String(open));
  if (open) menu.querySelector<HTMLElement>('[role=menuitem]')?.focus();
  else if (menu.contains(document.activeElement)) button?.focus();
}

function menuKey(event: KeyboardEvent, menu: HTMLElement): void {
  if (event.key === 'Tab') setMenu(menu, false);
  else if (event.key === 'ArrowDown' && !isOpen(menu)) {
    event.preventDefault();
    setMenu(menu, true);
  } else if (isOpen(menu)) move(event, [...menu.querySelectorAll('[role=menuitem]')], 'ArrowDown', 'ArrowUp');
}

/** Roving focus among `items`; a tab is also chosen when it gets the focus. */
function move(event: KeyboardEvent, items: readonly Element[], forward: string, back: string): void {
  const at = items.indexOf(document.activeElement ?? items[0] ?? document.body);
  const last = items.length - 1;
  const to = { [forward]: at === last ? 0 : at + 1, [back]: at <= 0 ? last : at - 1, Home: 0, End: last }[event.key];
  const item = to === undefined ? undefined : items[to];
  if (!(item instanceof HTMLElement)) return;
  event.preventDefault();
  item.focus();
  if (item.matches('[role=tab]')) item.click();
}

/** Keeps a tooltip within the window's width. */
function placeTip(target: EventTarget | null): void {
  const owner = target instanceof Element ? target.closest<HTMLElement>('.info') : null;
  const tip = owner?.querySelector<HTMLElement>('.tip');
  if (owner === null || owner === undefined || !tip) return;
  owner.style.setProperty('--shift', '0px');
  const { left, right } = tip.getBoundingClientRect();
  const margin = 12;
  const over = right + margin - document.documentElement.clientWidth;
  const shift = over > 0 ? -over : left < margin ? margin - left : 0;
  owner.style.setProperty('--shift', `${Math.round(shift)}px`);
}
