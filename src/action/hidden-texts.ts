/** Texts that must not be read by people: the runner hides them in its log, and this in what it does not hide. */
export interface HiddenTexts {
  add(form: string): void;
  /** The text with `***` where one of them stood. */
  remove(text: string): string;
}

/** A file that becomes an artifact is not looked through by the runner. */
export function hiddenTexts(): HiddenTexts {
  const forms = new Set<string>();
  return {
    add: (form) => void forms.add(form),
    // Longest first, so that no rest of a longer form remains.
    remove: (text) =>
      [...forms]
        .toSorted((a, b) => b.length - a.length)
        .reduce((clean, form) => clean.replaceAll(form, "***"), text),
  };
}
