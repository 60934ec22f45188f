import { pointOf, textual } from './text';

/** A character, and those that look like it: what optical recognition confuses, and letters of other scripts (Unicode TR 39, confusables). */
const alike: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'aаα@ bЬþ cсϲ dԁ eеё g9ɡ hһ iіí1 jј kκ l1Iӏ mм nո o0оο pрρ qԛ rг sѕ5 tτ uυս vνѵ wԝ xх× yуγ zᴢ2 AАΑ4 ' +
    'BВ8 CСϹ DᎠ EЕΕ FϜ GԌ6 HНΗ IІl1 JЈ KКΚ LᏞ MМΜ NΝ OО0Ο PРΡ QԚ RᎡ SЅ5 TТΤ UՍ VѴ WԜ XХΧ YУΥ ZΖ2 аa еe ' +
    'оo0 рp сc уy хx іi οo νv αa 0O 1l 5S 8B'
  )
    .split(' ')
    .map((row) => {
      const [letter = '', ...others] = row;
      return [letter, others.join('')];
    }),
);

/** Letters give way to others that look the same or nearly so. */
export const lookalikeLetters = textual({
  name: 'lookalike_letters',
  title: 'Look-alike letters',
  source:
    'Eger et al., Text processing like humans do: visually attacking and shielding NLP systems, NAACL 2019; Unicode Technical Standard 39 (confusables)',
  shares: [0.02, 0.05, 0.1, 0.2, 0.3],
  of: 'characters',
  change: (points, share, random) =>
    points.map((point) => {
      const others = alike[String.fromCodePoint(point)];
      if (others === undefined || random.uniform() >= share) return point;
      const choices = [...others];
      return pointOf(choices[random.integer(choices.length)]!);
    }),
});
