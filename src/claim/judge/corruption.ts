import type { Figure } from '../../engine/report/schema';
import type { EvidenceReport } from '../evidence';
import type { StatedFigure } from '../extract';
import {
  agrees,
  complement,
  contradicted,
  exceeds,
  fallsShort,
  gravest,
  interval,
  overreaching,
  share,
  supported,
  unsupported,
} from './agree';
import { changed } from './change';
import { spatial } from './spatial';
import { isShare, quantityOf } from './stated';
import type { Measured, ModelSubject, Outcome } from './types';
import { pitfallPointer, voidedBy } from './void';

/** What prose calls a corruption, and the names in a report that are it. */
const families: readonly (readonly [title: string, prose: RegExp, names: RegExp])[] = [
  ['Gaussian noise', /\bgaussian (?:white )?noise|\b(?:additive )?white noise|\bawgn\b/i, /gauss\w*_noise|^noise$/],
  ['shot noise', /\b(?:shot|poisson) noise/i, /shot|poisson/],
  ['impulse noise', /\bimpulse noise|\bsalt[- ]and[- ]pepper/i, /impulse|salt/],
  ['speckle noise', /\bspeckle/i, /speckle/],
  ['uniform noise', /\buniform noise/i, /uniform_noise/],
  ['noise', /\bnois(?:e|y|iness)\b/i, /noise/],
  ['Gaussian blur', /\bgaussian blur/i, /gauss\w*_blur/],
  ['defocus blur', /\bdefocus/i, /defocus/],
  ['motion blur', /\bmotion[- ]blur/i, /motion/],
  ['zoom blur', /\bzoom[- ]blur/i, /zoom/],
  ['glass blur', /\b(?:frosted )?glass blur/i, /glass/],
  ['blur', /\bblur/i, /blur|defocus/],
  ['snow', /\bsnow/i, /snow/],
  ['frost', /\bfrost(?!ed glass)/i, /frost/],
  ['fog', /\bfog|\bhaz[ey]|\bmist/i, /fog|haze/],
  ['rain', /\brain(?:y|ing|fall|drops?)?\b/i, /rain|spatter/],
  ['low light', /\blow[- ]?light|\bdark(?:ness|ened)?\b|\bat night\b|\bunder-?expos/i, /dark|low_light|night/],
  ['brightness', /\bbright|\blighting|\billuminat|\bexposure/i, /bright|illumin|expos/],
  ['contrast', /\bcontrast\b/i, /contrast/],
  ['saturation', /\b(?:de)?saturat/i, /saturat/],
  ['JPEG compression', /\bjpe?g|\bcompress/i, /jpeg|compress/],
  ['pixelation', /\bpixelat|\blow[- ]resolution/i, /pixelat|resol/],
  ['elastic deformation', /\belastic/i, /elastic/],
  ['occlusion', /\bocclu|\bcut-?out\b/i, /occlu|cutout|patch|erase/],
];

/** Benchmarks of corruptions, which are data of their own. */
const benchmark = /\b(?:Tiny-?)?(?:ImageNet|CIFAR-?100?|MNIST|COCO|Cityscapes|KITTI)-(?:C|C-bar|3DCC|P)\b/;

/** The size of a disturbance in another way than by severity. */
const sized =
  /σ|\bsigma\b|\bstd\b|\bstandard deviation|\bsnr\b|\d\s?dB\b|\bquality (?:factor )?\d|\b\d+ ?% of (?:the )?pixels|\bkernel\b|\bradius\b/i;

interface Row extends Measured {
  readonly severity: number;
}

function severitiesOf(text: string): readonly number[] | null {
  const match =
    /\bseverit(?:y|ies)(?: levels?)?(?: of| =)? ?([1-5](?:(?:, ?| ?(?:and|to|through|[-–]) ?)[1-5])*)/i.exec(text);
  if (!match) return null;
  const digits = match[1]!.match(/[1-5]/g)!.map(Number);
  const range = /to|through|[-–]/.test(match[1]!);
  return range ? [1, 2, 3, 4, 5].filter((one) => one >= digits[0]! && one <= digits.at(-1)!) : digits;
}

