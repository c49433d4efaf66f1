// Writes the contracts' ABIs as TypeScript, from which Ponder infers the types of events.
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'

mkdirSync('abis', {recursive: true})
for (const file of process.argv.slice(2)) {
    const name = file.split('/').at(-1).replace('.json', '')
    writeFileSync(`abis/${name}.ts`, `export const ${name} = ${String(readFileSync(file)).trim()} as const\n`)
}
