// Makes the small tokenizers of this folder and what the reference implementation (the npm package "tokenizers", Hugging Face's
// own) says about the texts. The vocabularies are trained here, on the text below.
//   npm install tokenizers@0.23.2   (anywhere above, not in the repository)
//   node make-fixtures.mjs
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { Tokenizer } = createRequire(process.cwd() + '/')('tokenizers');

const corpus = `The server answers every client, and the client's stream never breaks. We're counting tokens: 1, 2, 3, 10, 100, 2024.
The quick brown fox jumps over the lazy dog; the dog doesn't mind, it's asleep. They'll wait. I've waited. You'd wait too.
def answer(question):\n    if question is None:\n        return None\n    return question.strip()\n\n
for (int i = 0; i < 10; i++) { total += values[i]; }\n\treturn total;\n
Der Fluß fließt größer über die Brücke. Le café où j'étais était fermé. El niño comió una piña.
Сервер отвечает каждому клиенту, и поток не рвётся. Привет, мир!
服务器回答每个客户端。你好，世界。今天天气很好。 サーバーは答えます。こんにちは世界。 서버가 대답합니다. 안녕하세요 세계.
नमस्ते दुनिया। यह एक परीक्षण है। สวัสดีชาวโลก שלום עולם مرحبا بالعالم
👋🏽 🎉🎉 👨‍👩‍👧 → ≠ ½ ² … — “quoted”
`;

const texts = [
  '', 'a', ' ', 'Hello, server!', "I'm sure they're here; we'LL see, it'S done, 'ſ too",
  'def answer(x):\n    return x  +  1\n\n\n', '\t\ttabs\r\n\r\nand windows\r\n \n  \n', '   ', '  both ends  ', 'x \n y\n\n z',
  '12345 1234567890 3.14 1,000 ½ ² Ⅷ ٣٤٥ १२३', 'don\'t.stop...!!! ??? --- ===>', '👋🏽 👨‍👩‍👧 🎉🎉 🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  '你好，世界。𠀀𠀁𠀂 日本語', 'サーバーは答えます 안녕하세요', 'नमस्ते दुनिया क्षत्रिय', 'مَرْحَبًا שָׁלוֹם', 'Привет, мир!',
  'cafe\u0301 café e\u0301\u0323 \u1e9b\u0323 \uac00\u11a8 \u212b', '𝒜𝓑 𐐀𐐨 𝟘𝟙 a𝒜1', 'a\u00a0b\u3000c\u2003d\u200be\ufefff', '\u0000\u0001\u007f\u0085\u2028',
  'ZWJ\u200d\u200c_x_1', '▁under▁ ▁▁ x▁y', '<0x41><0xFF> <0x4>', 'ignored Ignored ignored',
  '<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n', 'x<|im_end|>y <|im_end|> z', '<|im_end', '<|im_end|><|im_end|>',
  'a  <left>  b', 'a  <right>  b', '<right>   <left>', 'word words sword word', '<tool_call>{"a": 1}</tool_call>', '<unk> <s>a</s> <pad>',
  'The server answers every client. '.repeat(20), 'the'.repeat(100), 'x'.repeat(200), ' '.repeat(100) + 'x', '\n'.repeat(50),
  corpus,
];

const gpt2 = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
const rest = String.raw`| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const contractions = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+`;

const visible = (b) => (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || (b >= 0xae && b <= 0xff);
let next = 0x100;
const alphabet = Array.from({ length: 256 }, (_, b) => String.fromCharCode(visible(b) ? b : next++));
const spell = (text) => [...Buffer.from(text)].map((b) => alphabet[b]);

/** Plain byte-pair training: the commonest pair, the first of equals, until there are enough or none occurs twice. */
function train(words, start, count) {
  const vocab = new Map(start.map((token, id) => [token, id]));
  const merges = [];
  while (merges.length < count) {
    const pairs = new Map();
    for (const word of words)
      for (let i = 0; i + 1 < word.length; i++) {
        const key = word[i] + ' ' + word[i + 1];
        pairs.set(key, (pairs.get(key) ?? 0) + 1);
      }
    const [best, seen] = [...pairs].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 1]);
    if (seen < 2) break;
    const [left, right] = best.split(' ');
    merges.push([left, right]);
    if (!vocab.has(left + right)) vocab.set(left + right, vocab.size);
    for (const word of words)
      for (let i = 0; i + 1 < word.length; i++) if (word[i] === left && word[i + 1] === right) word.splice(i, 2, left + right);
  }
  return { vocab: Object.fromEntries(vocab), merges };
}

