// Writes UnicodeData.txt beside this file: what Unicode normalization needs, asked of the JavaScript engine's own normalize().
//   D <character> <parts…>   full canonical decomposition
//   K <character> <parts…>   full compatibility decomposition, where it differs from the canonical one
//   C <composed> <first> <second>
//   O <rank> <characters…>   characters whose combining class is not 0; ranks order as the classes do
// Run: node make-unicode-data.mjs. The first line of the file says which version of Unicode that gave.
import { writeFileSync } from 'node:fs';

const hex = (text) => [...text].map((c) => c.codePointAt(0).toString(16).toUpperCase()).join(' ');
const lines = [`# Unicode ${process.versions.unicode}, made by make-unicode-data.mjs`];
const marks = [];

for (let point = 0xa0; point <= 0x10ffff; point++) {
  if ((point >= 0xd800 && point <= 0xdfff) || (point >= 0xac00 && point <= 0xd7a3)) continue;
  const c = String.fromCodePoint(point);
  const canonical = c.normalize('NFD');
  const compatible = c.normalize('NFKD');
  if (canonical !== c) lines.push(`D ${hex(c)} ${hex(canonical)}`);
  if (compatible !== canonical) lines.push(`K ${hex(c)} ${hex(compatible)}`);
  if (canonical !== c && c.normalize('NFC') === c) {
    const parts = [...canonical];
    const first = parts.slice(0, -1).join('').normalize('NFC');
    lines.push(`C ${hex(c)} ${hex(first)} ${hex(parts.at(-1))}`);
  }
  // A mark moves past one of a higher class (U+0345: 240, the highest) or is passed by one of class 1 (U+0334).
  if (canonical === c && (moves('\u0345', c) || moves(c, '\u0334') || c === '\u0345' || c === '\u0334')) marks.push(c);
}

function moves(a, b) {
  return (a + b).normalize('NFD') !== a + b;
}

// Two marks keep their order unless the first is of a higher class: that alone ranks the classes.
const classes = [];
for (const mark of marks) {
  const same = classes.find(([other]) => !moves(mark, other) && !moves(other, mark));
  if (same) same.push(mark);
  else classes.push([mark]);
}
classes.sort(([a], [b]) => (moves(a, b) ? 1 : -1));
classes.forEach((members, index) => lines.push(`O ${index + 1} ${members.map(hex).join(' ')}`));

writeFileSync(new URL('UnicodeData.txt', import.meta.url), lines.join('\n') + '\n');
