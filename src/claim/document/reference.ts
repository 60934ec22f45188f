const year = /\b(?:19|20)\d\d[a-z]?\b/;
const label = /^\s*(?:\[[\w+.-]{1,24}\]|\(\d{1,3}\)|\d{1,3}\.)\s+\S/;
const initials = /^[^.]{0,60}?\b\p{Lu}\.(?:[ -]?\p{Lu}\.)*,? |^[^.]{0,60}?\p{L}+, \p{Lu}\./u;
const venue =
  /\barXiv\b|\bet al\b|\bproceedings\b|\bconference\b|\bjournal\b|\btransactions\b|\bworkshop\b|\bpreprint\b|\bpp?\. ?\d|\bvol\. ?\d|\bdoi\b|\b(?:NeurIPS|NIPS|ICML|ICLR|CVPR|ICCV|ECCV|AAAI|ACL|EMNLP|USENIX|IEEE|ACM)\b|["“][^"”]{15,}["”]/i;

/** Whether a paragraph or item is an entry of a list of references, by its shape: a label or names with initials, a year, a venue. */
export function isReference(plain: string): boolean {
  const head = plain.slice(0, 400);
  if (!year.test(head)) return false;
  return (
    (label.test(head) || initials.test(head)) &&
    venue.test(head) &&
    (label.test(head) || initials.test(head.slice(0, 120)))
  );
}
