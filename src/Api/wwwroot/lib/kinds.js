// Kinds of characters that a unit may follow.

const tests = { capitals: /\p{Lu}/u, spaces: /^\s+$/, vowels: /^[aeiou]$/i };

export const kinds = { selection: 'the selected text', capitals: 'capitals', spaces: 'spaces', vowels: 'vowels', quotations: 'quoted speech' };

// The characters of a kind, by their indices; of the selection see ColouredText.
export function stepsOf(kind, texts) {
  if (kind !== 'quotations') {
    return texts.flatMap((text, index) => (tests[kind].test(text) ? [index] : []));
  }

  let isQuoted = false;
  return texts.flatMap((text, index) => {
    const isMark = text === '"';
    isQuoted = isQuoted !== isMark;
    return isQuoted && !isMark ? [index] : [];
  });
}
