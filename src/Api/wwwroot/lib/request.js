// Shows the request that made a view, ready to copy.
import { h, fill } from './dom.js';
import { key } from './key.js';

const languages = { curl, csharp, python, javascript };
// What stands for the key: a request is copied into chats and tickets.
const placeholder = 'YOUR_KEY';
const names = { curl: 'curl', csharp: 'C#', python: 'Python', javascript: 'JavaScript' };

// A part of the page; show(method, path, body) fills it.
export function requestPanel() {
  let request = null;
  let language = localStorage.getItem('language') in languages ? localStorage.getItem('language') : 'curl';
  const code = h('code', {});
  const copied = h('span', { role: 'status' });
  const tabs = Object.keys(languages).map(name => h('button', { type: 'button', 'data-language': name, onclick: () => choose(name) }, names[name]));
  const panel = h('details', { class: 'request', hidden: true },
    h('summary', {}, 'The request'),
    h('div', { class: 'bar' }, h('div', { class: 'tabs', role: 'group', 'aria-label': 'Language' }, tabs), h('button', { type: 'button', class: 'copy', onclick: copy }, 'Copy'), copied),
    h('pre', { tabindex: '0', role: 'region', 'aria-label': 'Request' }, code));

  function choose(name) {
    language = name;
    localStorage.setItem('language', name);
    render();
  }

  function render() {
    tabs.forEach(tab => tab.setAttribute('aria-pressed', tab.dataset.language === language));
    fill(copied);
    code.textContent = languages[language](request);
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(code.textContent);
      fill(copied, 'Copied.');
    } catch {
      getSelection().selectAllChildren(code);
      fill(copied, 'Selected; press Ctrl+C.');
    }
  }

  return {
    panel,
    show(method, path, body) {
      request = { method, url: new URL(`api/v1${path}`, document.baseURI).href, body, isKeyed: key() !== null };
      panel.hidden = false;
      render();
    },
  };
}

// Long lists of numbers stand on a line of their own, not a line each.
function json(value, indent = 2) {
  return JSON.stringify(value, null, indent).replace(/\[[\s\d.,eE+\-]*\]/g, list => list.replace(/\s+/g, ' '));
}

function curl({ method, url, body, isKeyed }) {
  const target = `${method === 'POST' ? '' : `-X ${method} `}${url}${isKeyed ? ` -H 'Authorization: Bearer ${placeholder}'` : ''}`;
  return body === undefined
    ? `curl -s ${target}`
    : `curl ${body.stream ? '-sN' : '-s'} ${target} -H 'Content-Type: application/json' -d '${json(body).replaceAll("'", "'\\''")}'`;
}

function csharp({ method, url, body, isKeyed }) {
  const access = isKeyed ? `
request.Headers.Authorization = new("Bearer", "${placeholder}");` : '';
  const content = body === undefined ? '' : `
request.Content = new StringContent("""
${json(body).replace(/^/gm, '    ')}
    """, Encoding.UTF8, "application/json");`;
  return `using System.Text;

using var http = new HttpClient();
using var request = new HttpRequestMessage(HttpMethod.${method[0]}${method.slice(1).toLowerCase()}, "${url}");${access}${content}
using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
response.EnsureSuccessStatusCode();
` + (body?.stream
    ? `await foreach (var item in System.Net.ServerSentEvents.SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
{
    Console.WriteLine(item.Data);
}`
    : 'Console.WriteLine(await response.Content.ReadAsStringAsync());');
}

function python({ method, url, body, isKeyed }) {
  const headers = Object.entries(headersOf(body, isKeyed)).map(([name, value]) => `"${name}": "${value}"`).join(', ');
  const data = body === undefined ? '' : `
body = json.loads(r'''
${json(body).replaceAll("'", '\\u0027')}
''')`;
  return `import json
import urllib.request
${data}
request = urllib.request.Request(
    "${url}", method="${method}"${body === undefined ? '' : ',\n    data=json.dumps(body).encode()'}${headers && `, headers={${headers}}`})
with urllib.request.urlopen(request) as response:
` + (body?.stream
    ? `    for line in response:
        if line.startswith(b"data:"):
            print(json.loads(line[5:]))`
    : '    print(json.load(response))');
}

function headersOf(body, isKeyed) {
  return { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...(isKeyed && { Authorization: `Bearer ${placeholder}` }) };
}

function javascript({ method, url, body, isKeyed }) {
  const headers = Object.entries(headersOf(body, isKeyed)).map(([name, value]) => `${name.includes('-') ? `'${name}'` : name}: '${value}'`).join(', ');
  const options = body === undefined ? `{ method: '${method}'${headers && `, headers: { ${headers} }`} }` : `{
  method: '${method}',
  headers: { ${headers} },
  body: JSON.stringify(${json(body).replace(/\n/g, '\n  ')}),
}`;
  return `const response = await fetch('${url}', ${options});
` + (body?.stream
    ? `for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
  console.log(text);
}`
    : 'console.log(await response.json());');
}
