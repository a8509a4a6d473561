// JSON Schema's reference validator over answers: node validate.mjs <file>
// The file has lines of JSON, in each: a schema, the seed it was drawn with, and texts that must be valid against it.
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** A decimal number as units and a count of digits after the point. */
function exact(text) {
  const [, sign, whole, fraction = "", power = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const digits = sign + whole + fraction;
  const scale = fraction.length - Number(power);
  return scale >= 0 ? { units: BigInt(digits), scale } : { units: BigInt(digits) * 10n ** BigInt(-scale), scale: 0 };
}

function aligned(left, right) {
  const [a, b] = [exact(left), exact(right)];
  const scale = Math.max(a.scale, b.scale);
  return [a, b].map((it) => it.units * 10n ** BigInt(scale - it.scale));
}

/** JSON with its numbers as strings, as they are written: JavaScript would round them. */
const numbersAsText = (json) => JSON.parse(json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (it) => (it[0] === '"' ? it : `"${it}"`)));

const at = (value, pointer) =>
  pointer.split("/").slice(1).reduce((owner, name) => owner[name.replaceAll("~1", "/").replaceAll("~0", "~")], value);

/** Integers by a keyword of our own, exactly as the others: 20.0000000000000009 is none, though JavaScript reads 20. */
const exactIntegers = (_, it) => (it?.type === "integer" ? { ...it, type: "number", isInteger: 1 } : it);

let numbers; // of the text that is being validated

function validator(schema) {
  const ajv = new Ajv({ strict: false, validateSchema: false });
  addFormats(ajv);
  const rules = {
    minimum: ([a, b]) => a >= b,
    maximum: ([a, b]) => a <= b,
    exclusiveMinimum: ([a, b]) => a > b,
    exclusiveMaximum: ([a, b]) => a < b,
    multipleOf: ([a, b]) => a % b === 0n,
    isInteger: ([a, b]) => a % b === 0n,
  };
  for (const [keyword, holds] of Object.entries(rules)) {
    ajv.removeKeyword(keyword);
    ajv.addKeyword({
      keyword,
      type: "number",
      validate: (bound, _, __, place) => holds(aligned(at(numbers, place.instancePath), String(bound))),
    });
  }
  return ajv.compile(schema);
}

let checked = 0;
const faults = [];
for await (const line of createInterface({ input: createReadStream(process.argv[2]), crlfDelay: Infinity })) {
  const { seed, schema, texts } = JSON.parse(line, exactIntegers);
  const isValid = validator(schema);
  for (const text of texts) {
    checked += 1;
    try {
      const value = JSON.parse(text);
      numbers = numbersAsText(text);
      if (!isValid(value)) faults.push({ seed, errors: isValid.errors, text, schema });
    } catch (fault) {
      faults.push({ seed, errors: String(fault), text, schema });
    }
  }
}
assert.equal(faults.length, 0, faults.slice(0, 10).map((fault) => JSON.stringify(fault)).join("\n"));
console.log(`${checked} checked: all checks hold`);
