/**
 * Changes `live` into `fresh` in place. What did not change is not touched, so focus, scroll position, text selection
 * and open toggles survive an update. Children with the same `data-key` are the same; others match by position.
 * Attributes that `data-keep` names belong to the page once they are on it: what the reader opened stays open.
 */
export function morph(live: Element, fresh: Element): void {
  morphAttributes(live, fresh);
  // A chart draws its own canvas; a toolkit element owns what it added to itself.
  if (live.nodeName !== 'CANVAS') morphChildren(live, fresh);
}

function morphAttributes(live: Element, fresh: Element): void {
  const component = live.nodeName.includes('-') || live.nodeName === 'CANVAS';
  const kept = new Set(['style', ...(fresh.getAttribute('data-keep') ?? '').split(' ')]);
  for (const { name, value } of fresh.attributes) {
    if (!kept.has(name) && live.getAttribute(name) !== value) live.setAttribute(name, value);
  }
  for (const { name } of [...live.attributes]) {
    if (fresh.hasAttribute(name) || kept.has(name)) continue;
    // Components and charts reflect state into attributes that a fresh element does not have yet.
    if (!component || name === 'disabled') live.removeAttribute(name);
  }
  if (component || !hasStyle(live) || !hasStyle(fresh)) return;
  if (live.style.cssText !== fresh.style.cssText) live.style.cssText = fresh.style.cssText;
}

function hasStyle(element: Element): element is Element & ElementCSSInlineStyle {
  return 'style' in element;
}

function morphChildren(live: Element, fresh: Element): void {
  const keyed = new Map<string, Element>();
  for (const child of live.children) {
    const key = keyOf(child);
    if (key !== null) keyed.set(key, child);
  }
  let cursor: ChildNode | null = live.firstChild;
  for (const next of [...fresh.childNodes]) {
    const key = keyOf(next);
    const match: ChildNode | null = key === null ? cursor : (keyed.get(key) ?? null);
    if (match === null || !sameKind(match, next)) {
      live.insertBefore(next, cursor);
      continue;
    }
    if (match === cursor) cursor = cursor.nextSibling;
    else live.insertBefore(match, cursor);
    if (match instanceof Element && next instanceof Element) morph(match, next);
    else if (match.nodeValue !== next.nodeValue) match.nodeValue = next.nodeValue;
  }
  while (cursor !== null) {
    const after: ChildNode | null = cursor.nextSibling;
    cursor.remove();
    cursor = after;
  }
}

function sameKind(a: Node, b: Node): boolean {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

function keyOf(node: Node): string | null {
  return node instanceof Element ? node.getAttribute('data-key') : null;
}
