import { isTitle } from '../run';

const scholarly = /arxiv|doi\.org|openreview|aclanthology|ieeexplore|dl\.acm|springer|proceedings|\.pdf(?:$|[?#])|^#/i;

/** Whether the text of a link names somebody else's work instead of saying something. */
export function isCitation(text: string, url: string): boolean {
  const words = text.trim().split(/\s+/).length;
  return (words >= 3 && scholarly.test(url)) || isTitle(text) || text === url;
}
