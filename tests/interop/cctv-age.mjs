// Writes every file of npm cctv-age, the whole age testkit, into a folder: node cctv-age.mjs FOLDER
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as files from "cctv-age";

const [folder] = process.argv.slice(2);
for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
