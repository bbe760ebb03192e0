// Features that follow from the time, on the clock that the time is written in.

const parts = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?/;

export function calendar(feature, time) {
  const match = parts.exec(time ?? '');
  if (!match) {
    throw new Error(`The model wants the ${feature} of each row, but “${time ?? ''}” is not a time such as 2014-02-14T09:00:00+08:00.`);
  }

  const [year, month, day, hour, minute] = match.slice(1).map(text => Number(text ?? 0));
  const date = Date.UTC(year, month - 1, day);
  return {
    minute, hour, day, month,
    weekday: (new Date(date).getUTCDay() + 6) % 7,
    dayOfYear: (date - Date.UTC(year, 0, 1)) / 86_400_000 + 1,
  }[feature];
}

// Seconds from one time to the next.
export const interval = times => (Date.parse(times[1]) - Date.parse(times[0])) / 1000;

// A time as it stands below an axis.
export function short(time) {
  const match = parts.exec(time);
  return match ? `${Number(match[3])}.${Number(match[2])}. ${match[4] ?? ''}${match[4] ? `:${match[5]}` : ''}` : time;
}
