// Checks forms against the published schema with npm ajv.
//   node ajv.mjs SCHEMA FORMS     FORMS: one form as JSON a line; prints true or false for each, a line a form
import { readFile } from "node:fs/promises";
import Ajv2020 from "ajv/dist/2020.js";

const [schema, forms] = process.argv.slice(2);
const validate = new Ajv2020({ strict: true }).compile(JSON.parse(await readFile(schema, "utf8")));
const lines = (await readFile(forms, "utf8")).trimEnd().split("\n");
console.log(lines.map((line) => validate(JSON.parse(line))).join("\n"));
