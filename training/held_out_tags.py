"""The figures of models/tags through a server."""

from tags import accuracy, outside, split, words_of


def figures(server):
    parts = split()
    known = words_of(parts["training"])
    measured = {}
    for name, sentences in (("test", parts["test"]), ("news and Wikipedia", outside())):
        bodies = [{"words": [word for word, _ in sentence], "return": "all", "top": 1} for sentence in sentences]
        replies = server.post_all("models/tags/sequence", bodies)
        tags = [[output["label"] for output in reply["outputs"]] for reply in replies]
        measured[f"{name}/lstm/accuracy"] = accuracy(tags, sentences)
        measured[f"{name}/lstm/of unknown words"] = accuracy(tags, sentences, without=known)
    return measured
