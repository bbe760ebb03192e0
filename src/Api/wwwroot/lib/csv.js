// Reads a table of numbers over time (RFC 4180): a column of times, if there is one, and columns of numbers; an empty cell is missing.

export function parse(text) {
  const lines = records(text.replace(/^\uFEFF/, ''));
  if (lines.length < 2) {
    throw new Error('The table needs a line of names and at least one line of numbers.');
  }

  const [names, ...rows] = lines;
  const times = names.findIndex(name => /^(timestamp|time|date|datetime)$/i.test(name.trim()));
  const columns = names.map((name, index) => ({ name: name.trim(), index })).filter(column => column.index !== times);
  return {
    times: times < 0 ? null : rows.map(row => row[times]),
    columns: columns.map(({ name, index }) => ({ name, values: rows.map((row, line) => cell(row[index], name, line + 2)) })),
    length: rows.length,
  };
}

function cell(text, name, line) {
  if (text === undefined || text.trim() === '') {
    return null;
  }

  const value = Number(text);
  if (!Number.isFinite(value)) {
    throw new Error(`Line ${line}, ${name}: “${text.slice(0, 40)}” is not a number.`);
  }

  return value;
}

function records(text) {
  const lines = [];
  let line = [];
  let cells = '';
  let isQuoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (isQuoted) {
      if (character !== '"') {
        cells += character;
      } else if (text[index + 1] === '"') {
        cells += text[++index];
      } else {
        isQuoted = false;
      }
    } else if (character === '"') {
      isQuoted = true;
    } else if (character === ',' || character === ';' || character === '\t') {
      line.push(cells);
      cells = '';
    } else if (character === '\n') {
      lines.push([...line, cells]);
      [line, cells] = [[], ''];
    } else if (character !== '\r') {
      cells += character;
    }
  }

  if (cells !== '' || line.length > 0) {
    lines.push([...line, cells]);
  }

  return lines.filter(each => each.some(value => value.trim() !== ''));
}
