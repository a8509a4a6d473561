// OpenAI's OpenAPI document as JSON Schemas that answers can be checked against.
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse } from "yaml";

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// The document says 3.1 and still has 3.0's `nullable`, which JSON Schema does not know: such a schema also takes null.
// A discriminator only helps to choose a branch of oneOf and allows nothing more, so it goes.
function asJsonSchema(node) {
  if (Array.isArray(node)) return node.map(asJsonSchema);
  if (!isObject(node)) return node;
  const { nullable, discriminator, ...rest } = node;
  if (isObject(nullable)) rest.nullable = nullable; // a property of that name
  if (isObject(discriminator) && typeof discriminator.propertyName !== "string") rest.discriminator = discriminator;
  const schema = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, asJsonSchema(value)]));
  return nullable === true ? { anyOf: [schema, { type: "null" }] } : schema;
}

export class Document {
  #ajv;
  #compiled = new Map();

  constructor(path) {
    this.content = parse(readFileSync(path, "utf8"), { maxAliasCount: -1 });
    this.#ajv = new Ajv({ strict: false, allErrors: true, verbose: true });
    addFormats(this.#ajv);
    this.#ajv.addFormat("unixtime", { type: "number", validate: Number.isInteger });
    this.#ajv.addSchema({ components: { schemas: asJsonSchema(this.content.components.schemas) } }, "document");
  }

  get version() {
    return this.content.info.version;
  }

  // What is wrong with a value, by the component schema of this name: path, what it has to be, what it is.
  faults(schema, value) {
    if (!this.#compiled.has(schema)) {
      const pointer = `document#/components/schemas/${schema}`;
      this.#compiled.set(schema, this.#ajv.compile({ $ref: pointer }));
    }
    const validate = this.#compiled.get(schema);
    if (validate(value)) return [];
    return validate.errors.map((e) => ({ path: e.instancePath || "/", message: e.message, value: e.data }));
  }
}
