import { readFile } from 'node:fs/promises';
import { RobustnessError } from '../error';
import type { DataSource } from '../spec/schema';
import { fileBytes, fileSize, readExactly } from './bytes';
import { labelledFiles } from './folder';
import type { ExampleSource } from './source';
import type { AnswerKind } from './targets';
import { parseWav, type Wav, type WavHeader, wavSamples } from './wav';

/** A recording is held in memory while it is read. */
const mostBytes = 2 ** 28;
/** The samples begin within these in all but odd files. */
const headBytes = 4096;
const wavFiles = { pattern: /\.wav$/i, noun: 'WAV files' } as const;

/**
 * Recordings in one sub-folder a class, or listed with their labels in a `labels.csv`. All have the same rate and the
 * same channels; recordings of different lengths are cut or filled up to `frames`, where the spec states them.
 *
 * @throws RobustnessError `data/…`
 */
export async function openWavFolder(
  path: string,
  source: DataSource,
  classes: readonly string[] | null,
  answers: AnswerKind = 'labels',
): Promise<ExampleSource> {
  const found = await labelledFiles(path, classes, answers, wavFiles);
  const { files } = found;
  const [first, ...others] = files;
  if (first === undefined) throw new RangeError('a folder without files is refused before');
  const wav = await readHeader(first.path);
  let [shortest, longest, float] = [wav.frames, wav.frames, wav.float];
  for (const { path: file } of others) {
    const next = await readHeader(file);
    mustAgree(wav, first.path, next, file);
    shortest = Math.min(shortest, next.frames);
    longest = Math.max(longest, next.frames);
    float ||= next.float;
  }
  const frames = source.frames ?? wav.frames;
  if (source.frames === undefined && shortest !== longest) {
    throw new RobustnessError(
      'data/wav-lengths',
      `The recordings in ${path} have different lengths, from ${shortest} to ${longest} frames.`,
      'State `frames` in the data source: longer ones are cut at the end, shorter ones filled up with silence.',
    );
  }
  if (source.sampleRate !== undefined && source.sampleRate !== wav.sampleRate) {
    throw new RobustnessError(
      'data/wav-rate',
      `The recordings in ${path} have ${wav.sampleRate} frames a second, and the spec says ${source.sampleRate}.`,
      'Resample them as the model was trained, or correct `sampleRate`; they are not resampled here.',
    );
  }
  const inferred = [...found.inferred, `recordings have ${wav.sampleRate} frames a second`];
  if (shortest !== longest) inferred.push(`recordings of ${shortest} to ${longest} frames were brought to ${frames}`);
  return {
    path,
    files: [...(found.list === null ? [] : [found.list]), ...files.map((file) => file.path)],
    available: files.length,
    kind: 'series',
    shape: [wav.channels, frames],
    depth: 'number',
    // Whole numbers cannot be louder than full scale.
    ...(float ? {} : { range: [-1, 1] as const }),
    sampleRate: wav.sampleRate,
    classes: found.classes,
    features: null,
    inferred,
    async *examples(start, end, signal) {
      for (const { path: file, label } of files.slice(start, end)) {
        signal?.throwIfAborted();
        const { bytes, wav: header } = await readWav(file);
        mustAgree(wav, first.path, header, file);
        yield { values: wavSamples(bytes, header, frames, file), label };
      }
    },
  };
}

async function readHeader(path: string): Promise<Wav> {
  const size = await fileSize(path);
  if (size <= headBytes) return (await readWav(path)).wav;
  try {
    return parseWav(await readExactly(await fileBytes(path), 0, headBytes), path, size);
  } catch (error) {
    if (!RobustnessError.is(error, 'data/wav-no-samples') && !RobustnessError.is(error, 'data/wav-no-format'))
      throw error;
    return (await readWav(path)).wav;
  }
}

async function readWav(path: string): Promise<{ bytes: Uint8Array; wav: Wav }> {
  if ((await fileSize(path)) > mostBytes) {
    throw new RobustnessError(
      'data/too-large',
      `${path} is larger than ${mostBytes / 2 ** 20} MB.`,
      'Cut recordings into pieces of the length that the model takes.',
    );
  }
  const bytes = await readFile(path);
  return { bytes, wav: parseWav(bytes, path) };
}

function mustAgree(a: WavHeader, aPath: string, b: WavHeader, bPath: string): void {
  if (a.sampleRate !== b.sampleRate) {
    throw new RobustnessError(
      'data/wav-rate',
      `${aPath} has ${a.sampleRate} frames a second and ${bPath} has ${b.sampleRate}.`,
      'Resample all recordings to the rate that the model was trained with.',
    );
  }
  if (a.channels !== b.channels) {
    throw new RobustnessError(
      'data/wav-channels',
      `${aPath} has ${a.channels} channels and ${bPath} has ${b.channels}.`,
      'Bring all recordings to the number of channels that the model takes.',
    );
  }
}
