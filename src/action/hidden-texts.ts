/** Texts that must not be read by people: the runner hides them in its log, and this where the runner does not look. */
export interface HiddenTexts {
  add(form: string): void;
  /** The text with `***` where one of them stood. */
  remove(text: string): string;
}

/** A file that becomes an artifact is not looked through by the runner. */
export function hiddenTexts(): HiddenTexts {
  const forms = new Set<string>();
  let longestFirst: readonly string[] | undefined;
  return {
    add: (form) => {
      forms.add(form);
      longestFirst = undefined;
    },
    remove: (text) => {
      // So that no rest of a longer form remains.
      longestFirst ??= [...forms].toSorted((a, b) => b.length - a.length);
      return longestFirst.reduce((clean, form) => clean.replaceAll(form, "***"), text);
    },
  };
}