const byteLevel = train(corpus.match(gpt2).map(spell), alphabet, 400);
const specials = ['<unk>', '<s>', '</s>'];
const bytes = Array.from({ length: 256 }, (_, b) => `<0x${b.toString(16).toUpperCase().padStart(2, '0')}>`);
const spaced = '▁' + corpus.replaceAll(' ', '▁');
// The last line's signs are left out, so that they need the bytes.
const known = [...new Set(spaced.slice(0, spaced.indexOf('👋')))];
const fallback = train(spaced.match(/▁*[^▁]+/gu).map((w) => [...w].filter((c) => known.includes(c))), [...specials, ...bytes, ...known], 400);

function added(model, extra) {
  let id = Object.keys(model.vocab).length;
  return extra.map(([content, options]) => ({
    id: model.vocab[content] ?? id++, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: false, ...options,
  }));
}

// Plain ones first: the reference numbers tokens anew when ones before them are missing.
const extra = [
  ['<tool_call>', {}], ['</tool_call>', {}], ['<left>', { lstrip: true }], ['<right>', { rstrip: true }], ['word', { single_word: true, normalized: true }],
  ['<|endoftext|>', { special: true }], ['<|im_start|>', { special: true }], ['<|im_end|>', { special: true }],
];
const level = (useRegex, prefix = false) => ({ type: 'ByteLevel', add_prefix_space: prefix, trim_offsets: false, use_regex: useRegex });
const split = (Regex) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false });
const sequence = (...pretokenizers) => ({ type: 'Sequence', pretokenizers });
const toSpace = { type: 'Replace', pattern: { String: '▁' }, content: ' ' };
const strip = { type: 'Strip', content: ' ', start: 1, stop: 0 };
const decoders = (...list) => ({ type: 'Sequence', decoders: list });

const bpe = (model, options = {}) => ({
  type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false,
  ignore_merges: false, ...options, vocab: model.vocab, merges: model.merges,
});
const asLines = (model) => ({ ...model, merges: model.merges.map((pair) => pair.join(' ')) });
const byteFile = (pre_tokenizer, options = {}, model = bpe(byteLevel)) => ({
  version: '1.0', truncation: null, padding: null, added_tokens: added(model, extra), normalizer: null, pre_tokenizer, post_processor: null,
  decoder: level(true), model, ...options,
});
const pieceFile = (options, model = bpe(fallback, { unk_token: '<unk>', fuse_unk: true, byte_fallback: true })) => ({
  version: '1.0', truncation: null, padding: null,
  added_tokens: added(model, [...specials.map((token) => [token, { special: true }]), ...extra]),
  normalizer: null, pre_tokenizer: null, post_processor: null, decoder: decoders(toSpace, { type: 'ByteFallback' }, { type: 'Fuse' }, strip), model, ...options,
});

const tokenizers = {
  gpt2: byteFile(level(true), {}, asLines(bpe(byteLevel))),
  llama3: byteFile(sequence(split(contractions + String.raw`|\p{N}{1,3}` + rest), level(false)), {},
    bpe({ ...byteLevel, vocab: { ...byteLevel.vocab, 'Ġignored': Object.keys(byteLevel.vocab).length } }, { ignore_merges: true })),
  qwen2: byteFile(sequence(split(contractions + String.raw`|\p{N}` + rest), level(false)), { normalizer: { type: 'NFC' } }),
  smollm: byteFile(sequence({ type: 'Digits', individual_digits: true }, level(true, true))),
  llama2: pieceFile({
    normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, { type: 'Replace', pattern: { String: ' ' }, content: '▁' }] },
  }),
  mistral: pieceFile({ pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: false } }),
  metaspace: pieceFile({
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    decoder: decoders({ type: 'ByteFallback' }, { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true }),
  }, bpe(fallback, { unk_token: '<unk>', fuse_unk: true })),
};

const at = (name) => new URL(name, import.meta.url);
writeFileSync(at('texts.json'), JSON.stringify(texts, null, 1) + '\n');
for (const [name, file] of Object.entries(tokenizers)) {
  const json = JSON.stringify(file);
  // Special tokens as plain text: the reference without them.
  const plain = JSON.stringify({ ...file, added_tokens: file.added_tokens.filter((token) => !token.special) });
  const ids = async (source) => {
    const tokenizer = Tokenizer.fromString(source);
    return Promise.all(texts.map(async (text) => (await tokenizer.encode(text, null, { addSpecialTokens: false })).getIds()));
  };
  writeFileSync(at(`${name}.json`), json + '\n');
  const expected = { special: await ids(json), plain: await ids(plain) };
  writeFileSync(at(`${name}.expected.json`), JSON.stringify(expected).replaceAll(']],', ']],\n').replaceAll('],[', '],\n[') + '\n');
}
