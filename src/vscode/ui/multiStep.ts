import * as vscode from 'vscode';

/** One question: undefined when it was given up, `back` when the person wants the one before. */
export type Answer<T> = { readonly value: T } | 'back' | undefined;

export interface Step {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
}

export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

/** A quick pick with a back button from the second step on. */
export function choose<T>(
  step: Step,
  placeholder: string,
  choices: readonly Choice<T>[],
  active?: Choice<T>,
): Promise<Answer<T>> {
  const pick = vscode.window.createQuickPick<Choice<T>>();
  Object.assign(pick, header(step));
  pick.placeholder = placeholder;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.items = choices;
  if (active !== undefined) pick.activeItems = [active];
  return answer(pick, step, (accept) => {
    pick.onDidAccept(() => {
      const [item] = pick.selectedItems;
      if (item !== undefined) accept({ value: item.value });
    });
  });
}

/** An input box; `check` returns what is wrong with the text, or undefined. */
export function enter(
  step: Step,
  prompt: string,
  value: string,
  check: (text: string) => string | undefined,
): Promise<Answer<string>> {
  const box = vscode.window.createInputBox();
  Object.assign(box, header(step));
  box.prompt = prompt;
  box.value = value;
  return answer(box, step, (accept) => {
    box.onDidChangeValue((text) => {
      box.validationMessage = check(text);
    });
    box.onDidAccept(() => {
      box.validationMessage = check(box.value);
      if (box.validationMessage === undefined) accept({ value: box.value.trim() });
    });
  });
}

function header({ title, step, totalSteps }: Step): { title: string; step?: number; totalSteps?: number } {
  // A lone question is no step of anything.
  return totalSteps > 1 ? { title, step, totalSteps } : { title };
}

function answer<T>(
  input: vscode.QuickPick<Choice<T>> | vscode.InputBox,
  step: Step,
  listen: (accept: (answer: Answer<T>) => void) => void,
): Promise<Answer<T>> {
  return new Promise((resolve) => {
    const accept = (value: Answer<T>) => {
      resolve(value);
      input.dispose();
    };
    input.ignoreFocusOut = true;
    input.buttons = step.step > 1 ? [vscode.QuickInputButtons.Back] : [];
    input.onDidTriggerButton(() => accept('back'));
    input.onDidHide(() => accept(undefined));
    listen(accept);
    input.show();
  });
}

export interface Question<State> {
  /** Whether there is anything to ask, as far as the answers so far tell. */
  applies(state: State): boolean;
  /** Asks, and puts the answer into the state. `again`: what is to be asked here has changed. */
  ask(state: State, step: Step): Promise<'next' | 'back' | 'again' | undefined>;
}

/**
 * Asks in order what applies; `back` returns to the question before.
 * @returns the state with its answers; undefined when any question was given up
 */
export async function askAll<State>(
  title: string,
  state: State,
  questions: readonly Question<State>[],
): Promise<State | undefined> {
  for (let index = 0; ; ) {
    // Answers decide what else there is to ask, so the list is made anew at each step.
    const open = questions.filter((question) => question.applies(state));
    const question = open[index];
    if (question === undefined) return state;
    const outcome = await question.ask(state, { title, step: index + 1, totalSteps: open.length });
    if (outcome === undefined) return undefined;
    if (outcome === 'back') index = Math.max(0, index - 1);
    else if (outcome === 'next') index++;
  }
}
