"""A character n-gram with Witten-Bell interpolation: the baseline that a recurrent network must beat."""

import math
from collections import defaultdict


class NGram:
    """p(c | context) backs off from the longest context to the shortest, and at last to a uniform distribution."""

    def __init__(self, texts, context, alphabet):
        self.context = context
        self.alphabet = alphabet
        # For each length of context: the count of every character that followed it.
        self.followers = [defaultdict(lambda: defaultdict(int)) for _ in range(context + 1)]
        for text in texts:
            for length, followers in enumerate(self.followers):
                for i in range(length, len(text)):
                    followers[text[i - length : i]][text[i]] += 1
        self.totals = [{key: sum(value.values()) for key, value in followers.items()} for followers in self.followers]

    def probability(self, history, character):
        probability = 1 / self.alphabet
        for length in range(min(self.context, len(history)) + 1):
            context = history[len(history) - length :]
            counts = self.followers[length].get(context)
            if counts is None:  # then no longer context was seen either
                break
            # Witten-Bell: a context weighs more the oftener it was seen, and less the more characters followed it.
            total, distinct = self.totals[length][context], len(counts)
            probability = (counts.get(character, 0) + distinct * probability) / (total + distinct)
        return probability

    def bits(self, text):
        return -sum(math.log2(self.probability(text[max(0, i - self.context) : i], text[i])) for i in range(len(text)))

    def draw(self, text, end, random):
        """What the model adds to text, character by character, until the character end, which is left out."""
        begin = len(text)
        while not text.endswith(end):
            # The interpolation above as a walk: from the longest context down, each taken with the weight it has.
            for length in range(min(self.context, len(text)), -1, -1):
                context = text[len(text) - length :]
                counts = self.followers[length].get(context, {})
                total = self.totals[length].get(context, 0)
                if length == 0 or random.random() * (total + len(counts)) < total:
                    break
            text += random.choices(list(counts), counts.values())[0]
        return text[begin : -len(end)]
