export type Child = Node | string | number | null | undefined | false;

/** Attributes by name; `style` holds CSS properties, `true` an attribute without a value, `false`/`null` none. */
export interface Props {
  readonly [name: string]: string | number | boolean | null | undefined | Readonly<Record<string, string>>;
}

const SVG = 'http://www.w3.org/2000/svg';

/** An HTML element. Children become text nodes, so that nothing in a report is ever parsed as markup. */
export function h(tag: string, props: Props = {}, ...children: readonly Child[]): HTMLElement {
  return fill(document.createElement(tag), props, children);
}

/** An SVG element. */
export function svg(tag: string, props: Props = {}, ...children: readonly Child[]): SVGElement {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill<E extends HTMLElement | SVGElement>(element: E, props: Props, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'object') {
      // The policy blocks a style attribute but not the CSSOM.
      for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text);
    } else element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(typeof child === 'number' ? String(child) : child);
  }
  return element;
}
