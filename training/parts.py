"""Cuts data into parts that training sees and parts that it does not."""


def cut(items, shares):
    """Pairs (name, items of the part), one part after the other; shares is a dict of names and shares."""
    begin, share = 0, 0.0
    for name, more in shares.items():
        share += more
        end = round(share * len(items))
        yield name, items[begin:end]
        begin = end