/** A claim about corruptions, against those that a report measured. */
export function corruption(claim: ModelSubject, report: EvidenceReport): Outcome {
  const { sentence, facts } = claim;
  const bySpace = spatial(claim, report);
  if (bySpace) return bySpace;
  const measured = report.corruptions;
  if (!measured) return unsupported('The report of this model measured no corruption; evaluate with corruptions.');
  const bench = benchmark.exec(sentence.plain)?.[0];
  const shift = bench && report.shifts.findIndex(({ name }) => name.toLowerCase() === bench.toLowerCase());
  if (bench && shift !== undefined && shift !== '' && shift < 0)
    return overreaching(
      `This claims a result on ${bench}, but the report corrupted its own test data; evaluate on ${bench}, or say so.`,
    );
  const named = namedFamilies(sentence.plain);
  const severities = severitiesOf(sentence.plain);
  const rows = rowsOf(measured.byCorruption);
  const missing = named.find(([, , names]) => !rows.some(({ name }) => names.test(name)));
  if (missing)
    return overreaching(`The report did not measure ${missing[0]}; evaluate with it, or claim what was measured.`);
  const meant = rows.filter(
    ({ name, row }) =>
      named.some(([, , names]) => names.test(name)) && (severities === null || severities.includes(row.severity)),
  );
  if (named.length > 0 && severities !== null && meant.length === 0)
    return overreaching(
      `The report did not measure ${named.map(([title]) => title).join(', ')} at severity ${severities.join(', ')}; evaluate there, or claim what was measured.`,
    );
  const stated = facts.figures.filter(
    (figure) => (figure.role === 'robust' || figure.role === 'plain' || figure.role === 'other') && isShare(figure),
  );
  // "92 % accuracy, 65 % under noise": the first need not say that it is clean.
  const clean = (figure: StatedFigure) =>
    figure.role === 'plain' && report.clean !== null && agrees(figure, report.clean);
  const robust = stated.some((figure) => !clean(figure)) ? stated.filter((figure) => !clean(figure)) : stated;
  const changes = facts.figures.filter(({ role }) => role === 'change');
  if (stated.length === 0 && changes.length === 0)
    return unsupported(
      'The claim gives no figure that could be held against the report; state the accuracy under the corruption.',
    );
  const fault = voidedBy(report, 'clean');
  if (fault)
    return contradicted(`The evaluation behind this figure is void: ${fault.message}`, pitfallPointer(report, fault));
  const overall = named.length !== 1 || /\b(?:mean|averaged?|overall)\b/i.test(sentence.plain);
  const of = named.map(([title]) => title).join(', ') || 'corruptions';
  const outcomes = [
    ...robust.map((figure) => {
      const quantity = quantityOf(sentence.plain, figure, facts.figures);
      const figures = figuresOf(measured, meant, quantity, overall && severities === null);
      return judgeFigure(figure, figures, of, severities !== null || sized.test(sentence.plain));
    }),
    ...changes.map((figure) => {
      const sides = figuresOf(measured, meant, 'accuracy', overall && severities === null);
      return changed(claim, report, figure, sides.length === 1 ? sides[0]! : null, null);
    }),
  ];
  return gravest(outcomes)!;
}

/** A particular kind of noise is not noise at large. */
function namedFamilies(text: string): (typeof families)[number][] {
  const found: (typeof families)[number][] = [];
  let rest = text;
  for (const family of families) {
    const all = new RegExp(family[1].source, 'gi');
    if (!all.test(rest)) continue;
    found.push(family);
    rest = rest.replace(all, (hit) => ' '.repeat(hit.length));
  }
  return found;
}

type MeasuredRow = NonNullable<EvidenceReport['corruptions']>['byCorruption'][number];

function rowsOf(rows: readonly MeasuredRow[]): { name: string; row: MeasuredRow; place: number }[] {
  return rows.map((row, place) => ({ name: row.name, row, place }));
}

/** The measured figures that a stated one may mean. */
function figuresOf(
  measured: NonNullable<EvidenceReport['corruptions']>,
  meant: readonly { row: MeasuredRow; place: number }[],
  quantity: ReturnType<typeof quantityOf>,
  overall: boolean,
): Row[] {
  const rows = (field: 'accuracy' | 'stability', as: (figure: Figure) => Figure) =>
    meant.flatMap(({ row, place }): Row[] => {
      const figure = row[field];
      const pointer = `/corruptions/byCorruption/${place}/${field}`;
      return figure
        ? [{ figure: as(figure), pointer, at: `${row.name}, severity ${row.severity}`, severity: row.severity }]
        : [];
    });
  const whole = (figure: Figure | null | undefined, name: string, at: string): Row[] =>
    figure ? [{ figure, pointer: `/corruptions/${name}`, at, severity: 0 }] : [];
  switch (quantity) {
    case 'mce':
      return whole(measured.mCE, 'mCE', 'mean corruption error');
    case 'stability':
      return [
        ...rows('stability', (one) => one),
        ...(overall ? whole(measured.stabilityIndex, 'stabilityIndex', 'stability index') : []),
      ];
    case 'error':
      return [
        ...rows('accuracy', complement),
        ...(overall ? whole(complement(measured.meanAccuracy), 'meanAccuracy', 'mean error') : []),
      ];
    case 'accuracy':
      return [
        ...rows('accuracy', (one) => one),
        ...(overall ? whole(measured.meanAccuracy, 'meanAccuracy', 'mean of all') : []),
      ];
    default:
      return [];
  }
}

function judgeFigure(figure: StatedFigure, figures: readonly Row[], of: string, sizeStated: boolean): Outcome {
  if (figures.length === 0)
    return unsupported('The report did not take this measure under corruptions; state the accuracy.');
  const match = figures.filter((one) => agrees(figure, one.figure));
  const first = match[0];
  if (first) {
    // The mildest of several severities is no figure for the corruption.
    const harsher = figures.filter(
      (one) => one.severity > Math.max(...match.map(({ severity }) => severity)) && exceeds(figure, one.figure),
    );
    const worst = harsher.at(-1);
    if (!sizeStated && worst && match.every(({ severity }) => severity > 0))
      return overreaching(
        `This holds at severity ${first.severity}, but the report measured ${interval(worst.figure)} at severity ${worst.severity}; state the severity, or the mean over them.`,
        first.pointer,
      );
    return supported(first.pointer);
  }
  const sorted = [...figures].sort((a, b) => a.figure.value - b.figure.value);
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  if (!exceeds(figure, high.figure) && !fallsShort(figure, low.figure))
    return unsupported(
      `The report measured ${share(low.figure.value)} to ${share(high.figure.value)} under ${of}, and not this figure; state the severity.`,
      low.pointer,
    );
  const nearest = exceeds(figure, high.figure) ? high : low;
  return contradicted(
    `The report measured ${share(low.figure.value)} to ${share(high.figure.value)} under ${of}, not ${share(figure.value)}; correct the figure.`,
    nearest.pointer,
    [{ figure, measured: nearest.figure }],
  );
}
