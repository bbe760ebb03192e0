// Colours of numbers, in the theme that is shown.

const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export const color = name => css(`--${name}`);

// 256 colours from the lowest to the highest number: hidden states go both ways from 0, gates from closed to open.
export function palette(signed) {
  const stops = (signed ? ['negative', 'zero', 'positive'] : ['zero', 'half', 'positive']).map(name => rgb(color(name)));
  return Array.from({ length: 256 }, (_, index) => {
    const place = index / 255 * 2;
    const [from, to] = place < 1 ? [stops[0], stops[1]] : [stops[1], stops[2]];
    const share = place < 1 ? place : place - 1;
    return from.map((channel, i) => Math.round(channel + (to[i] - channel) * share));
  });
}

// Which of the 256 a number has.
export const shade = (value, low, high) => Math.max(0, Math.min(255, Math.round((value - low) / (high - low) * 255)));

export const asCss = ([red, green, blue]) => `rgb(${red} ${green} ${blue})`;

function rgb(hex) {
  return [1, 3, 5].map(index => parseInt(hex.slice(index, index + 2), 16));
}
