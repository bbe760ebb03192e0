"""Dates in the many forms in which people write them, made up at random; no torch here."""

import datetime
import random

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip
FIRST, LAST = datetime.date(1930, 1, 1), datetime.date(2029, 12, 31)  # two digits of a year are read as one of these

# A form is one choice of each. Orders of numbers alone follow a convention each, so that no form is ambiguous:
# dots and dashes put the day first, slashes the month, and four digits of a year at the beginning the year.
ORDERS = ["day month year", "month day year", "year month day", "weekday first", "weekday and month first"]
DAYS = ["3", "03", "3rd", "3rd of", "the 3rd", "the 3rd of"]
MONTH_NAMES = ["March", "Mar", "Mar."]
YEARS = ["2021", "'21", "2021 AD"]
SEPARATORS = [" ", ", ", "-", "  "]
PREFIXES = ["", "on ", "dated ", "Date: "]
NUMERIC = ["2021-03-05", "2021/03/05", "2021/3/5", "20210305", "5.3.2021", "05.03.2021", "5.3.21", "05.03.21",
           "5-3-2021", "05-03-2021", "3/5/2021", "03/05/2021", "3/5/21", "03/05/21", "2021.03.05", "2021 03 05"]  # fmt: skip
CASES = [str, str.lower, str.upper]
MISSPELT = 0.02  # of the names of months and weekdays, one letter left out, doubled or swapped


def worded_forms():
    """All forms with the name of the month, as tuples."""
    return [
        (order, day, month, year, separator, prefix)
        for order in ORDERS
        for day in DAYS
        for month in MONTH_NAMES
        for year in YEARS
        for separator in SEPARATORS
        for prefix in PREFIXES
        if ("of" not in day or order in ("day month year", "weekday first")) and (separator != "-" or day in ("3", "03", "3rd"))
    ]


def split_forms(seed=3):
    """(forms that training sees, forms that it never sees): every part of an unseen form occurs in forms that are seen."""
    forms = worded_forms()
    random.Random(seed).shuffle(forms)
    cut = len(forms) * 15 // 100
    return forms[cut:], forms[:cut]


def split_dates(seed=4):
    """(dates that training sees, dates that it never sees)."""
    days = [FIRST + datetime.timedelta(n) for n in range((LAST - FIRST).days + 1)]
    random.Random(seed).shuffle(days)
    cut = len(days) // 10
    return days[cut:], days[:cut]


def ordinal(day):
    suffix = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def misspelt(name, chance):
    if len(name) < 5 or chance.random() >= MISSPELT:
        return name
    at = chance.randrange(1, len(name) - 1)
    return chance.choice(
        [name[:at] + name[at + 1 :], name[:at] + name[at] + name[at:], name[:at] + name[at + 1] + name[at] + name[at + 2 :]]
    )


def written(date, form, chance):
    """A date in a worded form."""
    order, day, month, year, separator, prefix = form
    day = {"3": str(date.day), "03": f"{date.day:02}"}.get(day) or day.replace("3rd", ordinal(date.day))
    name = misspelt(MONTHS[date.month - 1], chance)
    month = {"March": name, "Mar": name[:3], "Mar.": name[:3] + "."}[month]
    year = {"2021": str(date.year), "'21": f"'{date.year % 100:02}", "2021 AD": f"{date.year} AD"}[year]
    weekday = misspelt(WEEKDAYS[date.weekday()], chance)
    weekday = chance.choice([weekday, weekday[:3], weekday[:3] + "."])
    parts = {
        "day month year": [day, month, year],
        "month day year": [month, day, year],
        "year month day": [year, month, day],
        "weekday first": [f"{weekday}{chance.choice([' ', ', '])}{day}", month, year],
        "weekday and month first": [f"{weekday}{chance.choice([' ', ', '])}{month}", day, year],
    }[order]
    text = " ".join(parts[:2]) + separator + parts[2] if separator == ", " else separator.join(parts)
    return chance.choice(CASES)(prefix + text)


def numeric(date, form):
    """A date in a form of numbers alone."""
    y, m, d = date.year, date.month, date.day
    separator = next((c for c in form if not c.isdigit()), "")
    if form.startswith("2021"):
        padded = "03" in form
        return separator.join([str(y), f"{m:02}" if padded else str(m), f"{d:02}" if padded else str(d)])
    padded = form.startswith("0")
    year = str(y) if form.endswith("2021") else f"{y % 100:02}"
    first, second = (m, d) if separator == "/" else (d, m)
    return separator.join([f"{first:02}" if padded else str(first), f"{second:02}" if padded else str(second), year])


def pair(dates, forms, chance, numbers=0.3):
    """A text and the date that it stands for, in ISO 8601."""
    date = chance.choice(dates)
    if chance.random() < numbers:
        return numeric(date, chance.choice(NUMERIC)), date.isoformat()
    return written(date, chance.choice(forms), chance), date.isoformat()


def held_out():
    """Two lists of pairs that share nothing with training: unseen dates in forms that it knows, and unseen dates in unseen forms."""
    seen, unseen = split_forms()
    _, dates = split_dates()
    chance = random.Random(5)
    return (
        [pair(dates, seen, chance) for _ in range(2000)],
        [pair(dates, unseen, chance, numbers=0) for _ in range(2000)],
    )


if __name__ == "__main__":
    seen, unseen = split_forms()
    print(len(seen), len(unseen), [len(part) for part in split_dates()])
    for text, iso in [item for part in held_out() for item in part[:15]]:
        print(f"{text!r} {iso}")
