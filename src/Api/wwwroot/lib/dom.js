// Makes elements. A property that begins with "on" is a listener, "class" and "data-" as in HTML, and true and false set and leave out.

const svgNamespace = 'http://www.w3.org/2000/svg';

export const h = (tag, properties, ...children) => made(document.createElement(tag), properties, children);

export const svg = (tag, properties, ...children) => made(document.createElementNS(svgNamespace, tag), properties, children);

// Puts children in the place of what is there.
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

function made(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (name === 'value') {
      element.value = value;
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }

  return children.length > 0 ? fill(element, ...children) : element;
}

// A number as people read it.
export const number = (value, digits = 3) =>
  Number.isInteger(value) ? value.toLocaleString('en') : Number(value.toPrecision(digits)).toLocaleString('en', { maximumSignificantDigits: digits });

export const percent = share => `${(100 * share).toFixed((share > 0 && share < 0.0995) || (share > 0.99 && share < 0.9995) ? 1 : 0)} %`;

// A token as it can be seen.
export const visible = text => text.replaceAll('\n', '↵').replaceAll(' ', '␣').replaceAll('\t', '⇥');

// Waits until nothing has been typed for a moment.
export function settled(action, delay = 200) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  };
}
